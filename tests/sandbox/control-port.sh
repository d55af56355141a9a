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
	"an onion service: there is nobody to bring its connections"
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
	"--noproxy", "", "--socks5-hostname", "10.152.152.10:9050",
	"http://www.test/"], capture_output=True, text=True).stdout)'
run isolate --set control=minimal -- /usr/bin/python3 -c "$hold"
is "$out" tornet "who holds them all open holds nothing else up"

done_testing
