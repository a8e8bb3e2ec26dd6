#!/usr/bin/env bash
# What including weft costs: median user seconds of `$CXX -std=c++20 -fsyntax-only` over five runs, and the lines left
# after preprocessing, against the budgets of docs/architecture.md. Budgets were set on a machine that takes 0.29 s for
# the baseline, so the last column scales this machine's seconds by that.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cxx=${CXX:-g++}
runs=5

median_seconds() { # source
    local TIMEFORMAT=%U
    for ((i = 0; i < runs; ++i)); do
        { time "$cxx" -std=c++20 -fsyntax-only -I"$here/../include" "$1" 2>&3; } 3>&2 2>&1 || return 1
    done | sort -n | sed -n "$((runs / 2 + 1))p"
}

baseline=$(median_seconds "$here/compile_time/baseline.cpp")
echo "compiler: $("$cxx" --version | head -n 1)"
echo "baseline (<vector>, <string>): $baseline s"
ratios=()
printf '%-20s %10s %10s %10s %12s\n' program lines seconds budget normalised
while read -r name budget; do
    source=$here/compile_time/$name.cpp
    lines=$("$cxx" -std=c++20 -E -P -I"$here/../include" "$source" | wc -l)
    seconds=$(median_seconds "$source")
    normal=$(awk "BEGIN { printf \"%.2f\", $seconds / $baseline * 0.29 }")
    printf '%-20s %10s %10.2f %10s %12s\n' "$name" "$lines" "$seconds" "$budget" "$normal"
    [[ $budget != - ]] || continue # reported beside the others, promised nothing
    ratios+=("ratio compile_time_$name $(awk "BEGIN { printf \"%.2f\", $budget / $seconds }")"
        "ratio compile_time_${name}_normalised $(awk "BEGIN { printf \"%.2f\", $budget / $normal }")")
done <<'END'
core_format_cursor 0.6
embedded 0.8
embedded_umbrella -
vector_headers 1.5
vector -
mysql_plain 2.5
mysql 4
everything 6
END
printf '%s\n' "${ratios[@]}"
