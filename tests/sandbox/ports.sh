#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Of Whonix's ports those are open that the profile names, and no other.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

scan='import socket, sys
for port in [*range(9000, 9300), 5300, 9040]:
	s = socket.socket()
	s.settimeout(5)
	e = s.connect_ex((sys.argv[1], port))
	if e == 0: print(port, end=" ")
	elif e != 111: print("errno", e, "on", port)'
open_ports() { # ADDRESS OPTION...: those that take a connection
	local address=$1

	shift
	run isolate "$@" -- /usr/bin/python3 -c "$scan" "$address"
	out=${out% }
}

gateway=10.152.152.10
open_ports $gateway
is "$out" "9050 9150 9190" "three ports are open, the others refuse"
open_ports 127.0.0.1
is "$out" "9050 9150" "... and two on loopback"

open_ports $gateway --set socks-ports=all
is "$out" "$(echo 9050 {9100..9111} 9114 9115 9117 9118 {9122..9125} 9150 \
	{9152..9229})" "all: Whonix's table"
open_ports $gateway --set 'socks-ports=9101 9200-9203'
is "$out" "9101 9200 9201 9202 9203" "numbers and ranges"
open_ports 127.0.0.1 --set 'socks-ports=9101 9200-9203'
is "$out" "" "... without 9050 nothing on loopback"
run isolate --network socks --set socks-ports=9101 -- env
unlike "$out" 'ALL_PROXY|https_proxy|TOR_SOCKS' "... and no proxy is told of"
open_ports $gateway --set socks-ports=none
is "$out" "" "none: every port refuses"
open_ports 127.0.0.1 --set socks-ports=none
is "$out" "" "... on loopback too"

refuses 'socks-ports: 9051 is no port of the gateway' "a port there is not" \
	--set socks-ports=9051 -- true
refuses 'not a port or a range' "no port at all" --set socks-ports=x -- true

# Clients of each kind, on ports that isolate in each way.
curls() { # DESC OPTION...
	local desc=$1

	shift
	is "$(isolate --set socks-ports=all -- curl -sS --max-time 30 \
		--retry 2 --retry-all-errors --noproxy '' "$@" http://www.test/)" tornet "$desc"
}
curls "SOCKS5 on 9050" --socks5-hostname $gateway:9050
curls "SOCKS5 with a login on 9101" --socks5-hostname "u:p@$gateway:9101"
curls "SOCKS5 on 9150" --socks5-hostname $gateway:9150
curls "SOCKS4a on 9117" --socks4a $gateway:9117
curls "SOCKS4a on 9189" --socks4a $gateway:9189
curls "HTTP CONNECT on 9190" -p --proxy http://$gateway:9190
curls "HTTP CONNECT with a login on 9229" -p --proxy "http://u:p@$gateway:9229"

# Each port takes its own protocol only, and broken ones come to an end.
broken='import socket, sys
def say(port, *parts):
	s = socket.create_connection(("10.152.152.10", port), 5)
	got = b""
	try:
		for p in parts: s.sendall(p)
		s.shutdown(socket.SHUT_WR)
		while more := s.recv(4096): got += more
	except ConnectionError: got += b"reset"
	return got
for port in (9050, 9150, 9101, 9189):
	print(port, say(port, b"\5\1\xff").hex(), say(port, b"\5\0").hex(),
		say(port, b"\6\1\0").hex(), say(port, b"").hex(),
		say(port, b"\5\1\0\5\2\0\1\1\1\1\1\0\7").hex(),
		say(port, b"\5\1\0\5\1\0\1\x7f\0\0\1\0\7").hex(),
		say(port, b"CONNECT a.org:80 HTTP/1.0\r\n\r\n")[:12].decode())
for port in (9190, 9229):
	print(port, say(port, b"\5\1\0").hex(),
		say(port, b"GET http://a.org/ HTTP/1.0\r\n\r\n")[:12].decode(),
		say(port, b"CONNECT a.org HTTP/1.0\r\n\r\n")[:12].decode(),
		say(port, b"CONNECT a.org:80 " + b"x" * 5000)[:12].decode(),
		say(port, b"CONNECT 127.0.0.1:80 HTTP/1.0\r\n\r\n")[:12].decode())'
run isolate --set socks-ports=all -- /usr/bin/python3 -c "$broken"
for port in 9050 9150 9101 9189; do
	like "$out" "(^|"$'\n'")$port 05ff 05ff   05000507000100000000[0]* 05000502000100000000[0]* HTTP/1\.0 501" \
		"broken greetings on $port"
done
for port in 9190 9229; do
	like "$out" "(^|"$'\n'")$port [0-9a-f]* HTTP/1\.0 405 HTTP/1\.0 400 HTTP/1\.0 400 HTTP/1\.0 403" \
		"broken requests on $port"
done

done_testing
