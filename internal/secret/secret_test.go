// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package secret

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamed(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"spark.hadoop.fs.s3a.secret.key":               true,
		"spark.hadoop.fs.s3a.access.key":               true,
		"spark.kubernetes.driverEnv.AWS_SECRET":        true,
		"spark.ssl.keyPassword":                        true,
		"--db-passwd":                                  true,
		"spark.authenticate.secret":                    true,
		"spark.kubernetes.authenticate.oauthToken":     true,
		"spark.x.credentials":                          true,
		"--api-key":                                    true,
		"MY_APIKEY":                                    true,
		"spark.kubernetes.namespace":                   false,
		"spark.kubernetes.container.image":             false,
		"spark.kubernetes.driver.label.key":            false,
		"spark.executor.instances":                     false,
		"--class":                                      false,
		"spark.kubernetes.driver.pod.name":             false,
		"spark.kubernetes.driver.podTemplateFile":      false,
		"spark.kubernetes.authenticate.driver.account": false,
	} {
		if got := Named(key); got != want {
			t.Errorf("Named(%q) = %t", key, got)
		}
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	const masked = "*********(redacted)"
	for name, test := range map[string]struct{ argv, want []string }{
		"a configuration whose key names a secret":             {[]string{"--conf", "spark.x.password=a=b"}, []string{"--conf", "spark.x.password=" + masked}},
		"one whose value names a secret, as Java options do":   {[]string{"--conf", "spark.driver.extraJavaOptions=-Da=b -Dmy.password=hunter2"}, []string{"--conf", "spark.driver.extraJavaOptions=" + masked}},
		"one that names none stays":                            {[]string{"--conf", "spark.kubernetes.namespace=jobs"}, []string{"--conf", "spark.kubernetes.namespace=jobs"}},
		"the word after such an option is masked whole":        {[]string{"--token", "a=secret"}, []string{"--token", masked}},
		"an option of the application's, in both spellings":    {[]string{"app.jar", "--token", "x", "--token=x"}, []string{"app.jar", "--token", masked, "--token=" + masked}},
		"the word after a masked option is not masked as well": {[]string{"--token=x", "y"}, []string{"--token=" + masked, "y"}},
		"a word that is no option says nothing of the next":    {[]string{"password", "reset"}, []string{"password", "reset"}},
		"a secret without a value":                             {[]string{"--conf", "spark.x.password="}, []string{"--conf", "spark.x.password="}},
		"the password of a URL":                                {[]string{"--jars", "https://me:hunter2@host:8/a.jar,https://host:8/me@b.jar", "jdbc:x://:p@h/d"}, []string{"--jars", "https://me:" + masked + "@host:8/a.jar,https://host:8/me@b.jar", "jdbc:x://:" + masked + "@h/d"}},
		"nothing":                                              {nil, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := slices.Clone(test.argv)
			if diff := cmp.Diff(test.want, Redact(test.argv)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(before, test.argv); diff != "" {
				t.Errorf("the argument changed, -before +after:\n%s", diff)
			}
		})
	}
}

func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		"fs.s3a.secret.key=abc/def+1 and more":            "fs.s3a.secret.key=*********(redacted) and more",
		`{"token": "abcdef"}`:                             `{"token": "*********(redacted)"}`,
		`{"password": "two \" words, one", "user": "u"}`:  `{"password": "*********(redacted)", "user": "u"}`,
		`password: 'it is secret' for 'u'`:                `password: '*********(redacted)' for 'u'`,
		`"{\"token\": \"abcdef\"}"`:                       `"{\"token\": \"*********(redacted)"}"`,
		"x-token: Bearer abcdefgh.ijkl":                   "x-token: *********(redacted) *********(redacted)",
		"(password=abc) and password=*********(redacted)": "(password=*********(redacted)) and password=*********(redacted)",
		"Authorization: Bearer abcdefgh.ijkl":             "Authorization: Bearer *********(redacted)",
		"key AKIAIOSFODNN7EXAMPLE is known":               "key *********(redacted) is known",
		"https://user:pw@host/path":                       "https://user:*********(redacted)@host/path",
		"the tokenizer failed at 10:22:33, no secrets":    "the tokenizer failed at 10:22:33, no secrets",
	} {
		if got := Mask(text); got != want {
			t.Errorf("Mask(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ pattern, key, value, want string }{
		"a key that ours know":                             {"", "spark.x.password", "v", Masked},
		"a key that the user's pattern knows":              {"(?i)badge", "spark.x.badge", "v", Masked},
		"a key that ours know, with a pattern of the user": {"(?i)badge", "spark.x.password", "v", Masked},
		"a value that the user's pattern knows":            {"(?i)badge", "spark.x", "-Dbadge=v", Masked},
		"a key that nobody knows":                          {"(?i)badge", "spark.x", "v", "v"},
		"a pattern that only Java can read":                {"(?!x)y", "spark.x", "v", Masked},
		"an empty value":                                   {"", "spark.x.password", "", ""},
		"a password in a URL":                              {"", "spark.x", "https://me:hunter2@host/", "https://me:" + Masked + "@host/"},
		"the name of a Secret and its key":                 {"", "spark.kubernetes.driver.secretKeyRef.DB_PASSWORD", "db:password", "db:password"},
		"where a Secret is mounted":                        {"", "spark.kubernetes.executor.secrets.db-secret", "/etc/secret", "/etc/secret"},
		"names of pull secrets":                            {"", "spark.kubernetes.container.image.pullSecrets", "registry", "registry"},
		"a class that provides credentials":                {"", "spark.hadoop.fs.s3a.bucket.raw.aws.credentials.provider", "org.example.Provider", "org.example.Provider"},
		"the pattern itself":                               {"(?i)secret", "spark.redaction.regex", "(?i)secret", "(?i)secret"},
		"a reference that the user's pattern masks":        {"secrets", "spark.kubernetes.driver.secrets.db", "/etc/db", Masked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := With(test.pattern)
			if got := rules.Value(test.key, test.value); got != test.want {
				t.Errorf("Value(%q, %q) = %q, want %q", test.key, test.value, got, test.want)
			}
			if diff := cmp.Diff([]string{"--conf", test.key + "=" + test.want}, rules.Redact([]string{"--conf", test.key + "=" + test.value})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
