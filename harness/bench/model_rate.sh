#!/bin/bash
# Executions per processor second of runner.model, beside the same programs
# written by hand on Relacy's own types; times to exhaust, with and without
# reduction.
#
#   model_rate.sh RUNNER_MODEL MODEL_BY_HAND [EXECUTIONS [SECONDS]]
#
# From the project's folder, e.g.
#   cmake --build BUILD --target runner.model model_by_hand
#   harness/bench/model_rate.sh BUILD/bin/runner.model \
#     BUILD/harness/runtimes/model/bench/model_by_hand
# SECONDS: how long a full search may go on. "By hand" (a): threads that Relacy
# starts; (b): a main thread that starts and joins them, as the C++ program has.
# …OnPthreads: the C++ program on pthread_create instead of std::thread, which
# has an object on the heap besides, with some twenty plain accesses.
# Needs clang++-19. Times are of processor time: a loaded machine makes
# them somewhat worse, not meaningless.

set -eu
runner=$1
by_hand=$2
executions=${3:-1000000}
seconds=${4:-5}
for program in "$runner" "$by_hand"; do
  if [ ! -x "$program" ]; then
    echo "$program is missing: build it as above" >&2
    exit 2
  fi
done
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for name in rate exhaust; do
  clang++-19 -std=c++20 -O1 -g -fno-omit-frame-pointer -fPIC \
    -fsanitize=thread -mllvm -capture-tracking-max-uses-to-explore=0 \
    -D_GLIBCXX_USE_POSIX_SEMAPHORE=1 -DRACELAB_INSTRUMENTED \
    -I"$here/.." -c "$here/programs/$name.cc" -o "$work/$name.o"
  clang++-19 -shared -Wl,-Bsymbolic "$work/$name.o" -o "$work/$name.so"
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
detail() { sed -n 's/.*"detail":"\([^"]*\)".*/\1/p' <<< "$result"; }
strength() { sed -n 's/.*"strength":"\([a-z]*\)".*/\1/p' <<< "$result"; }

sampled() { echo "{\"strategy\":\"random\",\"executions\":$1,\"seconds\":600}"; }

# The least of three: what others do on the machine only ever adds.
least() { awk -v a="$1" -v b="$2" 'BEGIN { print a == "" || b < a ? b : a }'; }

# Of a runner that checks one execution: its start, the same for any number.
start=
for _ in 1 2 3; do
  run rate Rate.Counter "$(sampled 1)"
  start=$(least "$start" "$cpu")
done
echo "start of runner.model: $start s, taken off below"

echo "executions per processor second, best of three"
for program in Counter:counter CounterOnPthreads:counter \
  StoreBuffering:store_buffering StoreBufferingOnPthreads:store_buffering; do
  ours= static= joined=
  for _ in 1 2 3; do  # in turns: a loaded minute is everybody's
    run rate "Rate.${program%:*}" "$(sampled "$executions")"
    ours=$(least "$ours" "$cpu")
    for variant in "" _joined; do
      TIMEFORMAT='%U %S'
      { time "$by_hand" "${program#*:}$variant" "$executions"; } 2> "$work/time"
      theirs=$(awk '{print $1 + $2}' "$work/time")
      if [ -z "$variant" ]; then
        static=$(least "$static" "$theirs")
      else
        joined=$(least "$joined" "$theirs")
      fi
    done
  done
  awk -v n="$executions" -v program="${program%:*}" -v o="$ours" \
    -v start="$start" -v a="$static" -v b="$joined" 'BEGIN {
      o -= start
      printf "  %s: runner.model %.0f\n", program, n / o
      printf "    by hand (a) %.0f: %.2f\n", n / a, a / o
      printf "    by hand (b) %.0f: %.2f\n", n / b, b / o }'
done
long=
for _ in 1 2 3; do
  run rate Rate.LongCounter "$(sampled $((executions / 10)))"
  long=$(least "$long" "$cpu")
done
awk -v n=$((executions / 10)) -v t="$long" -v start="$start" 'BEGIN {
  printf "  LongCounter (260 schedule points): runner.model %.0f\n",
    n / (t - start) }'

echo "full search, at most $seconds processor seconds each"
for test in Philosophers3 RwLock3 BoundedBuffer2x2x2; do
  for reduce in true false; do
    run exhaust "Exhaust.$test" \
      "{\"strategy\":\"full\",\"executions\":1000000000,\"seconds\":$seconds,\"reduce\":$reduce}"
    echo "  $test, reduction $reduce: $(strength) $(count) in $cpu s"
  done
  run exhaust "Exhaust.$test" \
    "{\"strategy\":\"probe\",\"executions\":1000000,\"seconds\":$seconds}"
  echo "  $test, without reduction by estimate: $(detail)"
done
