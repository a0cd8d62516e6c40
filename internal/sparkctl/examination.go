// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"errors"
	"sync"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/doctor"
	"github.com/sparkctl/sparkctl/xcom"
)

// examination reads the facts that a doctor judges.
type examination struct {
	client *kube.Client
	facts  doctor.Facts
	// launch is that of the application; nil if there is none.
	launch *cli.Launch
	// as is the user that it is about; empty for the caller.
	as string
}

// read reads all facts. An error is one that leaves nothing to judge: the cluster does not answer, or not to this caller.
func (e *examination) read(ctx context.Context) error {
	e.facts.Server = got(e.client.ServerVersion(ctx))
	switch err := e.facts.Server.Err; {
	case e.as != "" && apierrors.IsForbidden(err):
		// Anybody may read the version, but not anybody may be another.
		return problem.New(xcom.ExitBlind, xcom.CategoryPermission, string(apierrors.ReasonForError(err)), "leave --as out, or let somebody run it who may impersonate users", "--as: %w", err)
	case err != nil && !answered(err):
		return unreadable(err)
	}
	// Older servers do not say it, and then nobody is named.
	e.facts.User, _ = e.client.WhoAmI(ctx)
	namespace := e.facts.Namespace
	// What is asked for is known before: the answers go into the facts meanwhile.
	wanted, references := e.facts.Wanted(), []doctor.Reference(nil)
	if a := e.facts.Application; a != nil && a.Unmade == nil {
		references = a.References()
	}
	// Few calls, all at once: a server far away is asked for as long as the slowest takes.
	var reads sync.WaitGroup
	reads.Go(func() { e.facts.Object = got(e.client.Namespace(ctx, namespace)) })
	reads.Go(func() { e.facts.Quotas = got(e.client.ResourceQuotas(ctx, namespace)) })
	reads.Go(func() { e.facts.LimitRanges = got(e.client.LimitRanges(ctx, namespace)) })
	reads.Go(func() { e.facts.DNS = got(e.client.Service(ctx, "kube-system", "kube-dns")) })
	reads.Go(func() {
		e.facts.Account = got(e.client.ServiceAccount(ctx, namespace, e.facts.AccountName))
		if e.facts.Account.Err == nil {
			e.facts.Secrets = e.secrets(ctx, e.facts.Account.Value.ImagePullSecrets)
		}
	})
	reads.Go(func() {
		e.facts.Mine = ask(wanted, func(a authorizationv1.ResourceAttributes) (bool, error) { return e.client.MayI(ctx, a) }, namespace)
	})
	reads.Go(func() {
		e.facts.Driver = ask(doctor.DriverWanted(), func(a authorizationv1.ResourceAttributes) (bool, error) {
			return e.client.MayAccount(ctx, namespace, e.facts.AccountName, a)
		}, namespace)
	})
	reads.Go(func() { e.facts.Objects = e.objects(ctx, references) })
	reads.Wait()
	if e.facts.MayTry() {
		made, err := e.launch.Try(ctx, e.launch.Plan())
		e.facts.Application.Tried = &doctor.Read[int]{Value: len(made), Err: err}
	}
	if ctx.Err() != nil {
		return unreadable(ctx.Err())
	}
	return nil
}

// got is what a read brought.
func got[T any](value T, err error) doctor.Read[T] { return doctor.Read[T]{Value: value, Err: err} }

// answered reports whether an error is an answer of the server's, but that it does not know the caller.
func answered(err error) bool {
	status := apierrors.APIStatus(nil)
	return errors.As(err, &status) && !apierrors.IsUnauthorized(err)
}

// ask asks of each access whether it is given.
func ask(accesses []doctor.Access, may func(authorizationv1.ResourceAttributes) (bool, error), namespace string) map[doctor.Access]doctor.Read[bool] {
	answers := make(map[doctor.Access]doctor.Read[bool], len(accesses))
	var asking sync.WaitGroup
	var lock sync.Mutex
	for _, a := range accesses {
		asking.Go(func() {
			answer := got(may(authorizationv1.ResourceAttributes{Namespace: namespace, Verb: a.Verb, Group: a.Group, Resource: a.Resource, Subresource: a.Subresource}))
			lock.Lock()
			defer lock.Unlock()
			answers[a] = answer
		})
	}
	asking.Wait()
	return answers
}

// secrets asks of each Secret whether it is there.
func (e *examination) secrets(ctx context.Context, names []corev1.LocalObjectReference) map[string]doctor.Read[bool] {
	found := map[string]doctor.Read[bool]{}
	for _, named := range names {
		found[named.Name] = e.exists(ctx, doctor.Reference{Kind: "Secret", Name: named.Name})
	}
	return found
}

// objects asks of each object whether it is there.
func (e *examination) objects(ctx context.Context, references []doctor.Reference) map[doctor.Reference]doctor.Read[bool] {
	found := map[doctor.Reference]doctor.Read[bool]{}
	for _, r := range references {
		found[r] = e.exists(ctx, r)
	}
	return found
}

func (e *examination) exists(ctx context.Context, r doctor.Reference) doctor.Read[bool] {
	object := &metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: r.Kind}, ObjectMeta: metav1.ObjectMeta{Name: r.Name}}
	err := e.client.Exists(ctx, e.facts.Namespace, object)
	return got(err == nil, err)
}
