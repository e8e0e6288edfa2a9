#!/bin/bash
# Executions per processor second of runner.model, beside the same programs
# written by hand on Relacy's own types; times to exhaust, with and without
# reduction.
#
#   model_rate.sh RUNNER_MODEL MODEL_BY_HAND [EXECUTIONS]
#
# From the project's folder, e.g.
#   cmake --build BUILD --target runner.model model_by_hand
#   harness/bench/model_rate.sh BUILD/bin/runner.model \
#     BUILD/harness/runtimes/model/bench/model_by_hand
# Needs clang++-19 (or CXX). Times are of processor time: a loaded machine makes
# them somewhat worse, not meaningless.

set -eu
runner=$1
by_hand=$2
executions=${3:-200000}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for name in rate exhaust; do
  "${CXX:-clang++-19}" -std=c++20 -O1 -g -fno-omit-frame-pointer -fPIC \
    -fsanitize=thread -D_GLIBCXX_USE_POSIX_SEMAPHORE=1 -DRACELAB_INSTRUMENTED \
    -I"$here/.." -c "$here/programs/$name.cc" -o "$work/$name.o"
  "${CXX:-clang++-19}" -shared "$work/$name.o" -o "$work/$name.so"
done

# run MODULE TEST OPTIONS -> its result record in $result, processor
# seconds in $cpu.
run() {
  printf '{"version":1,"nonce":"%032d","module":"%s","native":false,"source_root":"%s","tests":["%s"],"seed":1,"options":%s}\n' \
    0 "$work/$1.so" "$work" "$2" "$3" > "$work/request"
  result=$( (TIMEFORMAT='%U %S'; time "$runner" --request="$work/request") \
    2> "$work/time" | grep '"type":"result"' || true)
  cpu=$(tail -1 "$work/time" | awk '{print $1 + $2}')
  if [ -z "$result" ]; then
    echo "$2: no result" >&2
    exit 3
  fi
}

count() { sed -n 's/.*"executions":\([0-9]*\).*/\1/p' <<< "$result"; }
strength() { sed -n 's/.*"strength":"\([a-z]*\)".*/\1/p' <<< "$result"; }
rate() { awk -v n="$1" -v t="$2" 'BEGIN { printf "%.0f", n / t }'; }

sampled() { echo "{\"strategy\":\"random\",\"executions\":$1,\"seconds\":600}"; }

echo "executions per processor second"
for program in Counter:counter StoreBuffering:store_buffering; do
  run rate "Rate.${program%:*}" "$(sampled "$executions")"
  ours=$(rate "$(count)" "$cpu")
  echo "  ${program%:*}: runner.model $ours"
  for variant in "" _joined; do
    TIMEFORMAT='%U %S'
    { time "$by_hand" "${program#*:}$variant" "$executions"; } 2> "$work/time"
    theirs=$(rate "$executions" "$(awk '{print $1 + $2}' "$work/time")")
    echo "    by hand${variant:+, threads created and joined} $theirs:" \
      "$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", a / b }')"
  done
done
run rate Rate.LongCounter "$(sampled $((executions / 10)))"
echo "  LongCounter (260 schedule points): runner.model $(rate "$(count)" "$cpu")"

echo "full search, at most 5 processor seconds each"
for test in Philosophers3 RwLock3 BoundedBuffer2x2x2; do
  for reduce in true false; do
    run exhaust "Exhaust.$test" \
      "{\"strategy\":\"full\",\"executions\":1000000000,\"seconds\":5,\"reduce\":$reduce}"
    echo "  $test, reduction $reduce: $(strength) $(count) in $cpu s"
  done
done
