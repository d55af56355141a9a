#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The last check before exec finds each protection that is missing.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

have_test_isolate || skip "no build/test/isolate"

run test_isolate -- true
is "$rc" 0 "the test build runs"
for step in enter-netns no-ipv6 userns-limit hostname wire inner-userns capabilities \
	no-new-privs descriptors seccomp
do
	ISOLATE_TEST_SKIP=$step run test_isolate -- echo ran
	like "$rc|$out|$err" '^125\|\|isolate: canary: ' \
		"without $step: nothing is run, and the canary says so"
done
ISOLATE_TEST_SKIP=redirect run test_isolate --network transparent -- echo ran
like "$rc|$out|$err" '^125\|\|isolate: canary: topology: ' \
	"without redirect, in transparent mode: the same"
ISOLATE_TEST_SKIP=redirect run test_isolate --network socks -- echo ran
is "$rc|$out" "0|ran" "... which no other mode needs"
# other steps cannot do without these
for step in netns namespaces root proc pivot; do
	ISOLATE_TEST_SKIP=$step run test_isolate -- echo ran
	is "$rc|$out" "125|" "without $step: nothing is run"
done
# with the canary gone too, the probe finds the hole
export ISOLATE_TEST_SKIP=seccomp,canary
run test_isolate --ro-bind "$BIN:/opt/bin" -- /opt/bin/probe --only io-uring \
	--only keyring --only families
unset ISOLATE_TEST_SKIP
is "$(reached | tr '\n' ' ')" "families io-uring keyring " \
	"without the filter the probe gets further"
# ... and so it does in the machine's own network, without any of ours
export ISOLATE_TEST_SKIP=enter-netns,canary
run test_isolate --ro-bind "$BIN:/opt/bin" -- /opt/bin/probe --only tcp4 \
	--only udp4 --only tcp6 v4="$REALM_SERVER" v6="$REALM_SERVER6"
unset ISOLATE_TEST_SKIP
is "$(reached | tr '\n' ' ')" "tcp4 tcp6 udp4 " \
	"without a network of its own the probe reaches the internet"
run test_isolate --network socks --ro-bind "$BIN:/opt/bin" -- /opt/bin/probe \
	--only tcp4 --only udp4 --only tcp6 v4="$REALM_SERVER" \
	v6="$REALM_SERVER6"
is "$rc $(reached)" "0 " "with it the same probe does not"
# the ordinary build knows no such variable
ISOLATE_TEST_SKIP=seccomp,canary run isolate --ro-bind "$BIN:/opt/bin" -- \
	/opt/bin/probe --only io-uring
is "$(reached)" "" "the ordinary build does not look at ISOLATE_TEST_SKIP"

done_testing
