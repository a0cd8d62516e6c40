// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
)

// nativeClient submits as the submitter does, by the native engine, in this process.
type nativeClient struct {
	*bench

	submitter submitter.Submitter
	app       submitter.Application
	spark     native.Version
	template  []byte
}

func (b *bench) newNative() (*nativeClient, error) {
	config, err := b.as("native")
	if err != nil {
		return nil, err
	}
	client, err := kube.NewClient(config)
	if err != nil {
		return nil, err
	}
	spark, err := native.ParseVersion(b.spark)
	if err != nil {
		return nil, err
	}
	app, err := submitter.ParseArguments([]string{
		"--master", "k8s://" + b.server, "--deploy-mode", "cluster", "--name", "rate", "--class", "dev.sparkctl.examples.Main",
		"--conf", "spark.kubernetes.container.image=" + b.image, "--conf", "spark.kubernetes.driver.scheduler.name=nobody",
		"--conf", "spark.kubernetes.authenticate.driver.serviceAccountName=spark-driver",
		"local:///opt/spark/examples/jars/sparkctl-examples.jar", "exit", "0",
	})
	if err != nil {
		return nil, err
	}
	template, err := os.ReadFile(filepath.Join(b.templates, "driver.yaml"))
	if err != nil {
		return nil, fmt.Errorf("read the driver's template: %w", err)
	}
	log := slog.New(slog.DiscardHandler)
	return &nativeClient{b, submitter.Submitter{
		Cluster: client, APITimeout: time.Minute, Grace: time.Minute, Patience: time.Minute, Log: log,
		Policy: submitter.Policy{OnActive: submitter.ActiveAuto, OnSucceeded: submitter.SucceededAuto},
		Engine: native.Engine{API: client, Build: native.Builder(spark, native.Launcher{User: "bench"}), APITimeout: time.Minute, Log: log},
	}, app, spark, template}, nil
}

// plan is that of one submission.
func (c *nativeClient) plan(key string) (submitter.Plan, error) {
	return submitter.NewPlan(c.app, submitter.Run{Key: key, Generation: "1", Attempt: 1}, submitter.Surroundings{
		Namespace: c.namespace, Server: c.server, Launcher: submitter.Launcher{Pod: "bench", Start: time.Now()},
		Template: c.template,
	})
}

func (c *nativeClient) submit(ctx context.Context, n int) error {
	plan, err := c.plan(fmt.Sprintf("rate/%d", n))
	if err != nil {
		return err
	}
	_, err = c.submitter.Submit(ctx, plan)
	return err
}

// newBare takes the bodies from what the native engine makes.
func (b *bench) newBare(of *nativeClient) (*bareClient, error) {
	config, err := b.as("bare")
	if err != nil {
		return nil, err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	plan, err := of.plan("bare")
	if err != nil {
		return nil, err
	}
	c := &bareClient{
		http: client, base: b.server + "/api/v1/namespaces/" + b.namespace,
		name: plan.PodName, label: plan.Labels[driver.LabelRun], unique: "0123456789abcdef", owned: map[string]string{},
	}
	c.list = "/pods?labelSelector=" + url.QueryEscape(driver.LabelRun+"="+c.label)
	objects, err := native.Build(native.Input{
		Plan: plan, Spark: of.spark, UniqueID: c.unique, ApplicationID: "spark-" + c.unique + c.unique, Submitted: time.Now(),
		LocalDirID: "8a1c8f0e-6a7c-4a57-9d25-7f2f3f0b1c11", Launcher: native.Launcher{User: "bench"},
	})
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(objects.Pod)
	if err != nil {
		return nil, err
	}
	c.pod = string(text)
	for _, object := range objects.Owned {
		controller := true
		object.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: "v1", Kind: "Pod", Name: c.name, UID: ownerUID, Controller: &controller}})
		if text, err = json.Marshal(object); err != nil {
			return nil, err
		}
		c.owned[strings.ToLower(object.GetObjectKind().GroupVersionKind().Kind)+"s"] = string(text)
	}
	return c, nil
}

// bareClient makes the calls of a submission and nothing else: its bodies are those of one submission by the native
// engine, with another name in them.
type bareClient struct {
	http *http.Client
	base string // URL of the namespace
	// What differs from one submission to the next, as it stands in what follows.
	name, label, unique string
	list                string // path and query
	pod                 string
	owned               map[string]string // by resource
}

// ownerUID stands in the bodies of what a driver owns for the UID that the API server gives it.
const ownerUID = "the-driver-s-uid"

// submit makes the calls: list, pod, what it owns, list, patch.
func (c *bareClient) submit(ctx context.Context, n int) error {
	name := fmt.Sprintf("bare-%d-driver", n)
	label := fmt.Sprintf("%016x", n)
	renamed := strings.NewReplacer(c.name, name, c.label, label, c.unique, label)
	list := renamed.Replace(c.list)
	if _, err := c.call(ctx, http.MethodGet, list, "", "", http.StatusOK); err != nil {
		return err
	}
	made, err := c.call(ctx, http.MethodPost, "/pods", "application/json", renamed.Replace(c.pod), http.StatusCreated)
	if err != nil {
		return err
	}
	found := gjson.GetManyBytes(made, "metadata.uid", "metadata.resourceVersion")
	for resource, body := range c.owned {
		body = strings.Replace(renamed.Replace(body), ownerUID, found[0].Str, 1)
		if _, err := c.call(ctx, http.MethodPost, "/"+resource, "application/json", body, http.StatusCreated); err != nil {
			return err
		}
	}
	if _, err := c.call(ctx, http.MethodGet, list+"&resourceVersionMatch=NotOlderThan&resourceVersion="+found[1].Str, "", "", http.StatusOK); err != nil {
		return err
	}
	patch := fmt.Sprintf(`[{"op":"test","path":"/metadata/uid","value":%q},{"op":"test","path":"/metadata/resourceVersion","value":%q},
		{"op":"test","path":"/spec/schedulingGates/0/name","value":%q},{"op":"remove","path":"/spec/schedulingGates/0"}]`, found[0].Str, found[1].Str, driver.GateSubmission)
	_, err = c.call(ctx, http.MethodPatch, "/pods/"+name, "application/json-patch+json", patch, http.StatusOK)
	return err
}

func (c *bareClient) call(ctx context.Context, method, path, contentType, body string, want int) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != want {
		err = fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, bytes.TrimSpace(text))
	}
	return text, err
}
