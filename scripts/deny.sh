#!/usr/bin/env bash
# Judges every dependency by deny.toml: licences, doubles, origins; and known vulnerabilities where the
# database of advisories can be fetched. `deny.sh install` only sees to it that cargo-deny is there.
source "$(dirname "$0")/common.sh"

readonly VERSION=0.20.2

deny=cargo-deny
if ! have cargo-deny; then
    deny=$cache/cargo-deny-$VERSION/bin/cargo-deny
    if [[ ! -x $deny ]]; then
        # Unoptimised: it is built in a minute and runs for seconds.
        say "Building cargo-deny $VERSION"
        CARGO_PROFILE_DEV_DEBUG=false cargo install --quiet --locked --debug --version "$VERSION" \
            --root "$cache/cargo-deny-$VERSION" --target-dir "$cache/cargo-deny-build" cargo-deny
        rm -rf "$cache/cargo-deny-build"
    fi
fi

[[ ${1:-} != install ]] || exit 0

"$deny" --locked check --hide-inclusion-graph bans licenses sources

database=$(sed -n 's/^db-urls = \["\(.*\)"\]$/\1/p' deny.toml)
if GIT_TERMINAL_PROMPT=0 timeout 30 git ls-remote --quiet "$database" HEAD >/dev/null 2>&1; then
    "$deny" --locked check --hide-inclusion-graph advisories
else
    say "$database cannot be reached: dependencies were not compared with known vulnerabilities"
fi
