#!/usr/bin/env bash
# Fuzzes every target of daemon/fuzz for a while: `fuzz.sh [seconds-each] [target…]`.
#
# Works with stable Rust and without cargo-fuzz: coverage comes from LLVM's own pass, which stable rustc can be
# told to run. New inputs go to a folder of the build; the committed corpus is the start and stays small.
source "$(dirname "$0")/common.sh"

seconds=${1:-30}
shift || true
targets=("$@")
if ((${#targets[@]} == 0)); then
    for file in daemon/fuzz/fuzz_targets/*.rs; do
        targets+=("$(basename "$file" .rs)")
    done
fi

host=$(rustc -vV | sed -n 's/^host: //p')
build=$PWD/target/fuzz
flags=(
    -Cpasses=sancov-module
    -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares
    -Cdebug-assertions
    -Coverflow-checks
)
# With --target, the flags reach the program and not the build scripts.
RUSTFLAGS="${flags[*]}" cargo build --quiet --locked --release --manifest-path daemon/fuzz/Cargo.toml \
    --target "$host" --target-dir "$build" "${targets[@]/#/--bin=}"

for target in "${targets[@]}"; do
    found=$build/corpus/$target
    artifacts=$build/artifacts/$target/
    mkdir -p "$found" "$artifacts"
    say "Fuzzing $target for $seconds s"
    log=$artifacts/log
    if ! "$build/$host/release/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$artifacts" \
        "$found" "daemon/fuzz/corpus/$target" >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        die "$target: the input that broke it is in $artifacts; run the program with that file to see it again"
    fi
    # A build without coverage would run just as long and find nothing.
    grep -q 'INFO: Loaded .* PC tables' "$log" || die "$target was built without coverage"
    sed -n 's/^#[0-9]*\tDONE */  /p; s/^stat::number_of_executed_units: */  runs: /p' "$log"
done
