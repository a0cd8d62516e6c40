#!/usr/bin/env bash
# Runs shfmt over every shell script of the repository: -d shows what differs,
# -w writes it.
#
#   hack/shfmt.sh -d|-w
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -d '' scripts < <(git ls-files -z --cached --others --exclude-standard |
	while IFS= read -r -d '' file; do
		if [[ -f $file ]] && head -c 64 -- "$file" | head -n 1 | grep -qaE '^#!.*\b(ba)?sh$' || [[ $file == *.sh ]]; then
			printf '%s\0' "$file"
		fi
	done)
go tool -modfile=tools/pinned/go.mod shfmt "$@" -- "${scripts[@]}"
