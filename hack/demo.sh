#!/usr/bin/env bash
# Shows the whole way on a real cluster: a launcher pod submits a real Spark
# application, a sensor pod is given its return.json and follows the driver to
# its end. Once with an application that succeeds, once with one that exits 3.
#
# The cluster is the embedded one, or yours: see hack/target.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=hack/target.sh
source hack/target.sh

namespace=sparkctl-demo
stamp=$(date -u +%Y%m%dT%H%M%S)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

kube() { target_kubectl -n "$namespace" "$@"; }

title() { printf '\n== %s\n' "$*"; }

# manifest FILE NAME COMMAND VALUE fills in an example.
manifest() {
	target_manifests "$namespace" "examples/demo/$1" | sed \
		-e "s#SUBMITTER_IMAGE#$submitter_image#; s#SENSOR_IMAGE#$sensor_image#" \
		-e "s#RUN_KEY#demo/$2/$stamp#; s#NAME#$2#; s#COMMAND#${3:-}#; s#VALUE#${4:-}#"
}

# terminated POD CONTAINER FIELD prints a field of how a container ended, or nothing.
terminated() {
	kube get pod "$1" -o "jsonpath={.status.containerStatuses[?(@.name==\"$2\")].state.terminated.$3}"
}

# await POD CONTAINER waits for a container's end and tells what that pod and
# Spark's pods do meanwhile, a line for each change.
seen=""
await() {
	local pod=$1 container=$2 now line until=$((SECONDS + 300))
	while [ -z "$(terminated "$pod" "$container" finishedAt)" ]; do
		now=$(kube get pods --no-headers -o custom-columns=N:.metadata.name,R:.metadata.labels.spark-role,P:.status.phase |
			awk -v pod="$pod" '$1 == pod || $2 != "<none>" { print $1, $3 }')
		while read -r line; do
			if [ -n "$line" ] && ! grep -qxF "$line" <<<"$seen"; then
				target_say "  pod $line"
			fi
		done <<<"$now"
		seen=$now
		if [ "$SECONDS" -gt "$until" ]; then
			fail "$pod did not end within 300 s" "$pod"
		fi
		sleep 0.5
	done
}

# fail TEXT POD ends the demo with what that pod said.
fail() {
	printf '\nfailed: %s\n' "$1" >&2
	kube logs "$2" --all-containers --tail=40 >&2 || true
	kube get pods >&2 || true
	exit 1
}

# pretty indents and folds a line of JSON.
pretty() { sed 's/,"/, "/g' | fold -s -w 120 | sed 's/^/    /'; }

# field NAME prints the value of a top-level key of the JSON on stdin.
field() { sed -nE "s/.*[{,]\"$1\":(\"([^\"]*)\"|([^,}]*)).*/\2\3/p"; }

# run NAME COMMAND VALUE STATE CODE submits one application and follows it.
run() {
	local name=$1 state=$4 code=$5 begin=$SECONDS submitted result actual
	title "$name: a launcher pod runs \`submitter -- ... sparkctl-examples.jar $2 $3\`"
	manifest launcher.yaml "$name" "$2" "$3" | kube apply -f - >/dev/null
	await "$name-launcher" submitter
	actual=$(terminated "$name-launcher" submitter exitCode)
	[ "$actual" = 0 ] || fail "the launcher ended with $actual" "$name-launcher"
	submitted=$((SECONDS - begin))
	kube exec "$name-launcher" -c airflow-xcom-sidecar -- cat /airflow/xcom/return.json >"$scratch/return.json"
	kube exec "$name-launcher" -c airflow-xcom-sidecar -- /bin/sh -c 'kill -s INT 1' || true
	echo "its /airflow/xcom/return.json:"
	pretty <"$scratch/return.json"

	title "$name: a sensor pod is given that document and follows the driver"
	kube create configmap "$name-result" --from-file="$scratch/return.json" >/dev/null
	manifest sensor.yaml "$name" | kube apply -f - >/dev/null
	await "$name-sensor" sensor
	actual=$(terminated "$name-sensor" sensor exitCode)
	kube logs "$name-sensor" >"$scratch/log"
	result=$(grep '^{' "$scratch/log" | tail -n 1)
	grep -F "Pi is roughly" "$scratch/log" || true
	printf 'verdict:     %s\n' "$(terminated "$name-sensor" sensor message)"
	printf 'state:       %s, exit code of the sensor %s, of the driver %s\n' "$(field state <<<"$result")" "$actual" "$(field exit_code <<<"$result")"
	if grep -q '"cause":' <<<"$result"; then
		printf 'cause:       %s/%s: %s\n' "$(field category <<<"$result")" "$(field reason <<<"$result")" "$(field message <<<"$result")"
	fi
	printf 'seconds:     %s' "$(grep -o '"timings":{[^}]*}' <<<"$result" | sed 's/"timings":{//; s/[}"]//g; s/:/ /g; s/,/, /g')"
	printf '; launcher pod %d, until the verdict %d\n' "$submitted" $((SECONDS - begin))
	if [ "$(field state <<<"$result")" != "$state" ] || [ "$actual" != "$code" ]; then
		fail "expected state $state and exit code $code" "$name-sensor"
	fi
}

target_up
target_say "images: Spark, the launcher over it, the sensor"
target_images "${SPARKCTL_SPARK_VERSION:-}"
submitter_image=$TARGET_SUBMITTER_IMAGE sensor_image=$TARGET_SENSOR_IMAGE

target_say "namespace $namespace, Pod Security \"restricted\", a Role each for launcher, sensor and driver"
target_manifests "$namespace" examples/rbac/namespace.yaml | target_kubectl apply -f - >/dev/null
kube delete pods,configmaps --all --grace-period=1 >/dev/null 2>&1
for file in examples/rbac/{launcher,sensor,driver}.yaml examples/demo/templates.yaml; do
	target_manifests "$namespace" "$file" | target_kubectl apply -f - >/dev/null
done

run pi pi 20 Succeeded 0
run exit-3 exit 3 Failed 3

if [ -n "${TARGET_EMBEDDED:-}" ]; then
	cluster="hack/cluster/cluster"
	[ "$TARGET_EMBEDDED" = sparkctl ] || cluster+=" --name $TARGET_EMBEDDED"
	kubectl="$cluster kubectl" remove="$cluster down"
else
	kubectl="kubectl --kubeconfig $SPARKCTL_CLUSTER_KUBECONFIG --context $SPARKCTL_CLUSTER_CONTEXT"
	remove="$kubectl delete namespace $namespace"
fi
cat <<END

Both verdicts are as expected, after $SECONDS s. Everything stays up; look around:
    $kubectl -n $namespace get pods
    $kubectl -n $namespace logs pi-sensor
and remove it with
    $remove
END
