// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// An id stands for its placeholder in labels since 4.0, and Spark's version for its own in images since 4.1.
func TestPlaceholdersAreThoseOfTheVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string][]string{
		"3.5.9": {"{{APP_ID}}", "spark-0", "spark:{{SPARK_VERSION}}"},
		"4.0.5": {"spark-0", "spark-0", "spark:{{SPARK_VERSION}}"},
		"4.1.4": {"spark-0", "spark-0", "spark:4.1.4"},
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			c := newDriverConf(inputOf(t, version, "--conf", confImage+"=spark:{{SPARK_VERSION}}", "--conf", confLabels+"run={{APP_ID}}",
				"--conf", "spark.kubernetes.driver.annotation.run={{APP_ID}}{{EXECUTOR_ID}}", "local:///main.py"))
			if diff := cmp.Diff(want, []string{c.labels()["run"], c.annotations()["run"], c.image()}); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Of a proxy user and SPARK_USER, the first counts since Spark 4.3, and the second before.
func TestTheUserIsWhoSparkSaysItIs(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"4.2.1": "somebody", "4.3.0": "alice"} {
		in := inputOf(t, version, "--proxy-user", "alice", "local:///main.py")
		in.Launcher.Env = map[string]string{"SPARK_USER": "somebody"}
		made, err := Build(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := made.Pod.Spec.Containers[0].Env[0].Value; got != want {
			t.Errorf("%s: %q, want %q", version, got, want)
		}
	}
}

func TestNamesAreMadeAsInSpark(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"Nightly ETL (v2)":                {"nightly-etl-v2-id", "nightly-etl-v2"},
		"2 jobs":                          {"x-jobs-id", "2-jobs"},
		" --a__b ":                        {"a-b-id", "a-b"},
		strings.Repeat("a", 62) + "-tail": {strings.Repeat("a", 62) + "-tail-id", strings.Repeat("a", 62)},
		"東京 😀":                            {"id", ""},
	} {
		if diff := cmp.Diff(want, []string{namePrefix(name, "id"), nameLabel(name)}); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
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
		"3.3.4": {"ReadWriteOnce", "ReadWriteOnce"}, "3.4.4": {"ReadWriteOnce", "ReadWriteOncePod"}, "3.5.9": {"ReadWriteOnce", "ReadWriteOncePod"}, "4.0.5": {"ReadWriteOncePod", "ReadWriteOncePod"},
	} {
		for i, legacy := range []string{"", "false"} {
			argv := []string{
				"--conf", prefix + mountPath + "=/v", "--conf", prefix + optionClaim + "=a-OnDemand", "--conf", prefix + optionStorageClass + "=", "--conf", prefix + optionSize + "=1Gi",
				"--conf", prefix + "label." + driver.LabelSelector + "=mine", "local:///main.py",
			}
			if legacy != "" {
				argv = append([]string{"--conf", confOldAccessMode + "=" + legacy}, argv...)
			}
			c := newDriverConf(inputOf(t, version, argv...))
			made := claim(c, volumesUnder(c, confDriverVolumes)[0], "name")
			got := []string{string(made.Spec.AccessModes[0]), made.Labels[driver.LabelSelector]}
			if diff := cmp.Diff([]string{want[i], "spark-0"}, got); diff != "" || c.wrong != nil {
				t.Errorf("%s, %q: %v -want +got:\n%s", version, legacy, c.wrong, diff)
			}
		}
	}
}

// What a step would set is not there when the step is left out, and neither is what the user had set in its place.
func TestTheDriversHostIsTheServicesOrNobodys(t *testing.T) {
	t.Parallel()
	in := inputOf(t, "4.1.4", "--conf", confDriverHost+"=mine", "--conf", confExcludedSteps+"="+features+"DriverServiceFeatureStep", "local:///main.R")
	c := newDriverConf(in)
	if host, set := c.raw(confDriverHost); set {
		t.Errorf("%q", host)
	}
	made, err := Build(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range made.Owned {
		if o.GetObjectKind().GroupVersionKind().Kind == "Service" {
			t.Errorf("%s is made", o.GetName())
		}
	}
}

// A file for R is named in the driver's command and read there: nothing is uploaded for it (Spark: DriverCommandFeatureStep.configureForR).
func TestAFileForRIsTheDriversOwn(t *testing.T) {
	t.Parallel()
	made, err := Build(inputOf(t, "4.0.5", "file:///main.R"))
	if err != nil {
		t.Fatal(err)
	}
	args := made.Pod.Spec.Containers[0].Args
	if last := args[len(args)-1]; last != "file:///main.R" {
		t.Errorf("%q", last)
	}
}

func TestADeviceThatNoneIsAskedOfIsNone(t *testing.T) {
	t.Parallel()
	c := newDriverConf(inputOf(t, "4.0.5", "--conf", confDevices+"gpu.amount=0", "local:///main.py"))
	if asked := devices(c, confDevices); len(asked) != 0 || c.wrong != nil {
		t.Errorf("%v, %v", asked, c.wrong)
	}
}

func TestAPodGroupIsTheTemplatesUnderSparksName(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"4.1.4": "map[]", "4.2.1": "map[queue:etl]"} {
		made, err := Build(inputOf(t, version, "--conf", confSteps+"="+features+"VolcanoFeatureStep", "--conf", confPodGroupJSON+`={"metadata": {"name": "mine"}, "spec": {"queue": "etl"}}`, "local:///main.py"))
		if err != nil {
			t.Fatal(err)
		}
		group, ok := made.Before[0].(*unstructured.Unstructured)
		if !ok {
			t.Fatalf("%T", made.Before[0])
		}
		if got := fmt.Sprint(group.Object["spec"]); got != want || group.GetName() != "spark-0-podgroup" {
			t.Errorf("%s: %s %s, want %s", version, group.GetName(), got, want)
		}
	}
}

// Of two containers of one name none is meant, and the first is taken (Spark: KubernetesUtils.selectSparkContainer).
func TestTheDriversContainerIsTheNamedOneOrTheFirst(t *testing.T) {
	t.Parallel()
	for names, want := range map[string]string{"a b c": "b", "a c": "a", "a b b": "a", "b b": "b", "": ""} {
		pod := &corev1.Pod{}
		for name := range strings.FieldsSeq(names) {
			pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: name})
		}
		before := len(pod.Spec.Containers)
		if taken := takeContainer(pod, "b"); taken.Name != want || before > 0 && len(pod.Spec.Containers) != before-1 {
			t.Errorf("%s: %q, %d left", names, taken.Name, len(pod.Spec.Containers))
		}
	}
}

// Spark before 4.0 looks at neither, and mounts by the path.
func TestOlderVersionsTakeASizeWithoutAUnitAndTwoSubPaths(t *testing.T) {
	t.Parallel()
	const prefix = confDriverVolumes + "emptyDir.v."
	made, err := Build(inputOf(t, "3.5.9", "--conf", prefix+mountPath+"=/v", "--conf", prefix+mountSubPath+"=a", "--conf", prefix+mountSubPathExpr+"=b",
		"--conf", prefix+optionSize+"=10", "local:///main.py"))
	if err != nil {
		t.Fatal(err)
	}
	mount := made.Pod.Spec.Containers[0].VolumeMounts[0]
	if diff := cmp.Diff(corev1.VolumeMount{Name: "v", MountPath: "/v", SubPath: "a"}, mount); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
