#!/bin/bash
# How often an engine sees what it should: RUNS runs of one test of a lab's
# starter, each a new process with another seed.
#
#   detection.sh ENGINE LAB TEST OPTIONS [RUNS]
#
# e.g. detection.sh stress lost_update Counter.NoIncrementIsLost '{"seconds":2}' 50
#
# From the project's folder, after ./racelab has built it.

set -eu
engine=$1 lab=$2 test=$3 options=$4 runs=${5:-50}
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
folder=$(echo labs/*/"$lab")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
common="-std=c++20 -g -fno-omit-frame-pointer -fPIC
  -D_GLIBCXX_USE_POSIX_SEMAPHORE=1 -Iharness -I$folder/student"
case $engine in
  stress) modules="native instrumented" ;;
  process) modules=native ;;
  *) modules=instrumented ;;
esac
for module in $modules; do
  native=false
  [ "$module" = instrumented ] || native=true
  # As in harness/build: without -fsanitize at linking, which -shared with clang
  # would be a module that brings its own libtsan.
  mode="-O2"
  [ "$native" = true ] || mode="-O1 -fsanitize=thread \
    -mllvm -capture-tracking-max-uses-to-explore=0 -DRACELAB_INSTRUMENTED=1"
  for source in "$folder"/student/*.cc "$folder/scenario.cc"; do
    # shellcheck disable=SC2086
    clang++-19 $common $mode -c "$source" -o "$work/$(basename "$source").o"
  done
  clang++-19 -shared -o "$work/$module.so" "$work"/*.o
  seen=0
  for seed in $(seq "$runs"); do
    printf '{"version":1,"nonce":"%032d","module":"%s","native":%s,"source_root":"%s","tests":["%s"],"seed":%s,"options":%s}\n' \
      0 "$work/$module.so" "$native" "$root/$folder" "$test" "$seed" "$options" \
      > "$work/request"
    if build/bin/runner."$engine" --request="$work/request" |
      grep -q '"outcome":"fail"'; then
      seen=$((seen + 1))
    fi
  done
  echo "$engine, $module module, $options: seen in $seen of $runs runs"
done
