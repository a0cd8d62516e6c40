// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package man

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// command is a small program.
func command() *cobra.Command {
	run := func(*cobra.Command, []string) {}
	root := &cobra.Command{Use: "tool", Short: "Do things", Run: run}
	root.PersistentFlags().StringP("namespace", "n", "", "where `NAME` is")
	look := &cobra.Command{
		Use: "look WHAT", Aliases: []string{"see"}, Short: "Look at it", Run: run,
		Long:    "Look at it,\nlong.\n\n  a\\b   --c\n\nThen go.",
		Example: "  tool look a\n\n  # '.' is a folder\n  tool look .\n  . tool",
	}
	look.Flags().Int("tail", 10, "how many lines")
	look.Flags().Bool("all", false, "all of it")
	look.Flags().String("secret", "", "not shown")
	_ = look.Flags().MarkHidden("secret")
	root.AddCommand(look, &cobra.Command{Use: "hidden", Hidden: true, Run: run})
	return root
}

func TestAPageHasWhatTheCommandHas(t *testing.T) {
	t.Parallel()
	want := `.TH "TOOL\-LOOK" "1" "" "v1" "tool"
.SH "NAME"
tool\-look \- look at it
.SH "SYNOPSIS"
.nf
tool look WHAT [flags]
.fi
.SH "DESCRIPTION"
Look at it,
long.
.PP
.nf
  a\eb   \-\-c
.fi
.PP
Then go.
.PP
It is also called see.
.SH "OPTIONS"
.TP
.B "\-\-all"
all of it
.TP
.B "\-\-tail int"
how many lines (default 10)
.SH "OPTIONS OF EVERY COMMAND"
.TP
.B "\-n, \-\-namespace NAME"
where NAME is
.SH "EXAMPLES"
.nf
tool look a

# '.' is a folder
tool look .
\&. tool
.fi
.SH "SEE ALSO"
tool(1), kubectl(1)
`
	if diff := cmp.Diff(want, string(Pages(command(), "v1")["tool-look.1"])); diff != "" {
		t.Error(diff)
	}
}

func TestEveryCommandThatIsShownHasAPage(t *testing.T) {
	t.Parallel()
	pages := Pages(command(), "v1")
	if diff := cmp.Diff([]string{"tool-look.1", "tool.1"}, slices.Sorted(maps.Keys(pages))); diff != "" {
		t.Error(diff)
	}
	for _, says := range []string{".SH \"COMMANDS\"\n.TP\n.B \"look\"\nLook at it.\n", ".SH \"EXIT STATUS\"\n", "tool\\-look(1)"} {
		if !strings.Contains(string(pages["tool.1"]), says) {
			t.Errorf("the page of the program does not say %q:\n%s", says, pages["tool.1"])
		}
	}
}
