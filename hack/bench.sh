#!/usr/bin/env bash
# Measures what a launcher and a sensor cost beside a bare spark-submit and a
# program that polls, on the cluster of hack/target.sh. It judges nothing: the
# machine decides the figures. Run it on a cluster where nothing else runs.
#
#   BENCH=name   this part only
#     submit     a submission: time and memory, beside a bare spark-submit      (3 min)
#     rate       submissions a minute, beside a bare client and spark-submit    (5 min)
#     end        end of a driver until return.json is there, over 200 pods      (9 min)
#     rss        memory of a sensor that follows, for one minute                (2 min)
#     list       a list of 5000 drivers, and --help, beside kubectl              (3 min)
#     requests   requests that the API server counts while sensors follow       (12 min)
#
#     page       docs/benchmarks.md, of the figures that the parts left         (0 min)
#
# Tables go to stdout, and the figures to dist/bench/NAME.json.
# BENCH_FLAGS is handed to test/bench, such as "--pods 20" for a short look.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=hack/target.sh
source hack/target.sh

case ${BENCH:-all} in
all | submit | rate | end | rss | list | requests | page) ;;
*)
	echo "bench: there is no part $BENCH; there are: submit, rate, end, rss, list, requests, page" >&2
	exit 2
	;;
esac

namespace=sparkctl-bench
identities=(sensor quiet poller spark-submit native bare)
mkdir -p dist/bench
# Below dist/, not in /tmp: that may be memory, and a result is synced to a disk.
scratch=$(mktemp -d -p "$PWD/dist/bench")

kube() { target_kubectl -n "$namespace" "$@"; }

cleanup() {
	local name
	rm -rf "$scratch"
	for name in "${identities[@]}"; do
		target_kubectl delete flowschema "$namespace-$name" --ignore-not-found >/dev/null
	done
	target_kubectl delete namespace "$namespace" --ignore-not-found --wait=false >/dev/null
}

# part NAME tells whether it is to be run.
part() { [[ ${BENCH:-$1} == "$1" ]]; }

# kubeconfig NAME [TOKEN] writes a kubeconfig for one identity.
kubeconfig() {
	local file=$scratch/identities/$1
	target_kubectl config view --raw --minify --flatten >"$file"
	if [ $# -gt 1 ]; then
		target_kubectl config set-credentials bench --kubeconfig "$file" --token "$2" >/dev/null
		target_kubectl config set-context --current --kubeconfig "$file" --user bench --namespace "$namespace" >/dev/null
	fi
}

# prepare_following makes the identities that are told apart, and the program that measures.
prepare_following() {
	local name role
	mkdir -p "$scratch/identities" "$scratch/templates"
	kubeconfig admin
	for name in "${identities[@]}"; do
		role=spark-sensor
		case $name in spark-submit | native | bare) role=spark-launcher ;; esac
		sed "s/NAMESPACE/$namespace/; s/NAME/$name/; s/ROLE/$role/" test/bench/identities.yaml | target_kubectl apply -f - >/dev/null
		kubeconfig "$name" "$(kube create token "bench-$name" --duration=2h)"
	done
	for name in driver executor; do
		kube get configmap spark-templates -o "jsonpath={.data.$name\.yaml}" >"$scratch/templates/$name.yaml"
	done
	spark_home=$(target_cluster spark-home ${SPARKCTL_SPARK_VERSION:+"$SPARKCTL_SPARK_VERSION"} | tail -n 1)
	spark_version=$(basename "$spark_home"/jars/spark-core_*.jar .jar)
	spark_version=${spark_version##*-}
}

# measure NAME FLAGS... runs a part of test/bench.
measure() {
	local name=$1
	shift
	rm -rf "$scratch/$name"
	mkdir "$scratch/$name"
	# shellcheck disable=SC2086
	"$scratch/bench" "$name" --identities "$scratch/identities" --templates "$scratch/templates" --scratch "$scratch/$name" \
		--namespace "$namespace" --spark-home "$spark_home" --spark-version "$spark_version" --image "$TARGET_SUBMITTER_IMAGE" "$@" ${BENCH_FLAGS:-}
	kube delete pods --all --grace-period=1 >/dev/null 2>&1
	echo
}

submit() {
	local rounds=7
	kube create configmap bench --from-file=test/bench/launcher.py --dry-run=client -o yaml | kube apply -f - >/dev/null
	target_say "submit: $rounds rounds of bare spark-submit and submitter in turns"
	target_manifests "$namespace" test/bench/pod.yaml |
		sed "s#SUBMITTER_IMAGE#$TARGET_SUBMITTER_IMAGE#; s#ROUNDS#\"$rounds\"#; s#NAMESPACE#$namespace#" | kube apply -f - >/dev/null
	until kube logs -f bench >"$scratch/launcher" 2>/dev/null && [ -s "$scratch/launcher" ]; do sleep 1; done
	if ! grep -q '^{' "$scratch/launcher"; then
		cat "$scratch/launcher" >&2
		exit 1
	fi
	kube delete pods --all --grace-period=1 >/dev/null 2>&1
	grep '^{' "$scratch/launcher" >dist/bench/submit.json
	"$scratch/bench" show dist/bench/submit.json
	echo
}

# prepare_list builds sparkctl as it is handed out, and the kubectl of the version that the cluster has: one program by itself, as the embedded
# cluster's own is part of a larger one.
prepare_list() {
	CGO_ENABLED=0 go build -trimpath -tags nethttpomithttp2 -ldflags "-s -w" -o "$scratch/sparkctl" ./cmd/sparkctl
	(cd hack/cluster/kubernetes && CGO_ENABLED=0 GOFLAGS=-mod=readonly GOWORK=off go build -trimpath -ldflags "-s -w" -o "$scratch/kubectl" k8s.io/kubernetes/cmd/kubectl)
}

# page writes docs/benchmarks.md.
page() {
	local reports=(dist/bench/*.json)
	"$scratch/bench" page "${reports[@]}" >docs/benchmarks.md
	target_say "docs/benchmarks.md is written, of ${reports[*]##*/}"
}

go build -o "$scratch/bench" ./test/bench
if [ "${BENCH:-}" = page ]; then
	page
	rm -rf "$scratch"
	exit
fi

target_up
target_say "images"
target_images "${SPARKCTL_SPARK_VERSION:-}" 2> >(tee "$scratch/images" >&2)
sizes=$(sed -nE 's/^(.*[^ ]) +([0-9.]+) MB unpacked +([0-9.]+) MB packed$/{"name":"\1","figures":{"unpacked MB":\2,"packed MB":\3}}/p' "$scratch/images" | paste -sd,)
echo "{\"part\":\"images\",\"rows\":[$sizes]}" >dist/bench/images.json
"$scratch/bench" show dist/bench/images.json
echo

trap cleanup EXIT
for file in examples/rbac/{namespace,launcher,sensor,driver}.yaml examples/demo/templates.yaml; do
	target_manifests "$namespace" "$file" | target_kubectl apply -f - >/dev/null
done
kube delete pods --all --grace-period=1 >/dev/null 2>&1

if part submit; then submit; fi
part rate || part end || part rss || part list || part requests || exit 0
prepare_following
if part rate; then
	target_say "rate: submissions for a minute by each"
	measure rate --window 1m
fi
if part end; then
	target_say "end: 200 short pods and 5 Spark drivers"
	measure end
fi
if part rss; then
	target_say "rss: sensors and a spark-submit follow one driver"
	measure rss --sensors 5 --window 1m
fi
if part list; then
	target_say "list: 5000 drivers, by sparkctl and by kubectl"
	prepare_list
	measure list --sparkctl "$scratch/sparkctl" --kubectl "$scratch/kubectl"
fi
if part requests; then
	target_say "requests: the same for 10 min"
	measure requests
fi
if [ -z "${BENCH:-}" ]; then page; fi
