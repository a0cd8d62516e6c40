// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"
)

// root is the repository's root, seen from this package's folder.
const root = "../.."

// sparkVersions are the releases of Spark that are tested, the newest of their lines.
var sparkVersions = []string{"3.5.9", "4.0.5", "4.3.0"}

// newestSpark is the one that stands for all where one is enough.
const newestSpark = "4.0.5"

// full reports whether every combination is to be run.
func full() bool { return os.Getenv("SPARKCTL_E2E_FULL") != "" }

// needsFull skips what the short run leaves to the full one.
func needsFull(t *testing.T) {
	t.Helper()
	if !full() {
		t.Skip("SPARKCTL_E2E_FULL=1 runs it")
	}
}

// A target is the cluster under test with the images on it.
type target struct {
	kubeconfig, context string
	embedded            string            // name of the embedded cluster, if it is one
	submitter           map[string]string // image by Spark version
	sensor, native      string
}

// prepare brings the cluster up and loads the images, once for all tests.
var prepare = sync.OnceValues(func() (target, error) {
	versions := strings.Join(sparkVersions, " ")
	script := `source hack/target.sh && target_up && target_images ` + versions + ` &&
		printf '%s\n' "$SPARKCTL_CLUSTER_KUBECONFIG" "$SPARKCTL_CLUSTER_CONTEXT" "$TARGET_SENSOR_IMAGE" "$TARGET_NATIVE_IMAGE" "$TARGET_SUBMITTER_IMAGES" "${TARGET_EMBEDDED:-}."`
	command := exec.Command("bash", "-euo", "pipefail", "-c", script)
	command.Dir = root
	command.Stderr = os.Stderr
	out, err := command.Output()
	lines := strings.Split(string(bytes.TrimSpace(out)), "\n")
	if err != nil || len(lines) < 6 {
		return target{}, fmt.Errorf("prepare cluster and images: %w", err)
	}
	lines = lines[len(lines)-6:]
	made := target{lines[0], lines[1], strings.TrimSuffix(lines[5], "."), map[string]string{}, lines[2], lines[3]}
	for pair := range strings.FieldsSeq(lines[4]) {
		version, image, _ := strings.Cut(pair, "=")
		made.submitter[version] = image
	}
	return made, nil
})

// config is what clients of the cluster are built from.
func (t target) config() (*rest.Config, error) {
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: t.kubeconfig},
		&clientcmd.ConfigOverrides{CurrentContext: t.context}).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	config.QPS = -1
	return config, nil
}

// A cluster is a namespace of a test's own with the published Roles in it.
type cluster struct {
	target
	namespace string
	objects   dynamic.Interface
	core      rest.Interface
}

// connect prepares a namespace for a test.
func connect(t *testing.T) *cluster {
	t.Helper()
	made, err := prepare()
	if err != nil {
		t.Fatal(err)
	}
	config, err := made.config()
	if err != nil {
		t.Fatal(err)
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	core, err := coreClient(config)
	if err != nil {
		t.Fatal(err)
	}
	name := "sparkctl-e2e-" + strings.ToLower(strings.TrimPrefix(t.Name(), "Test"))
	name = fmt.Sprintf("%.40s-%d", name, time.Now().Unix())
	c := &cluster{made, name, objects, core}
	for _, file := range []string{"rbac/namespace.yaml", "rbac/launcher.yaml", "rbac/sensor.yaml", "rbac/driver.yaml", "demo/templates.yaml"} {
		c.apply(t, filepath.Join(root, "examples", file))
	}
	t.Cleanup(func() {
		if os.Getenv("SPARKCTL_E2E_KEEP") != "" {
			t.Logf("kept: namespace %s", name)
			return
		}
		err := objects.Resource(resources["Namespace"]).Delete(context.Background(), name, metav1.DeleteOptions{})
		if err != nil {
			t.Errorf("remove the namespace: %v", err)
		}
	})
	c.awaitServiceAccount(t)
	return c
}

// coreClient talks to the core API group with its Go types.
func coreClient(config *rest.Config) (rest.Interface, error) {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	metav1.AddToGroupVersion(scheme, corev1.SchemeGroupVersion)
	config = rest.CopyConfig(config)
	config.APIPath, config.GroupVersion = "/api", &corev1.SchemeGroupVersion
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	return rest.RESTClientFor(config)
}

// resources are the kinds that occur in the examples.
var resources = map[string]schema.GroupVersionResource{
	"Namespace":             {Version: "v1", Resource: "namespaces"},
	"Pod":                   {Version: "v1", Resource: "pods"},
	"Service":               {Version: "v1", Resource: "services"},
	"ConfigMap":             {Version: "v1", Resource: "configmaps"},
	"Secret":                {Version: "v1", Resource: "secrets"},
	"ServiceAccount":        {Version: "v1", Resource: "serviceaccounts"},
	"PersistentVolumeClaim": {Version: "v1", Resource: "persistentvolumeclaims"},
	"NetworkPolicy":         {Group: "networking.k8s.io", Version: "v1", Resource: "networkpolicies"},
	"Role":                  {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"},
	"RoleBinding":           {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
}

// unrestricted is the cluster with a namespace beside the test's that has no Pod Security level.
func (c *cluster) unrestricted(t *testing.T, suffix string) *cluster {
	t.Helper()
	beside := &cluster{c.target, c.namespace + suffix, c.objects, c.core}
	namespace := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": beside.namespace},
	}}
	if _, err := c.objects.Resource(resources["Namespace"]).Create(t.Context(), namespace, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := c.objects.Resource(resources["Namespace"]).Delete(context.Background(), beside.namespace, metav1.DeleteOptions{})
		if err != nil {
			t.Errorf("remove namespace %s: %v", beside.namespace, err)
		}
	})
	beside.awaitServiceAccount(t)
	return beside
}

// apply creates the objects of an example in the test's namespace instead of "spark".
func (c *cluster) apply(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	manifests := strings.ReplaceAll(string(text), "namespace: spark\n", "namespace: "+c.namespace+"\n")
	for document := range strings.SplitSeq(manifests, "\n---\n") {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(document), &object.Object); err != nil {
			t.Fatalf("parse %s: %v", file, err)
		}
		var in dynamic.ResourceInterface = c.objects.Resource(resources[object.GetKind()])
		if object.GetKind() == "Namespace" {
			object.SetName(c.namespace)
		} else {
			in = c.objects.Resource(resources[object.GetKind()]).Namespace(c.namespace)
		}
		if _, err := in.Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
			t.Fatalf("create %s of %s: %v", object.GetKind(), file, err)
		}
	}
}

// awaitServiceAccount waits until pods can be created: a new namespace has no
// ServiceAccount "default" and no ConfigMap of the cluster's certificates yet.
func (c *cluster) awaitServiceAccount(t *testing.T) {
	t.Helper()
	c.await(t, patience, "the namespace to be usable", func(ctx context.Context) (bool, error) {
		_, err := c.objects.Resource(resources["ConfigMap"]).Namespace(c.namespace).Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
		return err == nil, ignoreNotFound(err)
	})
}

// await polls until done says so, and fails the test with what it waited for.
func (c *cluster) await(t *testing.T, timeout time.Duration, what string, done wait.ConditionWithContextFunc) {
	t.Helper()
	if err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, timeout, true, done); err != nil {
		t.Fatalf("wait for %s: %v", what, err)
	}
}

// kubectl runs kubectl in the test's namespace.
func (c *cluster) kubectl(ctx context.Context, args ...string) error {
	args = append([]string{"-euc", `source hack/target.sh && target_kubectl "$@"`, "kubectl", "-n", c.namespace}, args...)
	command := exec.CommandContext(ctx, "bash", args...)
	command.Dir = root
	command.Env = append(os.Environ(), "SPARKCTL_CLUSTER_KUBECONFIG="+c.kubeconfig, "SPARKCTL_CLUSTER_CONTEXT="+c.context, "TARGET_EMBEDDED="+c.embedded)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("kubectl %s: %w\n%s", strings.Join(args[4:], " "), err, out)
	}
	return nil
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
