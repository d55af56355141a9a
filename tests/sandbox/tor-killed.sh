#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tor killed: connections are refused, the application lives; tor back: it works.
# only-as: root (of the made-up machine: starts tor anew, which runs elsewhere)
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

tornet=${0%/sandbox/*}/tornet/tornet
# shellcheck disable=SC2206,SC2086 # words
elsewhere=(nsenter --net="/proc/$REALM_NET/ns/net" $REALM_DROP)

# A client of our own: others use the one of the machine.
socks=/run/tor/mortal
start_tor() {
	"${elsewhere[@]}" "$tornet" client "$REALM_DIR/net" mortal \
		"SocksPort unix:$socks WorldWritable RelaxDirModeCheck" \
		"ClientRejectInternalAddresses 1" \
		"ClientDNSRejectInternalAddresses 1"
}
kill_tor() {
	kill -KILL "$(cat "$REALM_DIR/net/mortal/pid")" &&
		stop_tor
}
stop_tor() {
	"${elsewhere[@]}" "$tornet" stop "$REALM_DIR/net" mortal
}

ok "tor is started" start_tor
# shellcheck disable=SC2016
background "$BIN/isolate" --tor "unix:$socks" -- bash -c '
(echo held; exec sleep 1000) | /run/isolate/socks-connect held.test 7 &
held=$!
while :; do
	curl -sS --max-time 20 http://www.test/ 2>&1 | tr "\n" " "
	[ -d "/proc/$held" ] || echo "held ended"
	echo; sleep 0.2
done'
wait_until 30 grep -q ^tornet "$T/.bg.out"
is $? 0 "online at first"
wait_until 30 grep -q 'held$' "$T/.bg.out"
is $? 0 "... with a stream that stays open"
before=$(packets_sent)

ok "kill -9 of tor" kill_tor
: >"$T/.bg.out"
wait_until 20 grep -qE 'curl: \((7|5[56]|97)\)' "$T/.bg.out"
is $? 0 "new connections are refused, not left hanging"
wait_until 10 grep -q 'held ended' "$T/.bg.out"
is $? 0 "the open one has ended"
unlike "$(cat "$T/.bg.out")" tornet "nothing gets through"
is "$(packets_sent)" "$before" "no packet left the machine by another way"
gone "$pid"
is $? 1 "the application lives on"
refuses "$socks.*refused" "a launch without it says so" \
	--tor "unix:$socks" -- true

ok "tor is started again" start_tor
: >"$T/.bg.out"
wait_until 60 grep -q ^tornet "$T/.bg.out"
is $? 0 "the same application is online again"
is "$(packets_sent)" "$before" "no packet left the machine by another way"
kill "$pid"
stop_tor
rm -f "$socks"

done_testing
