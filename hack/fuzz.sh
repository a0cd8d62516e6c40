#!/usr/bin/env bash
# Runs every fuzz target of the module, one after the other, for SECONDS each (10 unless told).
#
#   hack/fuzz.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."

status=0
while IFS=: read -r file target; do
	echo "fuzz: $target in ./$(dirname "$file")" >&2
	go test -run '^$' -fuzz "^$target\$" -fuzztime "${1:-10}s" "./$(dirname "$file")" || status=1
done < <(git grep -oE '^func Fuzz[A-Za-z0-9]+' -- '*_test.go' ':!hack/cluster' | sed 's/:func /:/')
exit $status
