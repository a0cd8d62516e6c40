#!/usr/bin/env bash
# Builds the images without a Docker daemon and prints their sizes.
#
#   hack/images.sh                    dist/images/sensor.tar, native.tar and submitter.tar
#   hack/images.sh SPARK-ARCHIVE...   and a launcher image over each Spark image: dist/images/submitter-over-N.tar
#   ARCHS="amd64 arm64"               the first three also for these architectures: dist/images/sensor-arm64.tar ...
#
# stdout has the archives' paths for this machine, one a line, in that order; the rest is stderr.
# The layer is put over a Spark image at the speed of copying a file; a builder
# takes ten times as long to do the same to an image of that size.
set -euo pipefail
cd "$(dirname "$0")/.."

# need_buildah installs the builder where that is possible.
need_buildah() {
	command -v buildah >/dev/null && return
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "images: installing buildah" >&2
		if apt-get -o DPkg::Lock::Timeout=600 install -qq --no-install-recommends buildah >/dev/null; then
			return
		fi
		apt-get -o DPkg::Lock::Timeout=600 update -qq >/dev/null
		apt-get -o DPkg::Lock::Timeout=600 install -qq --no-install-recommends buildah >/dev/null
		return
	fi
	echo "images: buildah is needed: install it (Debian, Ubuntu, Fedora: package buildah), or build images/*/Dockerfile with Docker" >&2
	exit 1
}

# build NAME ARCH FOLDER ARCHIVE [ARGS...] builds images/NAME/Dockerfile with the programs in FOLDER into a docker archive.
build() {
	local name=$1 arch=$2 folder=$3 archive=$4 reference=localhost/sparkctl/$1:build
	# A store of its own: nothing is left in the user's.
	local buildah=(buildah --root "$scratch/root" --runroot "$scratch/run" --storage-driver vfs)
	shift 4
	# One timestamp for all: the same program gives the same image.
	if ! {
		"${buildah[@]}" bud --isolation chroot --timestamp 0 --arch "$arch" -f "images/$name/Dockerfile" -t "$reference" "$@" "$folder" &&
			rm -f "$archive" &&
			"${buildah[@]}" push "$reference" "docker-archive:$archive:$reference"
	} >"$scratch/log" 2>&1; then
		echo "images: building $name failed:" >&2
		cat "$scratch/log" >&2
		exit 1
	fi
}

# mb BYTES prints megabytes with one decimal.
mb() { awk -v bytes="$1" 'BEGIN { printf "%.1f MB", bytes / 1000000 }'; }

# sizes TITLE ARCHIVE prints what an archive's layers weigh, as they are and packed.
sizes() {
	local layers unpacked packed
	layers=$(tar -tf "$2" | grep -E '^[0-9a-f]{64}\.tar$')
	unpacked=$(tar -xOf "$2" $layers | wc -c)
	packed=$(tar -xOf "$2" $layers | gzip -9 | wc -c)
	printf '%-36s %10s unpacked %10s packed\n' "$1" "$(mb "$unpacked")" "$(mb "$packed")" >&2
}

need_buildah
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
here=$(go env GOHOSTARCH)
mkdir -p dist/images
# Two that build at a time would write the same archives.
exec 9>dist/images/lock
flock 9
# Requests go through golang.org/x/net/http2, which client-go brings; without the copy of it in net/http the
# sensor needs half a megabyte less memory: nearly all of the program is resident. Without inlining (-l) it is a
# tenth smaller and needs 0.7 MB less; to copy a million lines of log then takes 1.7 s of CPU instead of 1.4.
export CGO_ENABLED=0
for arch in $here ${ARCHS:-}; do
	folder=dist/bin of=""
	if [ "$arch" != "$here" ]; then
		folder=dist/bin/$arch of=-$arch
	elif [ -n "${built:-}" ]; then
		continue
	fi
	built=yes
	echo "images: building the programs for $arch" >&2
	mkdir -p "$folder"
	gobuild=(env GOARCH="$arch" go build -trimpath -tags nethttpomithttp2 -ldflags "-s -w" -o "$folder/")
	"${gobuild[@]}" ./cmd/submitter
	"${gobuild[@]}" -gcflags=all=-l ./cmd/sensor
	echo "images: building the images for $arch" >&2
	build sensor "$arch" "$folder" "dist/images/sensor$of.tar"
	build native "$arch" "$folder" "dist/images/native$of.tar"
	build submitter "$arch" "$folder" "dist/images/submitter$of.tar" --build-arg SPARK_IMAGE=scratch
	sizes "sensor, $arch" "dist/images/sensor$of.tar"
	sizes "native, $arch" "dist/images/native$of.tar"
	sizes "submitter, layer over Spark, $arch" "dist/images/submitter$of.tar"
done
echo dist/images/sensor.tar
echo dist/images/native.tar
echo dist/images/submitter.tar

[ $# -gt 0 ] || exit 0
go build -C hack/cluster -o "$PWD/dist/appendlayer" ./appendlayer
number=0
for spark in "$@"; do
	number=$((number + 1))
	archive=dist/images/submitter-over-$number.tar
	dist/appendlayer -base "$spark" -layer dist/images/submitter.tar -name localhost/sparkctl/submitter -out "$archive"
	echo "$archive"
done
