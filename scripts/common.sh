# shellcheck shell=bash
# Sourced by the other scripts: strictness, the place to stand, and how to speak.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Downloads and tools that outlive `cargo clean`; CI may keep this folder between runs.
# shellcheck disable=SC2034  # read by the scripts that source this one
cache=${TIDINGS_CACHE:-$PWD/.cache}

bold='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\033[1m' plain=$'\033[0m'; fi

say() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }
