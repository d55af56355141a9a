# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# tests/tally.sh - counts tests; sourced by run-unit.sh and run-sandbox.sh

tally_begin() {
	passed=0 failed=0 skipped=0
}

tally_add() { # PASSED FAILED SKIPPED
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# Says how many; true where some passed and none failed. With CI=true a skip is
# a failure.
tally_end() {
	if [ "${CI-}" = true ] && [ "$skipped" -gt 0 ]; then
		echo "CI=true: a skip is a failure"
		failed=$((failed + skipped))
	fi
	echo
	if [ "$skipped" -gt 0 ]; then
		echo "$passed passed, $failed failed, $skipped skipped"
	else
		echo "$passed passed, $failed failed"
	fi
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
