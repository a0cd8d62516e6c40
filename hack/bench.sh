#!/usr/bin/env bash
# Measures what a launcher and a sensor cost beside a bare spark-submit, on the
# cluster of hack/target.sh. It judges nothing: the machine decides the figures.
#
#   hack/bench.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=hack/target.sh
source hack/target.sh

rounds=${1:-7}
namespace=sparkctl-bench
scratch=$(mktemp -d)

kube() { target_kubectl -n "$namespace" "$@"; }

cleanup() {
	rm -rf "$scratch"
	target_kubectl delete namespace "$namespace" --ignore-not-found --wait=false >/dev/null
}

target_up
target_say "images"
target_images "${SPARKCTL_SPARK_VERSION:-}" 2> >(tee "$scratch/images" >&2)

trap cleanup EXIT
for file in examples/rbac/{namespace,launcher,sensor,driver}.yaml examples/demo/templates.yaml; do
	target_manifests "$namespace" "$file" | target_kubectl apply -f - >/dev/null
done
kube delete pods --all --grace-period=1 >/dev/null 2>&1
kube create configmap bench --from-file=test/bench/launcher.py --dry-run=client -o yaml | kube apply -f - >/dev/null

target_say "launcher: $rounds rounds of bare spark-submit and submitter in turns"
target_manifests "$namespace" test/bench/pod.yaml |
	sed "s#SUBMITTER_IMAGE#$TARGET_SUBMITTER_IMAGE#; s#ROUNDS#\"$rounds\"#; s#NAMESPACE#$namespace#" | kube apply -f - >/dev/null
until kube logs -f bench >"$scratch/launcher" 2>/dev/null && [ -s "$scratch/launcher" ]; do sleep 1; done
if ! grep -q '^wall' "$scratch/launcher"; then
	cat "$scratch/launcher" >&2
	exit 1
fi
kube delete pods --all --grace-period=1 >/dev/null 2>&1

target_say "sensor: following a driver for 30 s"
kube run sleeper --image="$TARGET_SUBMITTER_IMAGE" --restart=Never --overrides='{"spec":{"securityContext":{"runAsNonRoot":true,"runAsUser":185,
	"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"sleeper","image":"'"$TARGET_SUBMITTER_IMAGE"'","command":["/bin/sh","-c",
	"for i in $(seq 60); do echo line $i; sleep 1; done"],"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}' >/dev/null
kube wait --for=condition=Ready pod/sleeper --timeout=120s >/dev/null
dist/bin/sensor --kubeconfig "$SPARKCTL_CLUSTER_KUBECONFIG" --context "$SPARKCTL_CLUSTER_CONTEXT" \
	-n "$namespace" --pod sleeper --container sleeper >"$scratch/sensor" 2>&1 &
sensor=$!
sleep 30
memory=$(awk '/^VmHWM/ { print $2 }' "/proc/$sensor/status") || { cat "$scratch/sensor" >&2 && exit 1; }
kill "$sensor"
wait "$sensor" || true

echo
grep -v '^round' "$scratch/launcher"
echo
awk -v kb="$memory" 'BEGIN { printf "%-44s%12.1f MB\n", "sensor, peak memory after following for 30 s", kb * 1024 / 1000000 }'
grep packed "$scratch/images"
