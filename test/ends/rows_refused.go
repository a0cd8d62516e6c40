// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package ends

import "github.com/sparkctl/sparkctl/xcom"

// refused are drivers that spark-submit or the API server do not make. The submitter says so in its result, and a sensor that gets
// this result repeats it.
func refused() []End {
	row := func(name, what string, exit xcom.ExitCode, category xcom.Category, reason, message, retry string) End {
		return End{
			Name: name, What: what, State: xcom.NotSubmitted, Exit: exit, Driver: int(exit),
			Category: category, Reason: reason, Message: message, Retry: retry,
		}
	}
	return []End{
		row("refused-by-quota", "the namespace's quota has no room for the driver", 81, xcom.CategoryQuota, "QuotaExceeded", "...exceeded quota: team-b...", "yes"),
		row("refused-by-limits", "the driver asks for more than the namespace's limit range allows", 80, xcom.CategoryQuota, "LimitRange", "...maximum cpu usage per Container is 1, but limit is 2", "no"),
		row("refused-by-policy", "an admission policy refuses the driver", 80, xcom.CategoryAdmission, "PolicyDenied", "...ValidatingAdmissionPolicy ... denied request: pods need the label team of the team that pays for them", "no"),
		row("refused-service-account", "the driver's service account does not exist", 80, xcom.CategoryConfig, "ServiceAccountNotFound", `...serviceaccount "no-such-account" not found...`, "no"),
		row("refused-package", "no repository has a package that the application needs", 80, xcom.CategoryConfig, "PackageNotFound", "...[unresolved dependency: com.example#orders;1.0: not found]", "no"),
		row("refused-pod-security", "the driver does not fit the namespace's Pod Security level", 80, xcom.CategoryAdmission, "PodSecurity", `...violates PodSecurity "restricted:latest"...`, "no"),
		row("refused-rights", "the launcher's service account may not make pods", 80, xcom.CategoryPermission, "Forbidden", `...cannot create resource "pods"...`, "no"),
	}
}
