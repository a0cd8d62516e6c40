// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package refused knows what the API server means when it does not make an object: its words are the same to every engine, whether
// they come as an answer or in the log of a JVM. [Kinds] is the table, [Of] looks a text up in it.
package refused

import (
	"regexp"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// Kind is a known way in which a submission fails, told from a text.
type Kind struct {
	// Pattern is the regular expression that tells it.
	Pattern string
	// Code, Category, Reason and Hint are those of the error that is made of it.
	Code     xcom.ExitCode
	Category xcom.Category
	Reason   string
	Hint     string
}

// Error makes the error of a sentence that says it.
func (k Kind) Error(sentence string) *problem.Error {
	return problem.New(k.Code, k.Category, k.Reason, k.Hint, "%s", sentence).Retryable(k.Code == xcom.ExitRetry)
}

// Kinds are the refusals whose words alone tell them: quotas, limits, admission, and what an object names and is not there. The
// first that fits decides.
func Kinds() []Kind {
	return []Kind{
		{`exceeded quota`, xcom.ExitRetry, xcom.CategoryQuota, "QuotaExceeded", "wait for other applications to end, or raise the quota: kubectl describe resourcequota"},
		{`failed quota`, xcom.ExitRefused, xcom.CategoryQuota, "QuotaUnspecified", "set what it names, such as spark.kubernetes.driver.limit.cores: kubectl describe resourcequota"},
		{`is forbidden: \[?(?:maximum|minimum) \S+ usage per |max limit to request ratio`, xcom.ExitRefused, xcom.CategoryQuota, "LimitRange", "ask for no more, and no less, than the namespace allows: kubectl describe limitrange"},
		{`ValidatingAdmissionPolicy '`, xcom.ExitRefused, xcom.CategoryAdmission, "PolicyDenied", "mend what the policy names, or ask who set it"},
		{`violates PodSecurity`, xcom.ExitRefused, xcom.CategoryAdmission, "PodSecurity", "give driver and executors the security contexts it asks for with spark.kubernetes.driver.podTemplateFile and spark.kubernetes.executor.podTemplateFile"},
		{`admission webhook .* denied`, xcom.ExitRefused, xcom.CategoryAdmission, "WebhookDenied", "mend what the webhook names, or ask who runs it"},
		{`failed calling webhook`, xcom.ExitRetry, xcom.CategoryAdmission, "WebhookUnavailable", "wait until the webhook that it names answers, then submit again"},
		{`error looking up service account|serviceaccount "[^"]*" not found`, xcom.ExitRefused, xcom.CategoryConfig, "ServiceAccountNotFound", "create it, or name another with spark.kubernetes.authenticate.driver.serviceAccountName"},
		{`namespaces "[^"]*" not found`, xcom.ExitRefused, xcom.CategoryConfig, "NamespaceNotFound", "create it, or name another with --namespace"},
	}
}

// Exists is a name that is taken. It, and what follows, is told by the answer's code, which spark-submit writes into its log.
func Exists() Kind {
	return Kind{`code=409|already exists`, xcom.ExitConflict, xcom.CategoryConfig, "AlreadyExists", "delete the pod of that name, or give another --run-key"}
}

// Forbidden is a right that the launcher lacks.
func Forbidden() Kind {
	return Kind{`code=403|is forbidden`, xcom.ExitRefused, xcom.CategoryPermission, "Forbidden", "give the launcher's service account the rights in examples/rbac/launcher.yaml"}
}

// Unauthorized are credentials that are not accepted.
func Unauthorized() Kind {
	return Kind{`code=401|Unauthorized`, xcom.ExitRefused, xcom.CategoryPermission, "Unauthorized", "check the launcher's credentials: its service account token, or the kubeconfig"}
}

// Unreachable is an API server that does not answer, or answers that it cannot.
func Unreachable() Kind {
	return Kind{`code=(?:5\d\d|429)`, xcom.ExitRetry, xcom.CategoryAPI, "Unreachable", "check the network to the API server, then submit again"}
}

// Invalid is an object that the API server does not take.
func Invalid() Kind {
	return Kind{`code=4\d\d`, xcom.ExitRefused, xcom.CategoryConfig, "Refused", "mend the configuration that the API server names"}
}

// Of finds the kind of kinds that a text tells.
func Of(kinds []Kind, text string) (Kind, bool) {
	for _, k := range kinds {
		if regexp.MustCompile(k.Pattern).MatchString(text) {
			return k, true
		}
	}
	return Kind{}, false
}
