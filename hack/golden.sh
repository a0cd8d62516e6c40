#!/usr/bin/env bash
# Takes down what the real spark-submit of each Spark version creates for the
# argument lists of test/golden. Not part of CI: a JVM for each list and version.
# What is recorded already is kept, so it can be stopped and started at any time.
#
#   CASE=regexp      the cases whose name matches, such as CASE='^python$'
#   VERSION=version  this version of Spark only, such as VERSION=4.0.5
#   hack/golden.sh [--again|--check] [--keep FOLDER]
#   hack/golden.sh --cross N [--seed S]   record nothing: compare native with a live spark-submit
#                                         for N lists made of parts of the cases
set -euo pipefail
cd "$(dirname "$0")/.."

versions=(3.3.4 3.4.4 3.5.9 4.0.5 4.1.4 4.2.1 4.3.0)
flags=()
for version in "${versions[@]}"; do
	[[ ${VERSION:-$version} == "$version" ]] || continue
	flags+=(--spark "$version=$(hack/cluster/cluster spark-home "$version" | tail -n 1)")
done
if [ ${#flags[@]} = 0 ]; then
	echo "golden: $VERSION is none of ${versions[*]}" >&2
	exit 2
fi
exec go run ./test/golden/record --case "${CASE:-.}" "${flags[@]}" "$@"
