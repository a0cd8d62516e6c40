#!/usr/bin/env bash
# Lints the modules that are ours to write. The modules below hack/cluster that
# only build somebody else's program are a main function each and are left out:
# type-checking Kubernetes takes longer than everything else together.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

status=0
for module in . hack/cluster; do
	echo "lint: module $module" >&2
	(cd "$module" && go tool -modfile="$root/tools/pinned/go.mod" golangci-lint run --config "$root/.golangci.yml" ./...) || status=1
done
hack/shfmt.sh -d || status=1
exit $status
