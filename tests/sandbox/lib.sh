# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# tests/sandbox/lib.sh - TAP and helpers; sourced by each tests/sandbox/*.sh
#
# A test file states one promise, uses the functions below and ends with
# done_testing. tests/run-sandbox.sh runs it on the made-up machine of
# tests/tornet/realm, whose names and addresses it may use (REALM_*), with a
# fresh HOME and an empty runtime directory.
#
#   $T        a directory of its own, gone afterwards
#   $BIN      isolate, isolate-gateway, isolatectl, probe, expect, ...
#   isolate   "$BIN/isolate"; test_isolate is the build that can skip steps
set -u

T=${TEST_DIR:?run through tests/run-sandbox.sh}
BIN=${TEST_BIN:?}
tap_n=0
tap_done=
jobs_started=()

# shellcheck disable=SC2317 # called by the trap
tap_exit() {
	local rc=$? p

	for p in "${jobs_started[@]}"; do
		kill -KILL "$p" 2>/dev/null
	done
	if [ ! "$tap_done" ] && [ "$rc" != 77 ]; then
		echo "# ended early with $rc"
	fi
}
trap tap_exit EXIT

# A launch that fails where it should not would make many a "nothing is seen"
# true: done_testing fails then. may_refuse=yes: here it may.
isolate() {
	local rc=0

	"$BIN/isolate" "$@" || rc=$?
	[ "$rc" != 125 ] || [ "${may_refuse-}" ] || echo "$*" >>"$T/.refused"
	return "$rc"
}

# Steps named by ISOLATE_TEST_SKIP are left out: for anti-tests only.
test_isolate() {
	"$BIN/test/isolate" "$@"
}

have_test_isolate() {
	[ -x "$BIN/test/isolate" ]
}

pass() { # DESC
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1"
}

fail() { # DESC [DIAGNOSTIC...]
	tap_n=$((tap_n + 1))
	echo "not ok $tap_n - $1"
	shift
	printf '%s\n' "$@" | sed 's/^/#   /'
}

# run CMD...: sets $out, $err and $rc
run() {
	"$@" >"$T/.out" 2>"$T/.err" </dev/null
	rc=$?
	out=$(tr -d '\0' <"$T/.out")
	err=$(tr -d '\0' <"$T/.err")
}

# again CMD...: as run, up to three times: a stream through a Tor network may fail
again() {
	local i

	for i in 1 2 3; do
		run "$@"
		[ "$rc" != 0 ] || break
	done
}

ok() { # DESC CMD...: it succeeds
	local desc=$1

	shift
	run "$@"
	if [ "$rc" = 0 ]; then
		pass "$desc"
	else
		fail "$desc" "status $rc: $*" "$out" "$err"
	fi
}

not_ok() { # DESC CMD...: it fails
	local desc=$1

	shift
	run "$@"
	if [ "$rc" != 0 ]; then
		pass "$desc"
	else
		fail "$desc" "succeeded: $*" "$out" "$err"
	fi
}

is() { # GOT WANT DESC
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3" "got:  $1" "want: $2" "stderr: ${err-}"
	fi
}

like() { # GOT REGEX DESC
	if [[ $1 =~ $2 ]]; then
		pass "$3"
	else
		fail "$3" "got: $1" "does not match: $2" "stderr: ${err-}"
	fi
}

unlike() { # GOT REGEX DESC
	if [[ $1 =~ $2 ]]; then
		fail "$3" "got: $1" "matches: $2" "with: ${BASH_REMATCH[0]}"
	else
		pass "$3"
	fi
}

# refuses PATTERN DESC ARG...: isolate ends with 125, one line, on stderr
refuses() {
	local pattern=$1 desc=$2

	shift 2
	may_refuse=yes run isolate "$@"
	if [ "$rc" = 125 ] && [[ $err =~ $pattern ]] && [ ! "$out" ] &&
		[ "$(printf '%s\n' "$err" | wc -l)" = 1 ]; then
		pass "$desc"
	else
		fail "$desc" "status $rc (want 125, one line like $pattern)" \
			"stdout: $out" "stderr: $err"
	fi
}

skip() { # REASON: the whole file
	echo "# SKIP $1"
	exit 77
}

skip_one() { # DESC REASON
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

done_testing() {
	[ ! -s "$T/.refused" ] ||
		fail "every launch that should work did" "$(cat "$T/.refused")"
	tap_done=yes
	echo "1..$tap_n"
}

# wait_until SECONDS CMD...
wait_until() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# background CMD...: sets $pid; killed when the file ends
background() {
	# appended, so that a test can empty them
	rm -f "$T/.bg.out" "$T/.bg.err"
	"$@" >>"$T/.bg.out" 2>>"$T/.bg.err" </dev/null &
	pid=$!
	jobs_started+=("$pid")
}

gone() { # PID...: none of them lives (a zombie does not)
	local p state

	for p in "$@"; do
		state=$(sed 's/.*) //;s/ .*//' "/proc/$p/stat" 2>/dev/null)
		[ -z "$state" ] || [ "$state" = Z ] || return 1
	done
}

descendants() { # PID: all below it, one a line
	local p

	# shellcheck disable=SC2013 # words, not lines
	for p in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
		echo "$p"
		descendants "$p"
	done
}

# below PID NAME: descendants whose command is NAME
below() {
	local p

	for p in $(descendants "$1"); do
		[ "$(cat "/proc/$p/comm" 2>/dev/null)" != "$2" ] || echo "$p"
	done
}

# Packets that the machine has sent to the made-up internet so far.
packets_sent() {
	awk -v l="$REALM_LINK:" '$1 == l { print $11 }' /proc/net/dev
}

# unix_listener PATH-or-@ABSTRACT: a socket that accepts; sets $pid
unix_listener() {
	background "$BIN/listen" "unix:$1"
	wait_until 20 grep -q ready "$T/.bg.out"
}

# probe_lines: `NAME reached` lines of $out, sorted
reached() {
	printf '%s\n' "$out" | sed -n 's/ reached$//p' | sort
}

# Circuits, as tor itself tells them. A test appends to launches what keeps
# streams open, and fills circuits[PORT].
launches=()

# circuit PORT: the number of the circuit whose open stream goes to PORT
circuit() {
	/usr/bin/python3 - "$REALM_DIR/net/app" "$1" <<-'END'
		import re, socket, sys
		data, port = sys.argv[1:]
		cookie = open(data + "/control_auth_cookie", "rb").read().hex()
		s = socket.socket(socket.AF_UNIX)
		s.connect(data + "/control")
		s.sendall(f"AUTHENTICATE {cookie}\r\nGETINFO stream-status\r\nQUIT\r\n".encode())
		text = s.makefile().read()
		print(*re.findall(rf"\d+ SUCCEEDED (\d+) \S+:{port}\s", text))
	END
}
has_circuit() {
	[ "$(circuit "$1")" ]
}

all_end() {
	kill "${launches[@]}"
	wait_until 30 gone "${launches[@]}"
	wait_until 30 eval '! has_circuit "(7|80|443)"'
	launches=() circuits=()
}
# together CMD...: it sets circuits[7] and [80], which are to be one. Tor prefers a
# conflux set to the circuit in use, where one is linked between the two streams.
together() {
	local i

	for i in 1 2 3; do
		"$@"
		[ "${circuits[7]-}" != "${circuits[80]-}" ] || return 0
		[ "$i" = 3 ] || all_end
	done
}
same() { # PORT PORT DESC
	is "${circuits[$1]:-none}" "${circuits[$2]:-nothing}" "$3"
}
differ() { # PORT PORT DESC
	local a=${circuits[$1]-} b=${circuits[$2]-}

	if [ "$a" ] && [ "$b" ] && [ "$a" != "$b" ]; then
		pass "$3"
	else
		fail "$3" "$1 on ${a:-none}, $2 on ${b:-none}"
	fi
}

# own_tornet [OPTION...]: a private network for isolate's own tor, which runs on
# this machine's loopback; its server answers at www.test:$port. Sets $data and
# $run_dir, of that tor; all of it ends with the file.
# shellcheck disable=SC2034,SC2120 # for the tests
own_tornet() {
	tornet=${0%/sandbox/*}/tornet/tornet
	# its server has an address that tor does not take for an internal one
	"$tornet" start "$T/net" --auths 1 --middles 1 --exits 1 --no-onion \
		--server "$REALM_USER_ADDR" --exit-bind "$REALM_USER_ADDR" "$@" \
		>"$T/tornet.log" 2>&1 || {
		fail "a private Tor network" "$(cat "$T/tornet.log")"
		done_testing
		exit 1
	}
	trap '"$BIN/isolatectl" tor stop >/dev/null 2>&1
		"$tornet" stop "$T/net" >/dev/null 2>&1; tap_exit' EXIT
	port=$(sed -n 's/^TORNET_HTTP=.*://p' "$T/net/env" | tr -d "'")
	data=$HOME/.local/share/isolate/tor
	run_dir=$XDG_RUNTIME_DIR/isolate/tor
	mkdir -p "$HOME/.config/isolate/torrc.d"
	{
		grep -h '^DirAuthority' "$T"/net/client/torrc
		cat <<-EOF
			TestingTorNetwork 1
			OutboundBindAddress 127.0.0.1
			TestingClientDownloadInitialDelay 0
			TestingClientConsensusDownloadInitialDelay 0
			TestingClientMaxIntervalWithoutRequest 1
			FetchDirInfoEarly 1
			FetchDirInfoExtraEarly 1
		EOF
	} >"$HOME/.config/isolate/torrc.d/net.conf"
}

# control COMMAND...: what isolate's own tor answers
control() {
	/usr/bin/python3 - "$data/control_auth_cookie" "$run_dir/control" "$@" <<-'END'
		import socket, sys
		cookie = open(sys.argv[1], "rb").read().hex()
		s = socket.socket(socket.AF_UNIX)
		s.connect(sys.argv[2])
		s.sendall("".join(c + "\r\n" for c in
			["AUTHENTICATE " + cookie] + sys.argv[3:] + ["QUIT"]).encode())
		print(s.makefile().read())
	END
}
# tor itself knows its number in its own pid namespace only
tor_pid() {
	"$BIN/isolatectl" tor status | sed -n 's/^pid  *//p'
}
# How many TCP sockets of it listen; nothing where it does not run.
tor_listeners() {
	local p

	p=$(tor_pid)
	[ ! "$p" ] || ss -Htlnp | grep -c "pid=$p,"
}

# watch_streams: its STREAM events from now on, in $T/streams, each behind the
# time in milliseconds
watch_streams() {
	/usr/bin/python3 - "$data/control_auth_cookie" "$run_dir/control" \
		>"$T/streams" 2>"$T/streams.err" <<-'END' &
		import socket, sys, time
		s = socket.socket(socket.AF_UNIX)
		s.connect(sys.argv[2])
		s.sendall(b"AUTHENTICATE %s\r\nSETEVENTS STREAM\r\n" %
			open(sys.argv[1], "rb").read().hex().encode())
		for line in s.makefile(): print(int(time.time() * 1000), line, end="", flush=True)
	END
	jobs_started+=($!)
	wait_until 30 test -s "$T/streams"
}
