// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/rbac"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
	"github.com/sparkctl/sparkctl/test/apiserver"
	"github.com/sparkctl/sparkctl/xcom"
)

// A right is a verb on a resource.
type right struct{ verb, resource string }

// nativeRights are those of the Role of a launcher with the native engine, those that only some applications need among them.
func nativeRights() []right {
	var rights []right
	for _, need := range rbac.LauncherNeeds() {
		for _, resource := range need.Resources {
			if need.Engine != rbac.SparkSubmit {
				rights = append(rights, right{need.Verb, resource})
			}
		}
	}
	return rights
}

// submitWith submits an application that needs every kind of object, with these rights, where the answer to the request of that number is lost.
func submitWith(t *testing.T, rights []right, lost func(*apiserver.Request) bool) error {
	t.Helper()
	server := apiserver.New(apiserver.Options{
		Resources: []apiserver.Resource{podGroups},
		Authorize: func(a apiserver.Attributes) bool { return slices.Contains(rights, right{a.Verb, a.Resource}) },
		Fault: func(r *apiserver.Request) apiserver.Action {
			if lost(r) {
				return apiserver.Action{Lose: apiserver.EOF}
			}
			return apiserver.Action{}
		},
	})
	client, err := kube.NewClient(&rest.Config{Host: "http://apiserver.test", Transport: server.Transport(), QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	launcher := native.Launcher{User: "alice"}
	_, err = submitter.Submitter{
		Cluster: client, Patience: time.Minute, APITimeout: time.Minute, Grace: time.Minute, Log: log,
		Policy: submitter.Policy{OnActive: submitter.ActiveAuto, OnSucceeded: submitter.SucceededAuto},
		Engine: native.Engine{API: client, Build: native.Builder(native.Version{Major: 4, Minor: 3}, launcher), APITimeout: time.Minute, Log: log},
	}.Submit(t.Context(), planOf(t, volcano,
		"spark.kubernetes.authenticate.driver.oauthToken=t",
		"spark.kubernetes.driver.volumes.persistentVolumeClaim.c.options.claimName=OnDemand",
		"spark.kubernetes.driver.volumes.persistentVolumeClaim.c.options.storageClass=fast",
		"spark.kubernetes.driver.volumes.persistentVolumeClaim.c.options.sizeLimit=1Gi",
		"spark.kubernetes.driver.volumes.persistentVolumeClaim.c.mount.path=/c"))
	return err
}

func TestThePrintedRoleIsEnough(t *testing.T) {
	t.Parallel()
	for number := range 12 {
		t.Run(fmt.Sprintf("the answer to request %d is lost", number), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if err := submitWith(t, nativeRights(), func(r *apiserver.Request) bool { return r.Number == number }); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestARightThatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	for _, missing := range nativeRights() {
		if slices.Contains([]string{"watch", "delete"}, missing.verb) || slices.Contains([]string{"pods/log", "events"}, missing.resource) {
			continue // to follow, to cancel, and after a refusal
		}
		t.Run("without "+missing.verb+" "+missing.resource, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rights := slices.DeleteFunc(nativeRights(), func(r right) bool { return r == missing })
				err := submitWith(t, rights, func(r *apiserver.Request) bool {
					return missing.verb == "get" && r.Verb == "create" && r.Resource == missing.resource
				})
				var p *problem.Error
				if !errors.As(err, &p) || p.Code != xcom.ExitRefused || p.Cause.Category != xcom.CategoryPermission ||
					!strings.Contains(err.Error(), fmt.Sprintf("cannot %s resource %q", missing.verb, missing.resource)) {
					t.Errorf("ends with %v", err)
				}
			})
		})
	}
}
