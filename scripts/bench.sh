#!/usr/bin/env bash
# Prints the figures that Tidings promises, each beside the limit measured in the same run.
source "$(dirname "$0")/common.sh"

scripts/packages.sh run
cargo build --release --locked -p tidings-daemon -p tidings-cli --bins
TIDINGS_BIN_DIR=$PWD/target/release cargo bench --locked -p tidings-tests --bench figures "$@"
