#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The control port of a sandbox answers what its level allows, and nothing else.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

python3 -c 'import stem' 2>/dev/null || skip "no python3-stem"
gateway=10.152.152.10

# none is the default
knock='import socket
for a in ("10.152.152.10", "127.0.0.1"):
	print(socket.socket().connect_ex((a, 9051)), end=" ")'
run isolate -- /usr/bin/python3 -c "$knock"
is "$out" "111 111 " "without a level nobody listens"
run isolate -- env
unlike "$out" TOR_CONTROL "... and programs are told of none"
run isolate --network none --set control=browser -- /usr/bin/python3 -c "$knock"
unlike "$out" '(^| )0 ' "... nor without a network"
for mode in socks transparent; do
	run isolate --network $mode --set control=minimal -- \
		/usr/bin/python3 -c "$knock"
	is "$out" "0 0 " "$mode: with one on both sides"
done
run isolate --set control=browser -- env
like "$out" "TOR_CONTROL_HOST=$gateway" "the environment names the host"
like "$out" 'TOR_CONTROL_PORT=9051' "... and the port"
run isolate --dry-run --set control=browser -- true
like "$out" "listener: $gateway:9051 control" "--dry-run shows the listener"
like "$out" 'listener: /run/tor/control control' "... both of it"
like "$out" $'\n''control: browser' "... and the level"
refuses 'control' "no such level" --set control=all -- true

# stem, as OnionShare, nyx and others use it.
stem='import sys
from stem.control import Controller
from stem import Signal, ControllerError
def attempt(what, f):
	try: print(what, "=", f())
	except ControllerError as e: print(what, "!", str(e)[:60])
for address in ("10.152.152.10", "127.0.0.1"):
	with Controller.from_port(address, 9051) as c:
		c.authenticate()
		print("version", c.get_version())
		attempt("socks", lambda: c.get_listeners("SOCKS"))
		attempt("disabled", lambda: c.get_conf("DisableNetwork"))
		attempt("newnym", lambda: c.signal(Signal.NEWNYM))
		attempt("shutdown", lambda: c.signal(Signal.SHUTDOWN))
		attempt("address", lambda: c.get_info("address"))
		attempt("circuits", lambda: c.get_circuits())
		attempt("set", lambda: c.set_conf("ORPort", "1"))
		attempt("map", lambda: c.map_address({"1.2.3.4": "a.org"}))
		attempt("onion", lambda:
			c.create_ephemeral_hidden_service({80: 8080}))
		attempt("version again", lambda: c.get_info("version"))'
run isolate --set control=browser -- /usr/bin/python3 -c "$stem"
is "$rc" 0 "stem logs in without a password"
is "$(grep -c '^version 0\.4\.' <<<"$out")" 2 "... gets a version, on each address"
is "$(grep -c "^socks = .*('127.0.0.1', 9050)" <<<"$out")" 2 \
	"... the SocksPorts of the sandbox"
is "$(grep -c '^disabled = 0' <<<"$out")" 2 "... and a setting"
is "$(grep -c '^newnym = None' <<<"$out")" 2 "... and a new identity"
for what in shutdown address circuits set map onion; do
	is "$(grep -c "^$what ! " <<<"$out")" 2 "... refused: $what"
done
is "$(grep -c '^version again = ' <<<"$out")" 2 "... and talks on"

run isolate --set control=minimal -- /usr/bin/python3 -c "$stem"
is "$(grep -c '^newnym ! ' <<<"$out")" 2 "minimal: no new identity"

# The same by a path, where a tor of the system has it.
run isolate -- ls /run /run/tor
unlike "$out" tor "without a level there is no socket"
path='import os, socket, sys
from stem import Signal
from stem.control import Controller
for path in ("/run/tor/control", "/var/run/tor/control"):
	with Controller.from_socket_file(path) as c:
		c.authenticate()
		print("version", c.get_version(), c.signal(Signal.NEWNYM))
		try: c.get_info("address")
		except Exception as e: print("refused", e)
s = socket.socket(socket.AF_UNIX)
s.connect("/run/tor/control")
print("peer", s.getpeername(), os.stat("/run/tor/control").st_uid)
try: os.unlink("/run/tor/control")
except OSError as e: print("unlink", e.strerror)
s.sendall(b"GETINFO version\r\n")
print("early", s.recv(100))
# descriptors that nobody asked for
s = socket.socket(socket.AF_UNIX)
s.connect("/run/tor/control")
for i in range(300): socket.send_fds(s, [b"AUTHENTICATE\r\n"], [0, 1, 2] * 80); s.recv(100)
s.sendall(b"GETINFO version\r\n")
print("fds", s.recv(100))
if len(sys.argv) > 1:
	print("ready", flush=True)
	sys.stdin.readline()
	s = socket.socket(socket.AF_UNIX)
	s.connect("/run/tor/control")
	s.sendall(b"AUTHENTICATE\r\nGETINFO version\r\nQUIT\r\n")
	print("again", s.makefile().read())'
for mode in socks transparent; do
	run isolate --network $mode --set control=browser -- \
		/usr/bin/python3 -c "$path"
	is "$(grep -c '^version 0\.4\..* None' <<<"$out")" 2 "$mode: stem by a path"
	is "$(grep -c '^refused ' <<<"$out")" 2 "... under the same rules"
	like "$out" "peer run/tor/control 1000"$'\n' "... which tells nothing"
	like "$out" 'unlink Read-only' "... and cannot be taken away"
	like "$out" 'early b.514 Auth' "... needs a login"
	like "$out" 'fds b.250-version' "... and takes no descriptors"
done
# by a gateway that was started anew, too
mkfifo "$T/go"
"$BIN/isolate" --set control=browser -- /usr/bin/python3 -c "$path" wait \
	<"$T/go" >"$T/.again" 2>&1 &
pid=$!
jobs_started+=("$pid")
exec 5>"$T/go"
wait_until 20 grep -q ready "$T/.again"
kill -KILL "$(below "$pid" isolate-gateway)"
wait_until 20 eval '[ "$(below "$pid" isolate-gateway)" ]'
echo >&5
wait_until 20 gone "$pid"
exec 5>&-
like "$(cat "$T/.again")" 'again 250 OK'$'\n''250-version=' \
	"a gateway that was killed has it again"
# a grant at that place does not get it
mkdir "$T/tor"
run isolate --bind "$T/tor:/run/tor" --set control=browser -- ls -a /run/tor
is "$rc $(ls -A "$T/tor")" "0 " "nothing is put into the user's own directory"
unlike "$out" control "... which covers it"

# A raw socket: what a client would do that means no good.
raw='import socket, sys
def talk(*parts):
	s = socket.create_connection(("10.152.152.10", 9051), 5)
	s.settimeout(10)
	got = b""
	try:
		for p in parts: s.sendall(p)
		s.shutdown(socket.SHUT_WR)
		while more := s.recv(4096): got += more
	except ConnectionError: got += b"reset"
	return got.replace(b"\r\n", b"|").decode()
log = b"AUTHENTICATE\r\n"
print("early", talk(b"GETINFO version\r\n" + log))
for line in (b"GETINFO\tversion", b"GETINFO  version", b"GETINFO version\0",
	b"GETINFO version\rSIGNAL NEWNYM", b"GETINFO \"version\"",
	b"GETINFO version address", b"GETINFO address", b"SIGNAL SHUTDOWN",
	b"SETCONF DisableNetwork=0 ORPort=1", b"RESETCONF ORPort",
	b"MAPADDRESS 1.2.3.4=127.0.0.1", b"LOADCONF", b"+LOADCONF",
	b"GETCONF SocksPort ControlPort", b"SETEVENTS ADDRMAP",
	b"ADD_ONION NEW:BEST Port=80,10.152.152.10:9051",
	b"ADD_ONION NEW:BEST Port=80,192.168.1.1:80",
	b"ADD_ONION NEW:BEST Port=80,unix:/run/tor/control",
	b"ADD_ONION NEW:BEST Flags=Detach Port=80", b"DEL_ONION x",
	b"TAKEOWNERSHIP", b"\xff\xfe", b"x" * 5000):
	print("refused", talk(log + line + b"\r\n"))
print("onion", talk(log + b"ADD_ONION NEW:BEST Port=80,8080\r\n"))
print("state", talk(log + b"GETINFO status/bootstrap-phase\r\n"))
print("half", talk(log + b"GETINFO vers"))
print("plus", talk(log + b"+POSTDESCRIPTOR\r\nGETINFO version\r\n.\r\n"))'
run isolate --set control=onion-service -- /usr/bin/python3 -c "$raw"
like "$out" '(^|'$'\n'')early 514 Authentication required\.\|('$'\n''|$)' \
	"nothing before the login"
is "$(grep -c '^refused 250 OK|510 Unrecognized command|$' <<<"$out")" 23 \
	"the bypass list is refused, all of it"
like "$out" 'onion 250 OK\|551 Not available' \
	"an onion service: not with somebody else's tor"
like "$out" 'state 250 OK\|551 Not available' \
	"somebody else's tor: its state is not known"
like "$out" 'half 250 OK\|('$'\n''|$)' "half a line is none"
like "$out" 'plus 250 OK\|510 Unrecognized command\|('$'\n''|$)' \
	"what follows a + is no command"

# Lines held open and thousands of commands: the SocksPort works meanwhile.
hold='import socket, subprocess
held = []
for i in range(20):
	s = socket.create_connection(("10.152.152.10", 9051), 5)
	try:
		s.sendall(b"AUTHENTICATE\r\nGETINFO vers")
		s.setblocking(False)
		for n in range(200): s.send(b"ion\r\nGETINFO version\r\n" * 100)
	except OSError: pass
	held.append(s)
print(subprocess.run(["curl", "-sS", "--max-time", "30", "--retry", "2",
	"--retry-all-errors",
	"--noproxy", "", "--socks5-hostname", "10.152.152.10:9050",
	"http://www.test/"], capture_output=True, text=True).stdout)'
run isolate --set control=minimal -- /usr/bin/python3 -c "$hold"
is "$out" tornet "who holds them all open holds nothing else up"

done_testing
