#!/usr/bin/env bash
# Fetches and builds what the checks and tests need beside this repository, all at once: each waits for the network
# most of the time.
source "$(dirname "$0")/common.sh"

names=('the dependencies' 'the page of the window' 'cargo-deny' 'the Django server' 'the Home Assistant')
commands=('cargo fetch --quiet --locked' scripts/page.sh 'scripts/deny.sh install' tests/fixtures/django/install
    tests/fixtures/home_assistant/install)

processes=()
for command in "${commands[@]}"; do
    $command &
    processes+=("$!")
done

missing=()
for index in "${!processes[@]}"; do
    wait "${processes[$index]}" || missing+=("${names[$index]}")
done
((${#missing[@]} == 0)) || die "not ready for the tests: $(printf '%s; ' "${missing[@]}")what failed is said above"
