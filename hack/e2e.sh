#!/usr/bin/env bash
# Runs the end-to-end tests, the demo among them, and Airflow on a real cluster: the one that
# SPARKCTL_CLUSTER_KUBECONFIG and SPARKCTL_CLUSTER_CONTEXT name, else an embedded
# one of its own, which is taken down again unless it was up before.
#
#   SUITE=name           run this suite only: airflow, schedules or a test of test/e2e
#   SPARKCTL_E2E_FULL=1  every supported version, one suite per test; a suite that
#                        passed on this commit is not run again
set -euo pipefail
cd "$(dirname "$0")/.."

gotest=(go test -tags e2e -count=1 -timeout 40m ./test/e2e/...)
tests=$(grep -rhoP '^func \KTest\w+(?=\(t )' test/e2e --include='*_test.go' | sort)
suites=airflow$'\n'schedules$'\n'$tests
if ! grep -qxF "${SUITE:-airflow}" <<<"$suites"; then
	printf 'e2e: there is no suite %s; there are:\n' "$SUITE" >&2
	printf '%s\n' "$suites" >&2
	exit 2
fi

# Never the name of a cluster that somebody works on.
export SPARKCTL_CLUSTER_NAME=${SPARKCTL_E2E_CLUSTER:-sparkctl-e2e}
started=$SECONDS
times=()
failed=()

minutes() { echo "$(($1 / 60)).$(($1 % 60 * 10 / 60))"; }

part() { # part NAME COMMAND... runs it and notes how long it took and whether it passed
	local name=$1 start=$SECONDS verdict=passed
	shift
	echo "e2e: $name" >&2
	"$@" || { verdict=failed && failed+=("$name"); }
	times+=("$(printf '%-40s %5.1f min  %s' "$name" "$(minutes $((SECONDS - start)))" "$verdict")")
	[[ $verdict == passed ]]
}

finish() {
	local status=$?
	trap - EXIT
	if [[ ${take_down:-} ]]; then
		hack/cluster/cluster --name "$SPARKCTL_CLUSTER_NAME" down || status=1
	fi
	printf 'e2e: %s\n' "${times[@]}" "$(printf '%-40s %5.1f min' 'in all' "$(minutes $((SECONDS - started)))")" >&2
	exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

suite() { # suite NAME COMMAND... is a part that SUITE can choose and a full run skips once it passed
	local name=$1
	[[ ${SUITE:-$name} == "$name" ]] || return 0
	if [[ $passed && -e $passed/$name ]]; then
		echo "e2e: $name passed on this commit before, see $passed" >&2
	elif part "$@" && [[ $passed ]]; then
		mkdir -p "$passed" && date -u +%FT%TZ >"$passed/$name"
	fi
}

passed=
if [[ ${SPARKCTL_E2E_FULL:-} && -z $(git status --porcelain) ]]; then
	passed=dist/e2e-full/$(git rev-parse HEAD)
fi

if [[ -z ${SPARKCTL_CLUSTER_KUBECONFIG:-} ]]; then
	# Not by its status: a cluster that somebody works on may be up and not well.
	if ! hack/cluster/cluster --name "$SPARKCTL_CLUSTER_NAME" kubeconfig >/dev/null 2>&1; then
		take_down=yes
	fi
	part "cluster up" hack/cluster/cluster --name "$SPARKCTL_CLUSTER_NAME" up || exit 1
fi
part "images" hack/images.sh || exit 1

if [[ ${SPARKCTL_E2E_FULL:-} || ${SUITE:-} ]]; then
	suite schedules go test ./submitter -run '^TestRandomSchedules$' -v -random.count 100000 -random.time 3h -timeout 4h
	for name in $tests; do
		suite "$name" "${gotest[@]}" -v -run "^$name\$"
	done
else
	suite tests "${gotest[@]}"
fi
suite airflow test/airflow/run

if ((${#failed[@]})); then
	echo "e2e: failed: ${failed[*]}" >&2
	exit 1
fi
