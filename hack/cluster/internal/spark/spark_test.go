// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package spark

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestCheckVersion(t *testing.T) {
	tests := []struct {
		name, version string
		ok            bool
	}{
		{"the oldest that is supported", "3.3.0", true},
		{"a newer one", "4.3.0", true},
		{"one that is too old", "3.2.4", false},
		{"one of another age", "2.4.8", false},
		{"a line is no release", "4.0", false},
		{"a candidate is no release", "4.1.0rc1", false},
		{"a path is no release", "../4.0.5", false},
		{"nothing is no release", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := CheckVersion(tt.version); (err == nil) != tt.ok {
				t.Errorf("CheckVersion(%q) = %v", tt.version, err)
			}
		})
	}
}

func TestPlace(t *testing.T) {
	tests := []struct {
		name, given, want string
	}{
		{"what Spark ships goes to the top", "pyspark-4.0.5/deps/bin/spark-submit", "bin/spark-submit"},
		{"jars too", "pyspark-4.0.5/deps/jars/a.jar", "jars/a.jar"},
		{"archives of Python go where Spark looks for them", "pyspark-4.0.5/lib/pyspark.zip", "python/lib/pyspark.zip"},
		{"the rest is left out", "pyspark-4.0.5/setup.py", ""},
		{"a path that climbs stays inside or is left out", "pyspark-4.0.5/../../etc/passwd", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := place(tt.given); got != tt.want {
				t.Errorf("place(%q) = %q, want %q", tt.given, got, tt.want)
			}
		})
	}
}

func TestPlaceInImage(t *testing.T) {
	tests := []struct {
		name, given, want string
	}{
		{"an example of PySpark lies where Apache Spark's own images have it", "examples/pi.py", "examples/src/main/python/pi.py"},
		{"in a folder too", "examples/ml/als_example.py", "examples/src/main/python/ml/als_example.py"},
		{"the folder itself is there in any case", "examples", "examples"},
		{"the rest stays", "jars/a.jar", "jars/a.jar"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := placeInImage(tt.given); got != tt.want {
				t.Errorf("placeInImage(%q) = %q, want %q", tt.given, got, tt.want)
			}
		})
	}
}

func TestEqualFoldersMakeEqualLayers(t *testing.T) {
	t.Parallel()
	layer := func() []byte {
		folder := t.TempDir()
		if err := os.MkdirAll(filepath.Join(folder, "bin"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "bin", "run"), []byte("x"), 0o755); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := writeTree(&out, folder, inImage, placeInImage); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	if !bytes.Equal(layer(), layer()) {
		t.Error("two layers of equal folders differ")
	}
}
