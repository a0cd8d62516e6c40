#!/usr/bin/env bash
# Generates into the tree and fails if that changed anything. Edits that are not
# committed yet are no difference.
set -euo pipefail
cd "$(dirname "$0")/.."

snapshot() {
	git ls-files -z --cached --others --exclude-standard |
		xargs -0 sha256sum 2>/dev/null | sort -k 2 || true
}

before=$(snapshot)
make --no-print-directory generate
if ! changed=$(diff <(echo "$before") <(snapshot)); then
	echo "verify: these files were not up to date and have just been written; review and commit them:" >&2
	sed -n 's/^[<>] [0-9a-f]*  //p' <<<"$changed" | sort -u >&2
	exit 1
fi
