#!/usr/bin/env bash
# The checks that need no running program: formatting, lints, scripts.
source "$(dirname "$0")/common.sh"

cargo fmt --all --check
cargo fmt --manifest-path daemon/fuzz/Cargo.toml --check
if have shellcheck; then
    shellcheck --external-sources --source-path=SCRIPTDIR scripts/*.sh .ci/run
else
    say 'shellcheck is not installed: the scripts were not checked'
fi
if have node && have npm; then
    # The programs are checked with the page in them, so it must be there first.
    scripts/page.sh
    npm --prefix ui run --silent check
    npm --prefix ui run --silent test
else
    say 'node is not installed: the page of the window was not checked'
fi
# With the feature there is more to see, and nothing is left out.
cargo clippy --quiet --locked --workspace --all-targets --features tidings-app/typescript -- -D warnings
