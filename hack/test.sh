#!/usr/bin/env bash
# Runs every test that needs neither root nor a cluster.
#
#   hack/test.sh [GO TEST FLAGS]
set -euo pipefail
cd "$(dirname "$0")/.."

race=()
cc=$(go env CC)
if command -v "${cc%% *}" >/dev/null; then
	export CGO_ENABLED=1
	race=(-race)
else
	export CGO_ENABLED=0
	echo "test: no C compiler ($cc), so the race detector is off; Debian has one in the package gcc" >&2
fi

status=0
go test -timeout 12m "${race[@]}" "$@" ./... || status=1
echo "test: 5000 random schedules of launchers, without the race detector" >&2
go test -timeout 10m -run '^TestRandomSchedules$' ./submitter -random.count 5000 -random.time 5m -v | grep -v '^=== ' || status=1
echo "test: module hack/cluster" >&2
(cd hack/cluster && go test -timeout 5m "$@" ./...) || status=1
exit $status
