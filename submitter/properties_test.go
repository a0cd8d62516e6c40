// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// Every expectation of this table is what java.util.Properties.load and Spark's
// trimExceptCRLF made of the text in a JVM (Java 17), the malformed escapes apart.
func TestParseProperties(t *testing.T) {
	t.Parallel()
	type m = map[string]string
	for name, test := range map[string]struct {
		text string
		want m
	}{
		"= ends a key":                                            {"spark.a=b", m{"spark.a": "b"}},
		": ends a key":                                            {"spark.a:b", m{"spark.a": "b"}},
		"a blank ends a key":                                      {"spark.a b", m{"spark.a": "b"}},
		"a tab ends a key":                                        {"spark.a\tb", m{"spark.a": "b"}},
		"a form feed ends a key":                                  {"spark.a\fb", m{"spark.a": "b"}},
		"a vertical tab does not":                                 {"spark.a\vb=c", m{"spark.a\vb": "c"}},
		"blanks around the separator do not count":                {"  spark.a : b ", m{"spark.a": "b"}},
		"blanks within a value do":                                {"spark.a   b  c", m{"spark.a": "b  c"}},
		"the second separator is of the value":                    {"spark.a==b\nspark.b=:c\nspark.c : : d\nspark.d  = = e", m{"spark.a": "=b", "spark.b": ":c", "spark.c": ": d", "spark.d": "= e"}},
		"a key alone has an empty value":                          {"spark.a\nspark.b=\nspark.c=\\", m{"spark.a": "", "spark.b": "", "spark.c": ""}},
		"the last value of a key counts":                          {"spark.a=1\nspark.a=2", m{"spark.a": "2"}},
		"keys of others do not count":                             {"other=1\nsparky=1\n=x\n\\ spark.b=1\nspark.a=b\nspark.=x", m{"spark.a": "b", "spark.": "x"}},
		"comments and blank lines are skipped":                    {"# spark.a=b\n! spark.b=c\n   # x\n\n \t\n", m{}},
		"a comment begins a line only":                            {"spark.a=b # c", m{"spark.a": "b # c"}},
		"a comment is not continued":                              {"# c\\\nspark.a=b", m{"spark.a": "b"}},
		"a line is continued without the next one's indent":       {"spark.a=b\\\n   c", m{"spark.a": "bc"}},
		"a key is continued too":                                  {"spark.\\\n  a\\\n=b", m{"spark.a": "b"}},
		"a blank line ends a continuation":                        {"spark.a=b\\\n\nspark.c=d\\\n   \nspark.e=f", m{"spark.a": "b", "spark.c": "d", "spark.e": "f"}},
		"a comment within a continuation is none":                 {"spark.a=b\\\n# c\nspark.d=e\\\n!f", m{"spark.a": "b# c", "spark.d": "e!f"}},
		"a comment after nothing that is continued is one":        {"\\\n# c\\\nspark.a=b", m{"spark.a": "b"}},
		"several continuations are one line":                      {"spark.a=\\\n\\\n b", m{"spark.a": "b"}},
		"an empty line may be continued":                          {"   \\\n  spark.a=b", m{"spark.a": "b"}},
		"an even number of backslashes continues nothing":         {"spark.a=b\\\\\nspark.c=d", m{"spark.a": "b\\", "spark.c": "d"}},
		"an odd number does":                                      {"spark.a=b\\\\\\\nc", m{"spark.a": "b\\c"}},
		"a backslash at the end of the file is dropped":           {"spark.a=b\\", m{"spark.a": "b"}},
		"two are one":                                             {"spark.a=b\\\\", m{"spark.a": "b\\"}},
		"lines may end as on Windows":                             {"spark.a=b\r\nspark.c=d\\\r\n  e\r\n", m{"spark.a": "b", "spark.c": "de"}},
		"lines may end as on an old Mac":                          {"spark.a=b\rspark.c=d\\\r", m{"spark.a": "b", "spark.c": "d"}},
		"escapes that mean a control character":                   {`spark.a=x\t\n\r\fx`, m{"spark.a": "x\t\n\r\fx"}},
		"a backslash before another character is dropped":         {`spark.a=\b\q\\`, m{"spark.a": `bq\`}},
		"an escaped separator is of the key":                      {`spark.a\:b=c` + "\n" + `spark.a\=b=c` + "\n" + `spark.a\ b=c`, m{"spark.a:b": "c", "spark.a=b": "c", "spark.a b": "c"}},
		"a separator written in hexadecimal is of the key":        {`spark.a\u003Db=c`, m{"spark.a=b": "c"}},
		"characters in hexadecimal":                               {`spark.\u0061=\u0041\u00e9\u20AC`, m{"spark.a": "Aé€"}},
		"two halves of a pair are one character":                  {`spark.a=\uD83D\uDE00!`, m{"spark.a": "😀!"}},
		"half a pair is no character":                             {`spark.a=\uD83Dx\uDE00`, m{"spark.a": "\ufffdx\ufffd"}},
		"an escaped backslash is no escape":                       {`spark.a=\\u0041`, m{"spark.a": `\u0041`}},
		"a malformed escape is a letter like others":              {`spark.a=\u00` + "\n" + `spark.b=\uzzzz` + "\n" + `spark.c=\u`, m{"spark.a": "u00", "spark.b": "uzzzz", "spark.c": "u"}},
		"letters beyond ASCII stand for themselves":               {"spark.a=é😀", m{"spark.a": "é😀"}},
		"a value is trimmed, whatever way its blanks are written": {`spark.a=\u0020\tb\u0001\u0020`, m{"spark.a": "b"}},
		"but not of line ends":                                    {`spark.a=\n b \r`, m{"spark.a": "\n b \r"}},
		"nor of blanks beyond ASCII":                              {"spark.a=\u00a0b\u3000", m{"spark.a": "\u00a0b\u3000"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, ParseProperties(test.text)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestPropertiesThatJavaCannotReadAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`spark.a=\u00e9\\u`:     "",
		"# \\u\nspark.a=b\\\nc": "",
		`spark.a=\u12`:          `spark.a: a \u without four hexadecimal digits behind it`,
		"other \\uzzzz":         `other: a \u without four hexadecimal digits behind it`,
		"spark.a=\\u00\\\n e9":  "",
		`spark.\u+123=1`:        `spark.\u+123: a \u without four hexadecimal digits behind it`,
		`spark.a=\u`:            `spark.a: a \u without four hexadecimal digits behind it`,
	} {
		if got := refused(t, CheckProperties(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestPropertiesOfAFileWeighLessThanArguments(t *testing.T) {
	t.Parallel()
	app, err := ParseArguments([]string{"--name", "argument", "-c", "spark.a=argument", "app.jar"})
	if err != nil {
		t.Fatal(err)
	}
	file := map[string]string{"spark.a": "file", "spark.app.name": "file", "spark.b": "file"}
	defaults := map[string]string{"spark.b": "default", "spark.c": "default"}
	got := app.WithProperties(file).WithProperties(defaults).WithProperties(nil)
	want := map[string]string{"spark.a": "argument", "spark.app.name": "argument", "spark.b": "file", "spark.c": "default"}
	if diff := cmp.Diff(want, got.Conf); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"spark.a": "argument", "spark.app.name": "argument"}, app.Conf); diff != "" {
		t.Errorf("the application that it was made from changed, -want +got:\n%s", diff)
	}
	if len(file) != 3 || len(defaults) != 2 {
		t.Errorf("the properties changed: %v %v", file, defaults)
	}
}

func TestPropertiesFilesComeInTheOrderOfTheirWeight(t *testing.T) {
	t.Parallel()
	for argv, want := range map[string][]string{
		"app.jar": nil,
		"--properties-file a --properties-file b app.jar":                                        {"b"},
		"--extra-properties-file x app.jar --properties-file a":                                  {"x"},
		"--extra-properties-file x --properties-file a --extra-properties-file=y --name n z.jar": {"y", "x", "a"},
	} {
		app, err := ParseArguments(strings.Fields(argv))
		if diff := cmp.Diff(want, app.PropertiesFiles()); diff != "" || err != nil {
			t.Errorf("%s: %v -want +got:\n%s", argv, err, diff)
		}
	}
}

func FuzzParseProperties(f *testing.F) {
	f.Add("spark.a=b\\\n # c\r\n!x\nspark.\\u0061:\\uD83D\\uDE00\\")
	f.Add("\\\n\\")
	f.Add("spark.a=\\u\nspark.b=\\u12")
	f.Fuzz(func(t *testing.T, text string) {
		for key, value := range ParseProperties(text) {
			if !strings.HasPrefix(key, "spark.") {
				t.Errorf("key %q is not Spark's", key)
			}
			if utf8.ValidString(text) && !utf8.ValidString(key+value) {
				t.Errorf("%q: %q is no valid text, though the file is", key, value)
			}
		}
	})
}
