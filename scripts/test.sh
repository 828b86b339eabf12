#!/usr/bin/env bash
# Everything that must hold, from a bare machine with cargo, python3 and apt. Every part runs, also after a
# failed one; the end says how each went and how many tests passed.
source "$(dirname "$0")/common.sh"

readonly FUZZ_SECONDS=${FUZZ_SECONDS:-30}
# A test that hangs fails here and not in the patience of whoever waits.
readonly TESTS_TIMEOUT=40m

# The programs that the tests start are built together with the tests, with the same features, and not once more by
# each test that wants them. Here they will lie.
target=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")
export TIDINGS_BIN_DIR=$target/debug

logs=$target/test-logs
rm -rf "$logs"
mkdir -p "$logs"
names=() results=()

part() { # name, command…
    local name=$1 started=$SECONDS result=ok
    shift
    printf '\n'
    say "$name"
    "$@" 2>&1 | tee "$logs/${#names[@]}" || result=FAILED
    names+=("$name")
    results+=("$result ($((SECONDS - started)) s)")
}

scripts/packages.sh test
part 'What the tests need' scripts/test-needs.sh
part 'Formatting, lints and scripts' scripts/check.sh
part 'Dependencies' scripts/deny.sh
# What is not built now is missing then, and its tests say so: none runs an old program.
rm -f "$TIDINGS_BIN_DIR"/tidings{d,,-app,-window} "$TIDINGS_BIN_DIR"/examples/*-window
# The feature has the types of the page compared as well.
part 'Tests' timeout --kill-after=30 "$TESTS_TIMEOUT" \
    cargo test --locked --workspace --features tidings-app/typescript --no-fail-fast
part 'Units and files of an installation' scripts/test-install.sh
part 'Fuzzing' scripts/fuzz.sh "$FUZZ_SECONDS"
part 'Documentation' env RUSTDOCFLAGS=-Dwarnings \
    cargo doc --quiet --locked --workspace --no-deps --document-private-items

printf '\n'
say 'Summary'
failed=0
for index in "${!names[@]}"; do
    printf '  %-38s %s\n' "${names[$index]}" "${results[$index]}"
    [[ ${results[$index]} == ok* ]] || failed=1
done
awk '/^test result: / {
         for (i = 2; i <= NF; i++) {
             if ($i ~ /^passed/) passed += $(i - 1)
             if ($i ~ /^failed/) failed += $(i - 1)
             if ($i ~ /^ignored/) ignored += $(i - 1)
         }
     }
     END {
         printf "%d passed, %d failed%s\n", passed, failed, ignored ? ", " ignored " skipped" : ""
         exit !(passed > 0 && failed == 0)
     }' "$logs"/* || failed=1
exit "$failed"
