// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package ends

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// Folder holds the recordings, seen from the repository's root: NAME.yaml for each row, and NAME.log for those whose
// driver said more in its log than its pod tells.
const Folder = "sensor/testdata/ends"

// A Recording is what was seen of an end: a v1 List of the pod as it finally was, of the events about it, and of its
// node where the end cannot be told without. Of a submission that made no pod it is the submitter's result.
type Recording struct {
	// Header is the first line: "recorded: ..." with the versions it was recorded on, or "written by hand: ..." with
	// why it could not be.
	Header string
	// Pod as it finally was; nil if there was none.
	Pod *corev1.Pod
	// Successor is another pod that has the name now.
	Successor *corev1.Pod
	// Executors of a driver that had not ended.
	Executors []*corev1.Pod
	// Events about the pod, oldest first.
	Events []corev1.Event
	// Node the pod was on, where it matters.
	Node *corev1.Node
	// Result of a submitter that made no pod, as JSON.
	Result []byte
	// Log is the tail of the driver's log.
	Log string
}

// ByHand reports whether the recording is none.
func (r Recording) ByHand() bool { return strings.HasPrefix(r.Header, "written by hand: ") }

const (
	recorded = "recorded: "
	byHand   = "written by hand: "
)

// Load reads the recording of a row from its folder.
func Load(folder, name string) (Recording, error) {
	var r Recording
	text, err := os.ReadFile(filepath.Join(folder, name+".yaml"))
	if err != nil {
		return r, fmt.Errorf("read recording: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	r.Header = strings.TrimPrefix(first, "# ")
	if !strings.HasPrefix(r.Header, recorded) && !strings.HasPrefix(r.Header, byHand) {
		return r, fmt.Errorf("read recording %s: its first line says neither %q nor %q", name, recorded, byHand)
	}
	if err := r.parse(text); err != nil {
		return r, fmt.Errorf("read recording %s: %w", name, err)
	}
	log, err := os.ReadFile(filepath.Join(folder, name+".log"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return r, fmt.Errorf("read recording: %w", err)
	}
	r.Log = string(log)
	return r, nil
}

func (r *Recording) parse(text []byte) error {
	document, err := yaml.YAMLToJSON(text)
	if err != nil {
		return err
	}
	var list struct {
		Kind, Schema string
		Items        []any
	}
	if err := yaml.Unmarshal(document, &list); err != nil {
		return err
	}
	if list.Schema != "" {
		r.Result = document
		return nil
	}
	for _, item := range list.Items {
		if err := r.add(item); err != nil {
			return err
		}
	}
	return nil
}

// add takes one object of the list over.
func (r *Recording) add(item any) error {
	text, err := yaml.Marshal(item)
	if err != nil {
		return err
	}
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal(text, &kind); err != nil {
		return err
	}
	switch kind.Kind {
	case "Pod":
		pod := &corev1.Pod{}
		err := yaml.UnmarshalStrict(text, pod)
		switch {
		case pod.Labels[driver.LabelRole] == "executor":
			r.Executors = append(r.Executors, pod)
		case r.Pod == nil:
			r.Pod = pod
		default:
			r.Successor = pod
		}
		return err
	case "Event":
		var event corev1.Event
		err := yaml.UnmarshalStrict(text, &event)
		r.Events = append(r.Events, event)
		return err
	case "Node":
		r.Node = &corev1.Node{}
		return yaml.UnmarshalStrict(text, r.Node)
	default:
		return fmt.Errorf("it holds a %q", kind.Kind)
	}
}

// Write writes the recording of a row. replace are pairs of a text and what stands for it, for names of the cluster
// that it was recorded on.
func Write(folder, name string, r Recording, replace ...string) error {
	text, err := r.yaml()
	if err != nil {
		return fmt.Errorf("write recording %s: %w", name, err)
	}
	replacer := strings.NewReplacer(replace...)
	if err := os.WriteFile(filepath.Join(folder, name+".yaml"), []byte(replacer.Replace(text)), 0o644); err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	log := filepath.Join(folder, name+".log")
	if r.Log == "" {
		if err := os.Remove(log); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove recorded log: %w", err)
		}
		return nil
	}
	if err := os.WriteFile(log, []byte(replacer.Replace(r.Log)), 0o644); err != nil {
		return fmt.Errorf("write recorded log: %w", err)
	}
	return nil
}

func (r Recording) yaml() (string, error) {
	header := "# " + r.Header + "\n"
	if r.Result != nil {
		text, err := yaml.JSONToYAML(r.Result)
		return header + string(text), err
	}
	items := []any{}
	for _, pod := range append([]*corev1.Pod{r.Pod, r.Successor}, r.Executors...) {
		if pod != nil {
			pod.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
			pod.ManagedFields = nil
			items = append(items, pod)
		}
	}
	slices.SortStableFunc(r.Events, func(a, b corev1.Event) int { return firstSeen(a).Compare(firstSeen(b).Time) })
	for _, event := range r.Events {
		event.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Event"}
		event.ManagedFields = nil
		items = append(items, event)
	}
	if r.Node != nil {
		r.Node.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Node"}
		r.Node.ManagedFields = nil
		items = append(items, r.Node)
	}
	text, err := yaml.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
	return header + string(bytes.TrimSpace(text)) + "\n", err
}

func firstSeen(event corev1.Event) metav1.Time {
	if event.FirstTimestamp.IsZero() {
		return metav1.NewTime(event.EventTime.Time)
	}
	return event.FirstTimestamp
}
