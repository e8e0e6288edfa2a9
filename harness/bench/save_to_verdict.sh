#!/bin/bash
# From saving lost_update's solution to its full verdict, warm, beside one bare
# compile, link and run of the same lab under ThreadSanitizer; alternating, so
# that both meet the same machine.
#
#   save_to_verdict.sh [RUNS [LAB_FOLDER]]
#
# From the project's folder, after ./racelab has built it. Each run changes the
# student's file, as saving does. Without ccache. Prints wall times and their
# ratio.

set -eu
runs=${1:-10}
lab=${2:-labs/races/lost_update}
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
solution=solutions/${lab#labs/}/student
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$lab/student" "$work/student"
cp "$lab/scenario.cc" "$work"
cp "$solution"/* "$work/student"
file=$(find "$work/student" -name '*.cc' | head -1)

flags="-std=c++20 -O1 -g -fsanitize=thread -DRACELAB_INSTRUMENTED=1
  -D_GLIBCXX_USE_POSIX_SEMAPHORE=1 -Iharness -I$work/student"
# shellcheck disable=SC2086
clang++-19 $flags -c harness/bench/programs/bare_hooks.cc -o "$work/hooks.o"

bare() {
  # shellcheck disable=SC2086
  clang++-19 $flags "$work"/student/*.cc "$work/scenario.cc" "$work/hooks.o" \
    -lgtest -lgtest_main -lpthread -o "$work/bare"
  "$work/bare" >"$work/said" 2>&1 || { cat "$work/said" && exit 1; }
}
full() {
  ./racelab check "${lab##*/}" --from "$work" >"$work/said" 2>&1 ||
    { cat "$work/said" && exit 1; }
}
# wall COMMAND: seconds
wall() {
  local start end
  start=$(date +%s%N)
  "$1"
  end=$(date +%s%N)
  awk -v a="$start" -v b="$end" 'BEGIN { printf "%.3f\n", (b - a) / 1e9 }'
}

full # warm: the headers are precompiled, the scenario is compiled
bare
for run in $(seq "$runs"); do
  echo "// saved $run $$" >> "$file"
  wall full >> "$work/full"
  echo "// saved again $run $$" >> "$file"
  wall bare >> "$work/bare.times"
done
median() { sort -n "$1" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
least() { sort -n "$1" | head -1; }
echo "full verdict:           median $(median "$work/full") s, least $(least "$work/full") s"
echo "bare compile, link, run: median $(median "$work/bare.times") s, least $(least "$work/bare.times") s"
awk -v a="$(median "$work/full")" -v b="$(median "$work/bare.times")" \
  'BEGIN { printf "ratio of the medians:   %.2f\n", a / b }'
