// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sparkctl/sparkctl/submitter"
)

// What is written is read again, by the reader that has been compared with java.util.Properties.
func TestPropertiesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	odd := rapid.SampledFrom([]rune(" \t\r\n\f\\=:#!abcé東😀${}\"'"))
	text := rapid.Custom(func(t *rapid.T) string { return rapid.StringOfN(odd, 0, 12, -1).Draw(t, "text") })
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]string{}
		for range rapid.IntRange(0, 6).Draw(t, "properties") {
			// Blanks at both ends of a value are taken away by Spark's reader, not by Java's.
			value := strings.TrimFunc(text.Draw(t, "value"), func(r rune) bool { return r <= ' ' })
			want["spark."+text.Draw(t, "key")] = value
		}
		written := properties("comment", time.UnixMilli(0), want)
		if diff := cmp.Diff(want, submitter.ParseProperties(written)); diff != "" {
			t.Errorf("-want +got:\n%s\n%s", diff, written)
		}
	})
}

func TestPropertiesAreWrittenAsJavaWritesThem(t *testing.T) {
	t.Parallel()
	got := properties("of a ConfigMap", time.Date(2026, 11, 1, 9, 5, 7, 0, time.FixedZone("", 3600)), map[string]string{
		"spark.b": "  two blanks ", "spark.a key": "k8s://https://h:1", "spark.c": "", "spark.é": "é\t\\", "spark.=": "a\nb",
	})
	want := `#of a ConfigMap
#Sun Nov 01 08:05:07 UTC 2026
spark.\==a\nb
spark.a\ key=k8s\://https\://h\:1
spark.b=\  two blanks 
spark.c=
spark.é=é\t\\
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheLaunchersFilesGoAlongAsLongAsThereIsRoom(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{
		"small": []byte("12345"), "equal": []byte("12345"), "large": []byte(strings.Repeat("x", 50)), "huge": []byte(strings.Repeat("x", 200)),
		"binary": {0xff, 0xfe}, "a.template": []byte("t"), "lib.jar": []byte("j"), "spark-defaults.conf": []byte("d"), "spark-env.sh": []byte("e"), "spark.properties": []byte("p"),
	}
	for limit, want := range map[string][]string{
		"10":      nil,
		"11":      {"equal"},
		"34":      {"equal", "small", "spark-env.sh"},
		"100":     {"equal", "large", "small", "spark-env.sh"},
		"1048576": {"equal", "huge", "large", "small", "spark-env.sh"},
	} {
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			in := inputOf(t, "4.0.5", "--conf", confMapSize+"="+limit, "local:///main.py")
			in.Launcher.Conf = files
			c := newDriverConf(in)
			if diff := cmp.Diff(want, sorted(confFilesOf(c))); diff != "" || c.wrong != nil {
				t.Errorf("%v -want +got:\n%s", c.wrong, diff)
			}
		})
	}
}
