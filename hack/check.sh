#!/usr/bin/env bash
# What a change has to pass besides the tests. Every part runs, so that one look
# shows all there is to do.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=()
part() {
	local name=$1 start=$SECONDS
	shift
	echo "check: $name" >&2
	"$@" || failed+=("$name")
	echo "check: $name took $((SECONDS - start)) s" >&2
}

part "rules of the house" go test -count=1 ./test/house
part "generated files" hack/verify.sh
part "go.mod is tidy" go mod tidy -diff
part "sparkctl for other systems" hack/systems.sh compile
part "format and lint" hack/lint.sh

if ((${#failed[@]})); then
	printf 'check: not passed: %s\n' "${failed[@]}" >&2
	exit 1
fi
echo "check: passed" >&2
