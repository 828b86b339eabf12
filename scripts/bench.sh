#!/usr/bin/env bash
# Prints the figures that Tidings promises, each beside the limit measured in the same run.
source "$(dirname "$0")/common.sh"

scripts/packages.sh run
cargo bench --locked --workspace --benches "$@"
