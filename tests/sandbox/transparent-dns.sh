#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# DNS, whoever is asked, is answered by the gateway and by nobody else.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

virtual='^10\.(19[2-9]|2[0-4][0-9]|25[0-5])\.[0-9]+\.[0-9]+$'
t() {
	isolate --network transparent -- "$@"
}
dig() {
	t dig +short +time=5 +tries=1 "$@"
}

before=$(packets_sent)
run dig www.test
like "$out" "$virtual" "the sandbox's resolver answers, with a virtual address"
for server in 8.8.8.8 10.152.152.10 192.168.1.1 "$REALM_SERVER"; do
	run dig @"$server" www.test
	like "$out" "$virtual" "... in the place of $server"
	run dig +tcp @"$server" www.test
	like "$out" "$virtual" "... over TCP"
done
run t getent ahostsv4 www.test
like "${out%% *}" "$virtual" "the C library finds it"
# shellcheck disable=SC2016 # for the sandbox
run t sh -c 'a=$(dig +short +time=5 www.test); dig +short +time=5 -x "$a"'
is "$out" www.test. "and back"
run dig 2y7vykyaxqbkjnqlqqsxw6pbvfqqd6zj4yyhuoa6odsxaylq5xbfqsid.onion AAAA
is "$rc$out" 0 "no AAAA"
SECONDS=0
run t dig +time=5 +tries=1 host.local
unlike "$out" 'ANSWER: [1-9]' "a local name has no address"
[ "$SECONDS" -lt 4 ]
is $? 0 "... and that is said at once"
# ... or, where the profile says so, with what an exit has looked up
run isolate --network transparent --set dns=resolve -- \
	dig +short +time=30 +tries=1 @8.8.8.8 www.test
is "$out" "$REALM_SERVER" "dns = resolve: the real address, by way of Tor"
run isolate --network transparent --set dns=resolve -- \
	curl -sS --max-time 30 http://www.test/ip
like "$out" '^203\.0\.113\.2[123]' "... which can be connected to"
is "$(packets_sent)" "$before" "no packet left the machine"
# ... which takes long where tor has no circuit: the C library waits
background "$BIN/listen" "late:$T/late"
wait_until 20 grep -q ready "$T/.bg.out"
run isolate --network transparent --set dns=resolve --tor "unix:$T/late" -- \
	getent ahostsv4 late.test
is "${out%% *}" "$REALM_SERVER" "a program's own lookup waits for a slow tor"
run isolate --network transparent --set dns=resolve --tor "unix:$T/late" -- \
	env RES_OPTIONS='timeout:1 attempts:1' getent ahostsv4 late.test
unlike "$out" "$REALM_SERVER" "(one that waits for a second does not find it)"

# In socks mode nobody answers, at no address.
run isolate --network socks -- dig +time=1 +tries=1 @8.8.8.8 www.test
unlike "$out" 'ANSWER: [1-9]' "socks: nobody answers"

done_testing
