#!/usr/bin/env bash
# Makes packaging/requirements.lock anew from pyproject.toml's dependencies and its dev group.
#
#   bash packaging/lock.sh             keeps the versions already locked where they still fit
#   bash packaging/lock.sh --upgrade   takes the newest that fit
#
# Other arguments go to `uv pip compile`. The lock holds every platform (environment markers) and
# a hash for every file. torch and what it brings for GPUs stay out of it: setup.sh installs torch
# by its exact version first, because builds for CPUs and GPUs have different hashes.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"

uv=$root/.venv/bin/uv
if [ ! -x "$uv" ]; then
    uv=$(command -v uv) || {
        echo "lock.sh: uv is missing: install it with '.venv/bin/python -m pip install uv'" >&2
        exit 2
    }
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Resolves to the file given first; the rest are further arguments.
resolve() {
    local out=$1
    shift
    "$uv" pip compile pyproject.toml --group dev --universal --python-version 3.11 \
        --no-header --no-emit-index-url --no-emit-find-links --quiet --output-file "$out" "$@"
}

cp packaging/requirements.lock "$work/all.txt" 2>/dev/null || true
resolve "$work/all.txt" "$@" >/dev/null

leave_out=()
while read -r name; do
    leave_out+=(--no-emit-package "$name")
done < <(sed -n -E 's/^((torch|triton|cuda-[a-z0-9-]+|nvidia-[a-z0-9-]+)==).*/\1/p' "$work/all.txt" |
    tr -d '=' | sort -u)

cp "$work/all.txt" "$work/lock.txt"
resolve "$work/lock.txt" --generate-hashes --no-annotate "${leave_out[@]}" >/dev/null
# uv ends the list with the names it left out; setup.sh knows them
sed '/^# The following packages/,$d' "$work/lock.txt" >"$work/clean.txt"
mv "$work/clean.txt" packaging/requirements.lock
echo "packaging/requirements.lock: $(grep -c -E '^[a-z0-9]' packaging/requirements.lock) packages"
