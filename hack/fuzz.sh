#!/usr/bin/env bash
# Runs every fuzz target of the module, one after the other, for SECONDS each (10 unless told), and
# prints how often each was executed: 0 where the inputs kept from earlier runs took all of the time
# (go clean -fuzzcache forgets them). What a target finds stays as a seed in testdata/fuzz of its package.
#
#   hack/fuzz.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
while IFS=: read -r file target; do
	package=./$(dirname "$file")
	# Inputs are made smaller for 20 executions at most: by default a slow one takes the whole time. A target that is
	# at work when its time is over can end with that as its only error: it has found nothing (golang.org/issue/75804).
	if go test -run '^$' -fuzz "^$target\$" -fuzztime "${1:-10}s" -fuzzminimizetime 20x "$package" >"$log" 2>&1 ||
		[ "$(grep -A 1 '^--- FAIL' "$log" | tail -n 1)" == "    context deadline exceeded" ]; then
		executions=$(sed -n 's/.* execs: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
		printf '%-20s %-24s %9s executions\n' "$target" "$package" "${executions:-0}"
	else
		status=1
		printf '%-20s %-24s failed\n' "$target" "$package"
		cat "$log" >&2
	fi
done < <(git grep -oE '^func Fuzz[A-Za-z0-9]+' -- '*_test.go' ':!hack/cluster' | sed 's/:func /:/')
exit $status
