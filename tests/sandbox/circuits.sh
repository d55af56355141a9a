#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What must not be linked shares no circuit: tor itself is asked.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# Ports that are not among tor's LongLivedPorts, for which it wants a circuit of
# stable relays: 7 (echo), 80 and 443.

# inside, keeps a stream to each port open; every name leads to the server
# shellcheck disable=SC2016 # for the inner shell
hold='for p; do
	sleep 100 | /run/isolate/socks-connect "s$p.test" "$p" & done; wait'
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
together start '7 80' -i alpha
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
together logged_in alpha one one
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
login=${login/(443,)/(7, 80)}
logged_in alpha one one
first=${circuits[7]}
login=${login/(7, 80)/(443,)}
background "$BIN/isolate" -i alpha -- /usr/bin/python3 -c "$login" one one
launches+=("$pid")
wait_until 30 has_circuit 443
circuits=([7]=$first [443]=$(circuit 443))
differ 7 443 "and in another launch of the same identity too"
all_end

done_testing
