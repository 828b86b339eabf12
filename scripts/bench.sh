#!/usr/bin/env bash
# Prints the figures that Tidings promises, each beside the limit measured in the same run.
source "$(dirname "$0")/common.sh"

scripts/packages.sh test
scripts/page.sh
cargo build --release --locked -p tidings-daemon -p tidings-cli -p tidings-app --bins
cargo build --release --locked -p tidings-app --examples
TIDINGS_BIN_DIR=$PWD/target/release cargo bench --locked -p tidings-tests --bench figures "$@"
