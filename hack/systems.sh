#!/usr/bin/env bash
# sparkctl is for the machines that people sit at, not for containers alone.
#
#   hack/systems.sh compile   compiles it for each system
#   hack/systems.sh build     builds it for each into dist/sparkctl/SYSTEM-ARCHITECTURE
set -euo pipefail
cd "$(dirname "$0")/.."

export CGO_ENABLED=0
for GOOS in linux darwin windows; do
	for GOARCH in amd64 arm64; do
		export GOOS GOARCH
		case ${1:-} in
		compile) go list -export -deps ./cmd/sparkctl >/dev/null ;;
		build)
			mkdir -p "dist/sparkctl/$GOOS-$GOARCH"
			go build -trimpath -tags nethttpomithttp2 -ldflags "-s -w" -o "dist/sparkctl/$GOOS-$GOARCH/" ./cmd/sparkctl
			du -k dist/sparkctl/"$GOOS-$GOARCH"/* >&2
			;;
		*)
			sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
			exit 2
			;;
		esac
	done
done
