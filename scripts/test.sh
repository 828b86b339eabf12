#!/usr/bin/env bash
# Everything that must hold, from a bare machine with cargo, python3 and apt. Every part runs, also after a
# failed one; the end says how each went and how many tests passed.
source "$(dirname "$0")/common.sh"

readonly FUZZ_SECONDS=${FUZZ_SECONDS:-30}
# A test that hangs fails here and not in the patience of whoever waits.
readonly TESTS_TIMEOUT=40m

logs=$PWD/target/test-logs
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
part 'The page of the window' scripts/page.sh
part 'Formatting, lints and scripts' scripts/check.sh
part 'Dependencies' scripts/deny.sh
part 'A Django server to test against' tests/fixtures/django/install
part 'Tests' timeout --kill-after=30 "$TESTS_TIMEOUT" \
    cargo test --locked --workspace --no-fail-fast
part 'Types of the page' cargo test --locked -p tidings-app --lib --features typescript
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
