#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# irssi in a sandbox joins a channel on a real ngircd, which sees the exit.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

log=$REALM_DIR/servers/ngircd.log
lines=$(wc -l <"$log")
before=$(packets_sent)
# a circuit of a young network may fail, and irssi waits five minutes before
# it tries again
again "$BIN/expect" -t 25 '=irc.test' '=welcome' '@0.3' \
	'</join #isolate\r' '=has joined' '@0.3' '<hello\r' '=hello' \
	'@0.3' '</quit\r' -- \
	"$BIN/isolate" -p irc irssi --connect=irc.test --nick=sealed
is "$rc" 0 "irssi connects, joins, speaks and quits"
is "$(packets_sent)" "$before" "no packet left the machine by another way"
run tail -n "+$((lines + 1))" "$log"
like "$out" 'Accepted connection [0-9]+ from "203\.0\.113\.2[123]:' \
	"the server saw an exit"
unlike "$out" "$REALM_USER_ADDR" "... and not the user"
like "$out" 'User "sealed!~user@' "the user name it got is everybody's"

done_testing
