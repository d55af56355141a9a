#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The sandbox's network is one link to the gateway, and no more.
# also-as: root
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

routes() {
	sed 1d <<<"$out" | awk '{ print $1, $2, $3, $8 }' | sort
}

for mode in socks transparent; do
	run isolate --network $mode -- cat /proc/net/dev
	is "$(sed -n 's/^ *\([^ :]*\):.*/\1/p' <<<"$out" | sort | tr '\n' ' ')" \
		"eth0 lo " "$mode: two interfaces, lo and eth0"
	is "$(isolate --network $mode -- sh -c \
		'cat /proc/net/if_inet6 2>/dev/null')" "" \
		"$mode: no IPv6 address, not even ::1"
	run isolate --network $mode -- sh -c \
		'cat /proc/net/ipv6_route 2>/dev/null | grep -v " lo$"'
	is "$out" "" "$mode: no IPv6 route"
	run isolate --network $mode -- cat /proc/net/arp
	like "$(sed 1d <<<"$out" | head -n 1)" '^(10\.152\.152\.10 .*)?$' \
		"$mode: no neighbour but the gateway"
	unlike "$out" "$(cat /sys/class/net/*/address 2>/dev/null |
		grep -v ^00:00 | head -n 1 | grep . || echo no-mac)" \
		"$mode: no MAC address of the machine"
done
run isolate --network socks -- cat /proc/net/route
is "$(routes)" "eth0 0A98980A 00000000 FFFFFFFF" \
	"socks: one route, to the gateway's address alone"
run isolate --network transparent -- cat /proc/net/route
is "$(routes)" "* 000000E0 00000000 000000E0
eth0 00000000 0A98980A 00000000
eth0 0A98980A 00000000 FFFFFFFF" \
	"transparent: all others via the gateway, but multicast nowhere"
run isolate -- sed -n 's/^nameserver //p' /etc/resolv.conf
is "$out" 10.152.152.10 "no resolver but the gateway"
SECONDS=0
not_ok "... which looks nothing up in socks mode" \
	isolate --network socks -- getent hosts www.test
[ "$SECONDS" -lt 4 ]
is $? 0 "... and says so at once"

hello='import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
s.sendall(b"\5\1\0"); print(s.recv(2).hex())'
for where in '10.152.152.10 9050' '127.0.0.1 9050' '127.0.0.1 9150'; do
	for mode in socks transparent; do
		# shellcheck disable=SC2086 # two words
		run isolate --network $mode -- /usr/bin/python3 -c "$hello" $where
		is "$out" 0500 "$mode: SOCKS at $where"
	done
done
run isolate --network none -- cat /proc/net/dev
is "$(sed -n 's/^ *\([^ :]*\):.*/\1/p' <<<"$out" | tr '\n' ' ')" "lo " \
	"network none: lo only"
run isolate --network none -- /usr/bin/python3 -c "$hello" 127.0.0.1 9050
[ "$rc" != 0 ]
is $? 0 "network none: no SOCKS"

# Loopback is the sandbox's own.
background "$BIN/listen" tcp:127.0.0.1:7777
wait_until 20 grep -q ready "$T/.bg.out"
run isolate --ro-bind "$BIN:/opt/bin" -- /opt/bin/probe --only tcp4 \
	v4=127.0.0.1 port=7777
like "$out" 'tcp4 blocked ECONNREFUSED' "the machine's loopback is not reached"
run isolate -- /usr/bin/python3 -c '
import socket, threading
s = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=lambda: s.accept()[0].sendall(b"hi"), daemon=True).start()
print(socket.create_connection(s.getsockname(), 5).recv(2).decode())'
is "$out" hi "its own loopback works"

done_testing
