#!/bin/bash
# One failing execution, replayed TIMES times, each in a process of its own: how
# often its trace is the same.
#
#   replays.sh RUNNER_MODEL MODULE SOURCE_ROOT TEST [TIMES]
#
# MODULE is an instrumented lab module, SOURCE_ROOT the folder with its student/
# and scenario.cc, e.g.
#   harness/bench/replays.sh build/bin/runner.model \
#     .racelab/cache/modules/entries/…/instrumented.so labs/sync/bounded_buffer \
#     Rack.KeepsTheOrder 1000

set -eu
runner=$1
module=$(readlink -f "$2")
root=$(readlink -f "$3")
test=$4
times=${5:-1000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ask OPTIONS -> the result record, without the time that it took
ask() {
  printf '{"version":1,"nonce":"%032d","module":"%s","native":false,"source_root":"%s","tests":["%s"],"seed":1,"options":%s}\n' \
    0 "$module" "$root" "$test" "$1" > "$work/request"
  "$runner" --request="$work/request" | grep '"type":"result"' |
    sed 's/"seconds":[-+.e0-9]*//'
}

decisions=$(ask '{"seconds":5}' | sed -n 's/.*"replay":"\([^"]*\)".*/\1/p')
[ -n "$decisions" ] || { echo "$test does not fail"; exit 1; }
for _ in $(seq "$times"); do
  ask "{\"replay\":\"$decisions\"}" | sha256sum
done | sort | uniq -c | awk -v times="$times" -v decisions="$decisions" '
  { if ($1 > most) most = $1; different++ }
  END { printf "%s: %d of %d replays alike, %d different traces\n",
               decisions, most, times, different }'
