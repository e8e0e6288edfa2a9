#!/bin/bash
# The same grade every time: `grade` on each lab's starter and solution, RUNS
# times, each with another seed; any difference of points or outcome is printed.
#
#   stability.sh [RUNS [LAB…]]
#
# From the project's folder, after ./racelab has built it.

set -eu
runs=${1:-20}
[ $# -gt 0 ] && shift
cd "$(cd "$(dirname "$0")/../.." && pwd)"
labs=("$@")
[ ${#labs[@]} -gt 0 ] ||
  labs=(lost_update check_then_act bank_transfer bounded_buffer flag_publication)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for lab in "${labs[@]}"; do
  folder=$(echo solutions/*/"$lab")
  for answer in "labs/${folder#solutions/}" "$folder"; do
    for seed in $(seq "$runs"); do
      ./racelab grade "$lab" --submission "$answer" --seed "$seed" \
        --out "$work/out" 2>&1 | tail -1 | sed 's/:[^:]*$//' || true
      rm -rf "$work/out"
    done | sort | uniq -c | sed "s|^|$answer: |"
  done
done
