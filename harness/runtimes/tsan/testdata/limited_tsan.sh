#!/bin/sh
# runner.tsan where it cannot start: with less address space than its shadow needs.
ulimit -v 4000000
exec "$(dirname "$0")/runner.tsan" "$@"
