// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"strings"
	"testing"
)

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
