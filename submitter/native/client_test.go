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

func TestNumbersAreReadAndWrittenAsInJava(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"1g": 1 << 30, "512": 512 << 20, "1048576k": 1 << 30, "4GB": 4 << 30, " 2T ": 2 << 40, "17b": 17, "1p": 1 << 50,
		"": -1, "1.5g": -1, "-1g": -1, "g": -1, "1x": -1, "99999999999999p": -1, "1 g": -1,
	} {
		got, ok := byteString(text, 20)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
	for want, number := range map[string]float64{
		"0.1": 0.1, "0.4": 0.4, "1.0": 1, "0.25": 0.25, "0.001": 0.001, "1.0E-4": 0.0001, "1.25E7": 12500000, "9999999.0": 9999999, "0.0": 0,
	} {
		if got := javaDouble(number); got != want {
			t.Errorf("%v is written %s, want %s", number, got, want)
		}
	}
}

func TestLocalDirsAreSplitAsInJava(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{"/a": {"/a"}, "/a,/b": {"/a", "/b"}, "/a,,/b,,": {"/a", "", "/b"}, ",": nil, "": {""}} {
		if diff := cmp.Diff(want, javaSplit(text)); diff != "" {
			t.Errorf("%q: -want +got:\n%s", text, diff)
		}
	}
}

func TestThePythonOfTheConfigurationComesBeforeTheLaunchers(t *testing.T) {
	t.Parallel()
	env := map[string]string{"PYSPARK_PYTHON": "e", "PYSPARK_DRIVER_PYTHON": "d"}
	for name, test := range map[string]struct {
		env  map[string]string
		conf []string
		want []string
	}{
		"none":                       {nil, nil, nil},
		"the launcher's":             {env, nil, []string{"e", "d"}},
		"the launcher's for both":    {map[string]string{"PYSPARK_PYTHON": "e"}, nil, []string{"e", "e"}},
		"the configuration's":        {env, []string{"--conf", "spark.pyspark.python=c"}, []string{"c", "c"}},
		"the configuration's driver": {env, []string{"--conf", "spark.pyspark.driver.python=c"}, []string{"e", "c"}},
	} {
		in := inputOf(t, "4.0.5", append(test.conf, "local:///main.py")...)
		in.Launcher.Env = test.env
		d := initialSpec(newDriverConf(in))
		pythonEnv(newDriverConf(in), d)
		var got []string
		for _, variable := range d.container.Env {
			got = append(got, variable.Value)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestAClaimIsOfTheApplicationAndOfTheModeOfItsVersion(t *testing.T) {
	t.Parallel()
	const prefix = confDriverVolumes + "persistentVolumeClaim.v."
	for version, want := range map[string][]string{
		"3.3.4": {"ReadWriteOnce", "ReadWriteOnce"}, "3.5.9": {"ReadWriteOnce", "ReadWriteOncePod"}, "4.0.5": {"ReadWriteOncePod", "ReadWriteOncePod"},
	} {
		for i, legacy := range []string{"", "false"} {
			argv := []string{
				"--conf", prefix + mountPath + "=/v", "--conf", prefix + optionClaim + "=a-OnDemand", "--conf", prefix + optionStorageClass + "=", "--conf", prefix + optionSize + "=1Gi",
				"--conf", prefix + "label." + labelApplication + "=mine", "local:///main.py",
			}
			if legacy != "" {
				argv = append([]string{"--conf", confOldAccessMode + "=" + legacy}, argv...)
			}
			c := newDriverConf(inputOf(t, version, argv...))
			made := claim(c, volumesUnder(c, confDriverVolumes)[0], "name")
			got := []string{string(made.Spec.AccessModes[0]), made.Labels[labelApplication]}
			if diff := cmp.Diff([]string{want[i], "spark-0"}, got); diff != "" || c.wrong != nil {
				t.Errorf("%s, %q: %v -want +got:\n%s", version, legacy, c.wrong, diff)
			}
		}
	}
}

func TestAFormerKeyCountsWhereTheNewOneIsNotSet(t *testing.T) {
	t.Parallel()
	old := inputOf(t, "4.0.5", "--conf", "spark.yarn.driver.memoryOverhead=1g", "local:///main.py")
	if got := driverMemory(newDriverConf(old)); got != 2048 {
		t.Errorf("%d MiB", got)
	}
	both := inputOf(t, "4.0.5", "--conf", "spark.yarn.driver.memoryOverhead=1g", "--conf", confMemoryOverhead+"=2g", "local:///main.py")
	if got := driverMemory(newDriverConf(both)); got != 3072 {
		t.Errorf("%d MiB", got)
	}
}

func TestReferencesAreResolvedWhereSparkResolvesThem(t *testing.T) {
	t.Parallel()
	s := settings{
		values: map[string]string{
			"spark.a": "x-${spark.b}-${env:E}-${other}-${spark.none}-${system:s}", "spark.b": "y${spark:c}", "spark.c": "z",
			"spark.loop": "${spark.loop}!",
		},
		env: map[string]string{"E": "e"},
	}
	if got, want := s.text("spark.a", ""), "x-y${spark:c}-e-${other}-${spark.none}-${system:s}"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if raw, _ := s.raw("spark.b"); raw != "y${spark:c}" {
		t.Errorf("%q", raw)
	}
	if s.wrong != nil {
		t.Error(s.wrong)
	}
	s.text("spark.loop", "")
	if said := refusalOf(t, s.wrong); !strings.Contains(said, "refers to itself") {
		t.Error(said)
	}
}
