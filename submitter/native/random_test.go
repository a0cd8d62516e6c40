// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"pgregory.net/rapid"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
)

// someKeys are keys that steps read, beside one that none reads.
func someKeys() []string {
	return []string{
		"spark.mine", confMemory, confMemoryOverhead, confDriverFactor, confOverheadFactor, confMinOverhead, confCores, confRequestCores, confLimitCores,
		confPullPolicy, confPullSecrets, confScheduler, confDriverPort, confBlockManagerPort, confUIPort, confConnectPort, confDriverPrivileges,
		confLabels + "a", confLabels + "b c", "spark.kubernetes.driver.annotation.x/y", "spark.kubernetes.driverEnv.A", "spark.kubernetes.driver.secrets.s",
		"spark.kubernetes.driver.secretKeyRef.V", "spark.kubernetes.node.selector.n", confFamilies, confFamilyPolicy, confNotReady,
		confDriverVolumes + "emptyDir.v.mount.path", confDriverVolumes + "emptyDir.v.options.sizeLimit", confDriverVolumes + "emptyDir.v.mount.readOnly",
		confDriverVolumes + "persistentVolumeClaim.c.mount.path", confDriverVolumes + "persistentVolumeClaim.c.options.claimName",
		confDriverVolumes + "persistentVolumeClaim.c.options.storageClass", confDriverVolumes + "persistentVolumeClaim.c.options.sizeLimit",
		confDriverVolumes, confDriverVolumes + "x", confExecutorVolumes + "nfs.n.mount.path", confDevices + "gpu.amount", confDevices + "gpu.vendor", confDevices + "gpu",
		confServiceAccount, confCredentials + oauthToken, confMounted + "oauthTokenFile", confHadoopMap, confKrb5Map, confTokenSecret, confTokenKey, confLocalDir, confTmpfs,
		confExcludedSteps, confSteps, confPodGroupJSON, confMapSize, confName, confJars, confFiles, confPyFiles, confSubmitTime, confDriverHost, "spark.redaction.regex",
	}
}

// Whatever is asked for: objects, or a sentence; and what is asked for stands in the driver's configuration.
func TestAnyConfigurationGivesObjectsOrASentence(t *testing.T) {
	t.Parallel()
	odd := []string{
		"", "1", "0", "-1", "1g", "512m", "0.5", "true", "FALSE", "a", "a:b", "a,b", ",", "${spark.mine}", "/x", "local:///x", "s3a://b/x*", "{{APP_ID}}", "OnDemand",
		"é 東", "{", "null", "IPv4", "Never", "(", features + "VolcanoFeatureStep", features + "BasicDriverFeatureStep", strings.Repeat("x", 300),
	}
	rapid.Check(t, func(t *rapid.T) {
		conf := map[string]string{confMaster: "k8s://https://h", confImage: "i"}
		for range rapid.IntRange(0, 12).Draw(t, "settings") {
			conf[rapid.SampledFrom(someKeys()).Draw(t, "key")] = rapid.SampledFrom(odd).Draw(t, "value")
		}
		in := Input{
			Plan: submitter.Plan{Application: submitter.Application{
				Options: []submitter.Option{{Name: "--class", Value: "C"}}, Conf: conf,
				MainFile: rapid.SampledFrom([]string{"local:///a.jar", "local:///a.py", "local:///a.R", noResource}).Draw(t, "main file"),
			}},
			Spark:         rapid.SampledFrom([]Version{oldest(), {3, 5, 9}, {4, 0, 5}, {4, 1, 4}, {4, 2, 1}, newest()}).Draw(t, "version"),
			ApplicationID: "spark-0", UniqueID: "0123456789abcdef", LocalDirID: "id", Submitted: time.UnixMilli(0), Launcher: Launcher{User: "u"},
		}
		made, err := Build(in)
		if err != nil {
			var p *problem.Error
			if !errors.As(err, &p) || p.Hint() == "" {
				t.Fatalf("%v is no *problem.Error with a hint", err)
			}
			return
		}
		checkMade(t, conf, made)
	})
}

func checkMade(t *rapid.T, conf map[string]string, made Objects) {
	for _, o := range append(append(made.Before, made.Owned...), made.Pod) {
		if o.GetName() == "" || o.GetObjectKind().GroupVersionKind().Kind == "" {
			t.Errorf("%T has no name or no kind", o)
		}
	}
	last, ok := made.Owned[len(made.Owned)-1].(*corev1.ConfigMap)
	if !ok || last.Immutable == nil || !*last.Immutable {
		t.Fatalf("the last object is no ConfigMap that nobody can change: %v", made.Owned[len(made.Owned)-1])
	}
	written := submitter.ParseProperties(last.Data[driver.PropertiesFile])
	for key, value := range conf {
		got, there := written[key]
		switch {
		case key == confDriverHost && got == value && value != "":
			t.Errorf("%s is the user's", key)
		case strings.HasSuffix(key, oauthToken) && got != presentButNotToTell:
			t.Errorf("%s is told: %q", key, got)
		case !there && key != confDriverHost:
			t.Errorf("%s is not in the driver's configuration", key)
		case key == "spark.mine" && got != strings.TrimSpace(value):
			t.Errorf("%s is %q, want %q", key, got, value)
		}
	}
}
