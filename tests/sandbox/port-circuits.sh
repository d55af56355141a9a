#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each port of the gateway isolates by what Whonix's does: tor itself is asked.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# Ports that are not among tor's LongLivedPorts, as in circuits.sh.
through='import socket, sys, time
keep = []
gateway = int(sys.argv[1])
for port, auth in zip((7, 80), sys.argv[2:]):
	s = socket.create_connection(("10.152.152.10", gateway)); keep.append(s)
	if gateway >= 9190:
		s.sendall(f"CONNECT www.test:{port} HTTP/1.1\r\n{auth}\r\n".encode())
	else:
		s.sendall(b"\5\1\0\5\1\0\3\x08www.test" + port.to_bytes(2, "big"))
	s.recv(64)
time.sleep(100)'
by_port() { # GATEWAY-PORT [HEADER HEADER]
	local port=$1

	shift
	background "$BIN/isolate" -i alpha --set socks-ports=all -- \
		/usr/bin/python3 -c "$through" "$port" "${1-}" "${2-}"
	launches+=("$pid")
	for p in 7 80; do
		wait_until 30 has_circuit "$p"
		circuits[p]=$(circuit "$p")
	done
}
together by_port 9152
same 7 80 "9152: two ports of a host share a circuit"
all_end
together by_port 9160
same 7 80 "9160, by address: they do"
all_end
by_port 9170
differ 7 80 "9170, by port: they do not"
all_end
together by_port 9190
same 7 80 "9190, HTTP: they do"
all_end
by_port 9190 $'Proxy-Authorization: Basic YTpi\r\n' \
	$'Proxy-Authorization: Basic YTpj\r\n'
differ 7 80 "two logins by HTTP are two circuits"
all_end

done_testing
