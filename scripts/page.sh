#!/usr/bin/env bash
# Builds the page of the window, ui/dist, where its sources are newer. Everything that builds the window needs it first.
source "$(dirname "$0")/common.sh"

readonly BUILT=ui/dist/index.html
readonly INSTALLED=ui/node_modules/.package-lock.json

for tool in node npm; do
    have "$tool" || die "$tool is missing and the window's page cannot be built; it is in the package \"${tool/node/nodejs}\""
done
if [[ ! -f $INSTALLED || ui/package-lock.json -nt $INSTALLED ]]; then
    say "Installing what the page is built with"
    # Not `npm ci`: it refuses a lock that lacks optional packages for other systems, and some were never published.
    # This installs the versions of the lock all the same, and writes neither file.
    npm --prefix ui install --no-save --no-audit --no-fund --loglevel=error
    touch "$INSTALLED"
fi

changed=
if [[ -f $BUILT ]]; then
    changed=$(find ui -path ui/node_modules -prune -o -path ui/dist -prune -o -type f -newer "$BUILT" -print -quit)
fi
if [[ ! -f $BUILT || -n $changed ]]; then
    say "Building the page"
    npm --prefix ui run --silent build
fi
