#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What must not be linked shares no circuit: tor itself is asked.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# Ports that are not among tor's LongLivedPorts, for which it wants a circuit of
# stable relays: 7 (echo), 80 and 443.

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

# inside, keeps a stream to each port open; every name leads to the server
# shellcheck disable=SC2016 # for the inner shell
hold='for p; do
	sleep 100 | /run/isolate/socks-connect "s$p.test" "$p" & done; wait'
launches=()
start() { # PORTS OPTION...: a launch that holds PORTS; sets circuits[PORT]
	local ports=$1 p

	shift
	# shellcheck disable=SC2086 # words
	background "$BIN/isolate" "$@" -- sh -c "$hold" sh $ports
	launches+=("$pid")
	for p in $ports; do
		wait_until 30 has_circuit "$p"
		circuits[p]=$(circuit "$p")
	done
}
all_end() {
	kill "${launches[@]}"
	wait_until 10 gone "${launches[@]}"
	wait_until 10 eval '! has_circuit "(7|80|443)"'
	launches=() circuits=()
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

start '7 80' -i alpha
start 443 -i beta
same 7 80 "one launch shares a circuit with itself"
differ 7 443 "two identities do not"
all_end
start 7 -i alpha
start 80 -i alpha
differ 7 80 "nor do two launches of one identity"
all_end
start '7 80' -i gamma -p git
differ 7 80 "a profile isolates by destination"
all_end
start '7 80' -i delta --set isolate-by=connection
differ 7 80 "or by connection"
all_end

# Credentials of the application's own separate it further, within its own.
login='import socket, sys, time
for port, user in zip((7, 80), sys.argv[1:]):
	s = socket.create_connection(("10.152.152.10", 9050)); globals()[user + str(port)] = s
	u = user.encode(); name = b"www.test"
	s.sendall(b"\5\1\2"); s.recv(2)
	s.sendall(bytes([1, len(u)]) + u + bytes([len(u)]) + u); s.recv(2)
	s.sendall(b"\5\1\0\3" + bytes([len(name)]) + name + port.to_bytes(2, "big"))
	s.recv(10)
time.sleep(100)'
logged_in() { # IDENTITY NAME NAME
	background "$BIN/isolate" -i "$1" -- /usr/bin/python3 -c "$login" \
		"$2" "$3"
	launches+=("$pid")
	for p in 7 80; do
		wait_until 30 has_circuit "$p"
		circuits[p]=$(circuit "$p")
	done
}
logged_in alpha one two
differ 7 80 "two logins of an application are two circuits"
all_end
logged_in alpha one one
same 7 80 "the same login is the same circuit"
# shellcheck disable=SC2154 # set in logged_in
first=${circuits[7]}
login=${login/(7, 80)/(443,)}
background "$BIN/isolate" -i beta -- /usr/bin/python3 -c "$login" one one
launches+=("$pid")
wait_until 30 has_circuit 443
circuits=([7]=$first [443]=$(circuit 443))
differ 7 443 "but in another identity it is another"
all_end

done_testing
