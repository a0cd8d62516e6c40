// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/sparkctl"
	"github.com/sparkctl/sparkctl/submitter"
)

// commandStart is how a command line begins: with our programs, and those that the pages use beside them.
const commandStart = `(?:(?:[A-Z_]+=\S+ +)*(?:sparkctl|submitter|sensor|kubectl|make|go|git|docker|podman|buildah|pip|export|ln|source|sed)|hack/[a-z./-]+) `

// root is the repository's root, seen from this package's folder.
const root = "../.."

// A docBlock is a block of commands on a page.
type docBlock struct {
	page string
	line int
	text string
	// says is the block of text right below it.
	says string
}

func (b docBlock) String() string { return fmt.Sprintf("%s:%d", b.page, b.line) }

var (
	shellFence  = regexp.MustCompile("(?ms)^[ \t]*```sh\n(.*?)^[ \t]*```[ \t]*$")
	textFence   = regexp.MustCompile("(?s)^\\s*```text\n(.*?)\n```\n")
	otherFence  = regexp.MustCompile("(?ms)^[ \t]*```.*?^[ \t]*```[ \t]*$")
	inSpan      = regexp.MustCompile("`(" + commandStart + "[^`]+|\\.ci/run)`")
	onALine     = regexp.MustCompile(`(?m)^(?: {4,}|\$ )` + commandStart + `.+|^[ \t]*` + "```(?:bash|shell|console)$")
	namedFlag   = regexp.MustCompile("`(--[a-z][a-z-]*)[^`\n]*`")
	ourPrograms = []string{"sparkctl", "submitter", "sensor"}
)

// pages are the pages that people read: everything in Markdown but the history, which tells of what was.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (path != root && strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"dist", "bin", "testdata"}, entry.Name())):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".md" || entry.Name() == "CHANGELOG.md":
			return nil
		}
		text, err := os.ReadFile(path)
		found[strings.TrimPrefix(filepath.ToSlash(path), root+"/")] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("only %d pages were found", len(found))
	}
	return found
}

// blocks are the blocks of shell commands of a page.
func blocks(page, text string) []docBlock {
	var found []docBlock
	for _, at := range shellFence.FindAllStringSubmatchIndex(text, -1) {
		says := ""
		if below := textFence.FindStringSubmatch(text[at[1]:]); below != nil {
			says = below[1]
		}
		found = append(found, docBlock{page, strings.Count(text[:at[0]], "\n") + 2, text[at[2]:at[3]], says})
	}
	return found
}

// inSentences are the command lines that stand in sentences.
func inSentences(text string) []string {
	text = strings.ReplaceAll(otherFence.ReplaceAllString(text, ""), "\n", " ")
	var found []string
	for _, span := range inSpan.FindAllStringSubmatch(text, -1) {
		found = append(found, span[1])
	}
	return found
}

// ours is the command line as one of our programs gets it, the program's name first; nil if it is not for one of ours.
func ours(words []string) []string {
	if len(words) > 1 && words[0] == "kubectl" && words[1] == "spark" {
		return append([]string{"sparkctl"}, words[2:]...)
	}
	if program := filepath.Base(words[0]); slices.Contains(ourPrograms, program) {
		return append([]string{program}, words[1:]...)
	}
	return nil
}

// Every command line of ours on every page, in a block or in a sentence, has a sub-command and flags that exist; in a
// block also arguments that the command takes, and spark-submit's arguments where it passes them on.
func TestCommandsInTheDocumentationExist(t *testing.T) {
	t.Parallel()
	checked := 0
	for page, text := range pages(t) {
		for _, block := range blocks(page, text) {
			for _, line := range shellCommands(block.text) {
				if words := ours(line.words); words != nil {
					checked++
					if err := parse(words, true); err != nil {
						t.Errorf("%s: %s: %v", block, strings.Join(words, " "), err)
					}
				}
			}
		}
		for _, span := range inSentences(text) {
			for _, line := range shellCommands(span) {
				if words := ours(line.words); words != nil && !strings.Contains(span, "frobnicate") {
					checked++
					if err := parse(words, false); err != nil {
						t.Errorf("%s: %s: %v", page, span, err)
					}
				}
			}
		}
		for _, line := range onALine.FindAllString(otherFence.ReplaceAllString(text, ""), -1) {
			t.Errorf("%s: commands stand in blocks that begin with ```sh, where tests find them, and not as %s", page, line)
		}
	}
	t.Logf("%d command lines", checked)
	if checked < 80 {
		t.Errorf("only %d command lines were found", checked)
	}
}

// A flag that a sentence names is one of our programs', or of spark-submit's options, which two of them take.
func TestFlagsInTheDocumentationExist(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, option := range submitter.Options() {
		known[option.Name] = true
	}
	note := func(f *pflag.Flag) { known["--"+f.Name] = true }
	var look func(*cobra.Command)
	look = func(cmd *cobra.Command) {
		cmd.InitDefaultHelpFlag()
		cmd.Flags().VisitAll(note)
		cmd.PersistentFlags().VisitAll(note)
		for _, sub := range cmd.Commands() {
			look(sub)
		}
	}
	for _, program := range ourPrograms {
		cmd, err := command(program)
		if err != nil {
			t.Fatal(err)
		}
		look(cmd)
	}
	for page, text := range pages(t) {
		for _, flag := range namedFlag.FindAllStringSubmatch(otherFence.ReplaceAllString(text, ""), -1) {
			if !known[flag[1]] && page != "hack/cluster/README.md" { // which is about a program of its own
				t.Errorf("%s: there is no %s", page, flag[1])
			}
		}
	}
}

func TestParseRefusesWhatDoesNotExist(t *testing.T) {
	t.Parallel()
	for line, fine := range map[string]bool{
		"sparkctl list -n jobs --state failed":           true,
		"sparkctl list --stat failed":                    false,
		"sparkctl -n jobs lst":                           false,
		"sparkctl status":                                false,
		"sparkctl logs pi --tail ten":                    false,
		"sparkctl submit -- --class A local:///a.jar":    true,
		"sparkctl submit -- --kind A local:///a.jar":     false,
		"submitter --run-key k -- --class A local:///a":  true,
		"submitter --run-kei k -- --class A local:///a":  false,
		"submitter rbac --engine native":                 true,
		"sensor --pod a --follow":                        false,
		"kubectl spark kill pi --grace-period 1":         true,
		"kubectl spark kill pi --grace-period 1 --froce": false,
	} {
		if err := parse(ours(strings.Fields(line)), true); (err == nil) != fine {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// parse reads a command line as the program does that it is for, without running it; with strict, what is no flag too.
func parse(words []string, strict bool) error {
	cmd, err := command(words[0])
	if err != nil {
		return err
	}
	found, rest, err := cmd.Find(words[1:])
	if err != nil {
		return err
	}
	if err := found.ParseFlags(rest); err != nil {
		// A sentence may name a flag without a value.
		_, named := errors.AsType[*pflag.ValueRequiredError](err)
		if errors.Is(err, pflag.ErrHelp) || named && !strict {
			return nil
		}
		return err
	}
	args, dashes := found.Flags().Args(), found.ArgsLenAtDash()
	if found == cmd && words[0] == "sparkctl" && len(args) > 0 {
		return fmt.Errorf("there is no command %q", args[0])
	}
	if !strict {
		return nil
	}
	// The arguments behind the dashes are the application's own for rerun and beside a file.
	file := found.Flags().Lookup("filename")
	if dashes >= 0 && found.Name() != "rerun" && (file == nil || !file.Changed) {
		_, err := submitter.ParseArguments(args[dashes:])
		return cmp.Or(err, found.ValidateRequiredFlags())
	}
	return cmp.Or(found.ValidateArgs(args), found.ValidateRequiredFlags())
}

// command is a program's command line.
func command(program string) (*cobra.Command, error) {
	if program == "sparkctl" {
		env := cli.Env{Program: program, Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard}
		return sparkctl.NewCommand(env), nil
	}
	for _, cmd := range cli.Commands() {
		if cmd.Name() == program {
			return cmd, nil
		}
	}
	return nil, fmt.Errorf("there is no program %q", program)
}
