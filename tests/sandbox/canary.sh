#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The last check before exec finds each protection that is missing.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

have_test_isolate || skip "no build/test/isolate"

run test_isolate -- true
is "$rc" 0 "the test build runs"
for step in capabilities no_new_privs userns network ipv6 descriptors seccomp
do
	export ISOLATE_TEST_SKIP=$step
	run test_isolate -- echo ran
	is "$rc|$out" "125|" "without $step: nothing is run"
	unset ISOLATE_TEST_SKIP
done
# with the canary gone too, the probe finds the hole
export ISOLATE_TEST_SKIP=seccomp,canary
run test_isolate --ro-bind "$BIN:/opt/bin" -- /opt/bin/probe --only io-uring \
	--only keyring --only families
unset ISOLATE_TEST_SKIP
is "$(reached | tr '\n' ' ')" "families io-uring keyring " \
	"without the filter the probe gets further"
# the ordinary build knows no such variable
ISOLATE_TEST_SKIP=seccomp,canary run isolate --ro-bind "$BIN:/opt/bin" -- \
	/opt/bin/probe --only io-uring
is "$(reached)" "" "the ordinary build does not look at ISOLATE_TEST_SKIP"

done_testing
