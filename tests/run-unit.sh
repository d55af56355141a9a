#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/run-unit.sh - run test programs one after the other and count them
#
#   tests/run-unit.sh PROGRAM...
#
# Counts the tests inside cmocka programs; any other program is one test.
# Exit 77 is a skip, which CI=true turns into a failure. Output is shown for
# what failed only. TEST_TIMEOUT: seconds for each program, 120 if unset.
set -u

# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

limit=${TEST_TIMEOUT:-120}
# ASan needs address space; a leak or a report must fail the program.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
# Unit tests use no home and no runtime directory of the person who runs them.
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export TMPDIR=$out

tally_begin
count() { # count PATTERN: how many lines of the log match
	grep -c "$1" "$out/log"
}
for prog in "$@"; do
	name=${prog##*/}
	timeout -k 5 "$limit" "$prog" >"$out/log" 2>&1 </dev/null
	rc=$?
	p=$(count '^\[       OK ]')
	s=$(count '^\[  SKIPPED ]')
	f=$(grep '^\[  FAILED  ]' "$out/log" | grep -vc 'test(s)')
	# cmocka names skipped tests again in its summary
	grep -q '^\[  SKIPPED ] .*test(s)' "$out/log" && s=$(((s - 1) / 2))
	if [ "$rc" = 77 ]; then
		s=$((s + 1))
		echo "skip $name: $(tail -n 1 "$out/log")"
	elif [ "$rc" != 0 ]; then
		[ "$f" -gt 0 ] && f=$((f / 2 > 0 ? f / 2 : 1)) || f=1
		echo "FAIL $name (exit $rc$([ "$rc" = 124 ] &&
			echo ", more than $limit s"))"
		sed 's/^/    /' "$out/log"
	else
		[ $((p + s)) -gt 0 ] || p=1
		echo "ok   $name ($p)"
		grep '^\[  SKIPPED ]' "$out/log"
	fi
	tally_add "$p" "$f" "$s"
done
tally_end
