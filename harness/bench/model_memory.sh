#!/bin/bash
# Memory of runner.model after 10^4, 10^5 and 10^6 executions: it must not grow
# with their number.
#
#   model_memory.sh RUNNER_MODEL [STRATEGY ...]
#
# From the project's folder; needs clang++-19 and GNU time. The figure
# is the most that the process ever had resident, in KiB.

set -eu
runner=$1
shift
[ $# -gt 0 ] || set -- random pct pos full
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for name in rate exhaust; do
  clang++-19 -std=c++20 -O1 -g -fno-omit-frame-pointer -fPIC \
    -fsanitize=thread -mllvm -capture-tracking-max-uses-to-explore=0 \
    -D_GLIBCXX_USE_POSIX_SEMAPHORE=1 -DRACELAB_INSTRUMENTED \
    -I"$here/.." -c "$here/programs/$name.cc" -o "$work/$name.o"
  clang++-19 -shared "$work/$name.o" -o "$work/$name.so"
done

# most MODULE TEST STRATEGY EXECUTIONS -> KiB
most() {
  printf '{"version":1,"nonce":"%032d","module":"%s","native":false,"source_root":"%s","tests":["%s"],"seed":1,"options":{"strategy":"%s","executions":%s,"seconds":600}}\n' \
    0 "$work/$1.so" "$work" "$2" "$3" "$4" > "$work/request"
  /usr/bin/time -f '%M' -o "$work/most" "$runner" --request="$work/request" \
    > "$work/out"
  grep -q '"type":"done"' "$work/out" || { echo "$2: no result" >&2; exit 3; }
  cat "$work/most"
}

echo "most KiB resident, after 10^4, 10^5 and 10^6 executions"
for strategy; do
  for test in rate:Rate.Counter exhaust:Exhaust.BoundedBuffer2x2x2; do
    echo "  ${test#*:}, $strategy:" \
      $(for n in 10000 100000 1000000; do
          most "${test%%:*}" "${test#*:}" "$strategy" "$n"
        done)
  done
done
