# shellcheck shell=bash
# The cluster that demo, tests and benchmarks run on. To be sourced.
#
# Without any variable it is the embedded cluster (hack/cluster/cluster), made on
# first use. A cluster of your own is used when these are set; the current
# context of a kubeconfig never is:
#
#   SPARKCTL_CLUSTER_KUBECONFIG   path of a kubeconfig
#   SPARKCTL_CLUSTER_CONTEXT      name of a context in it
#   SPARKCTL_CLUSTER_LOAD         command that gets the path of an image archive, loads it
#                                 into that cluster and prints its reference
#
# target_up sets all three, whichever cluster it is, so that what comes after it
# need not ask; once they are set in the environment, a script called from there
# uses the same cluster. SPARKCTL_CLUSTER_NAME names another embedded cluster.

TARGET_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# target_say TEXT... tells what is being done, with the time since the start.
target_say() {
	printf '%4ds  %s\n' "$SECONDS" "$*" >&2
}

# target_cluster ARGS... runs the embedded cluster's program.
target_cluster() {
	"$TARGET_ROOT/hack/cluster/cluster" --name "${SPARKCTL_CLUSTER_NAME:-sparkctl}" "$@"
}

# target_up makes sure that there is a cluster.
target_up() {
	if [ -z "${SPARKCTL_CLUSTER_KUBECONFIG:-}${SPARKCTL_CLUSTER_CONTEXT:-}" ]; then
		target_say "cluster: the embedded one"
		target_cluster up "$@" || return
		TARGET_EMBEDDED=${SPARKCTL_CLUSTER_NAME:-sparkctl}
		SPARKCTL_CLUSTER_KUBECONFIG=$(target_cluster kubeconfig) || return
		SPARKCTL_CLUSTER_CONTEXT=$TARGET_EMBEDDED
		SPARKCTL_CLUSTER_LOAD="$TARGET_ROOT/hack/cluster/cluster --name $TARGET_EMBEDDED load"
	elif [ -z "${SPARKCTL_CLUSTER_KUBECONFIG:-}" ] || [ -z "${SPARKCTL_CLUSTER_CONTEXT:-}" ]; then
		echo "SPARKCTL_CLUSTER_KUBECONFIG and SPARKCTL_CLUSTER_CONTEXT go together: set both, or neither for the embedded cluster" >&2
		return 2
	else
		target_say "cluster: context $SPARKCTL_CLUSTER_CONTEXT of $SPARKCTL_CLUSTER_KUBECONFIG"
	fi
	export SPARKCTL_CLUSTER_KUBECONFIG SPARKCTL_CLUSTER_CONTEXT SPARKCTL_CLUSTER_LOAD TARGET_EMBEDDED
	if ! target_kubectl get namespace default --request-timeout=15s >/dev/null; then
		echo "context $SPARKCTL_CLUSTER_CONTEXT of $SPARKCTL_CLUSTER_KUBECONFIG does not answer" >&2
		return 1
	fi
}

# target_kubectl ARGS... runs kubectl for the cluster: the one on PATH, else the
# embedded cluster's own.
target_kubectl() {
	local kubectl=(kubectl)
	if ! command -v kubectl >/dev/null; then
		if [ -z "${TARGET_EMBEDDED:-}" ]; then
			echo "kubectl is not on PATH: install it" >&2
			return 1
		fi
		kubectl=("$TARGET_ROOT/hack/cluster/cluster" --name "$TARGET_EMBEDDED" kubectl)
	fi
	"${kubectl[@]}" --kubeconfig "$SPARKCTL_CLUSTER_KUBECONFIG" --context "$SPARKCTL_CLUSTER_CONTEXT" "$@"
}

# target_load ARCHIVE loads an image and prints its reference.
target_load() {
	if [ -z "${SPARKCTL_CLUSTER_LOAD:-}" ]; then
		echo "SPARKCTL_CLUSTER_LOAD is not set: name a command that loads an image archive into context $SPARKCTL_CLUSTER_CONTEXT and prints its reference" >&2
		return 2
	fi
	$SPARKCTL_CLUSTER_LOAD "$1" | tail -n 1
}

# target_manifests FILE... prints manifests for the namespace $1 instead of spark.
target_manifests() {
	local namespace=$1
	shift
	sed -E "s/^( *)namespace: spark\$/\1namespace: $namespace/; /^kind: Namespace\$/,/^---\$/s/^( *)name: spark\$/\1name: $namespace/" "$@"
}

# target_images [VERSION...] builds and loads the images for these versions of
# Spark, by default the newest 4.0, and sets
#
#   TARGET_SENSOR_IMAGE       the sensor
#   TARGET_NATIVE_IMAGE       the launcher without Spark
#   TARGET_SUBMITTER_IMAGE    the launcher over the first version's Spark
#   TARGET_SUBMITTER_IMAGES   VERSION=IMAGE for each version, separated by blanks
target_images() {
	local version archive archives=() spark=() built
	[ -n "$*" ] || set -- ""
	for version in "$@"; do
		archive=$(target_cluster spark-image --archive ${version:+"$version"}) || return
		spark+=("$archive")
	done
	built=$("$TARGET_ROOT/hack/images.sh" "${spark[@]}") || return
	mapfile -t archives < <(cd "$TARGET_ROOT" && realpath $built)
	TARGET_SENSOR_IMAGE=$(target_load "${archives[0]}") || return
	TARGET_NATIVE_IMAGE=$(target_load "${archives[1]}") || return
	archives=("${archives[@]:3}")
	TARGET_SUBMITTER_IMAGES="" TARGET_SUBMITTER_IMAGE=""
	for archive in "${archives[@]}"; do
		version=$(target_load "$archive") || return
		TARGET_SUBMITTER_IMAGES+="$1=$version "
		: "${TARGET_SUBMITTER_IMAGE:=$version}"
		shift
	done
	export TARGET_SENSOR_IMAGE TARGET_NATIVE_IMAGE TARGET_SUBMITTER_IMAGE TARGET_SUBMITTER_IMAGES
}
