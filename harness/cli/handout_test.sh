#!/bin/sh
# handout_test.sh RACELAB PROJECT FOLDER: makes a handout of PROJECT in FOLDER,
# builds it there with its own launcher and checks a lab: the starter fails.
set -eu
program=$1 project=$2 folder=$3

fail() {
  echo "$*" >&2
  exit 1
}

rm -rf "$folder"
mkdir -p "$folder"
"$program" --root "$project" handout "$folder/course"

cd "$folder/course"
[ ! -e solutions ] || fail "the handout holds solutions"
for name in expect.toml accept.toml WHY.md; do
  found=$(find labs -name "$name")
  [ -z "$found" ] || fail "the handout holds answers: $found"
done

status=0
CI=1 ./racelab check lost_update >out.txt 2>err.txt || status=$?
cat err.txt out.txt
[ "$status" = 1 ] || fail "check ended with $status instead of 1"
grep -q 'data race' out.txt || fail "the report does not name the data race"
[ ! -e solutions ] || fail "checking made solutions"
cd "$folder"
rm -rf course
