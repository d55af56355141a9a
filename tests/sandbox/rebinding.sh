#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A name of the world that leads to an internal address leads nowhere.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# An exit has these addresses too, its own loopback among them, and would
# connect. What is asked there answers at once: the control port of a tor.
# shellcheck disable=SC1091
. "$REALM_DIR/net/env"
control=${TORNET_CONTROL#*:}
t() {
	isolate -p default "$@"
}
was_asked() { # NAME: so what refused came after the lookup
	grep -q " $1\$" "$REALM_DIR/net/dns.out"
	is $? 0 "... and an exit had looked it up"
}
asked="PROTOCOLINFO"$'\r\n'"QUIT"$'\r\n'
# NAME PORT WORDS: what is answered there
# shellcheck disable=SC2016 # for the sandbox
say='exec 3<>"/dev/tcp/$1/$2" && printf %s "$3" >&3 && timeout 20 cat <&3'

again t --network transparent -- bash -c "$say" sh www.test 80 \
	$'GET / HTTP/1.0\r\n\r\n'
like "$out" tornet "a name with an address of the world is reached"
run t --network transparent --set dns=resolve -- dig +time=20 www.test
like "$out" $'IN\tA\t'"$REALM_SERVER" "... and found"
for name in in-127-0-0-1.test in-10-0-0-1.test in-192-168-1-1.test \
	in-169-254-169-254.test; do
	run t --network transparent -- bash -c "$say" sh "$name" "$control" \
		"$asked"
	unlike "$out" 250 "transparent: $name"
	run t --network socks -- curl -sS --max-time 20 "http://$name:$control/"
	[ "$rc" = 97 ] || [ "$rc" = 52 ]
	is $? 0 "socks: $name ($rc)"
	was_asked "$name"
	for server in '' @8.8.8.8; do
		# shellcheck disable=SC2086 # a word or none
		run t --network transparent --set dns=resolve -- \
			dig +time=20 +tries=1 $server "$name"
		unlike "$out" $'IN\tA\t' "dns = resolve: no address of $name"
		like "$out" 'status: (NXDOMAIN|SERVFAIL|REFUSED)' \
			"... and it is said ($server)"
	done
done

done_testing
