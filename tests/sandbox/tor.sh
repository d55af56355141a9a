#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# curl, wget and git reach servers through Tor, which sees the exit's address.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

exit_address='^203\.0\.113\.2[123](:[0-9]+)?$'

before=$(packets_sent)
again isolate curl -sS --max-time 30 http://www.test/ip
like "$out" "$exit_address" "curl: the server sees an exit"
again isolate -- curl -sS --max-time 30 http://www.test/ip
like "$out" "$exit_address" "curl after --"
# wget asks a proxy with CONNECT for https only; it trusts its own home's root
isolate -p wget -- sh -c 'cat >ca.pem' <"$REALM_DIR/servers/https.pem"
again isolate --network socks wget -qO- --timeout=30 --ca-certificate=ca.pem \
	https://www.test/ip
like "$out" "$exit_address" "wget: the server sees an exit"
run isolate --network socks wget -qO- --timeout=20 --tries=1 http://www.test/ip
is "$rc$out" 4 "... without TLS it finds no way, rather than another one"
again isolate -p default -- bash -c 'set -o pipefail
	curl -sS --max-time 60 http://www.test/big/3000000 | wc -c'
is "$out" 3000000 "three megabytes arrive"
again isolate -p default -- curl -sS --max-time 30 \
	--socks5-hostname 127.0.0.1:9050 http://www.test/
is "$out" tornet "127.0.0.1:9050 is Tor as well"
again isolate -p default -- curl -sS --max-time 30 --noproxy '' \
	--socks4a 10.152.152.10:9050 http://www.test/
is "$out" tornet "SOCKS4a"
again isolate -p default -- curl -sS --max-time 30 --noproxy '' \
	-x http://10.152.152.10:9190 -p http://www.test/
is "$out" tornet "HTTP CONNECT at 9190"
is "$(packets_sent)" "$before" "no packet left the machine by another way"

for url in http://127.0.0.1/ http://localhost/ http://10.0.0.1/ \
	http://192.168.1.1/ http://169.254.169.254/ 'http://[::1]/' \
	http://2130706433/ http://0x7f.1/ http://127.1/ 'http://[::ffff:7f00:1]/' \
	http://100.64.0.1/ http://172.16.0.1/ http://host.local/ \
	http://0.0.0.0/ http://224.0.0.1/; do
	run isolate -p default -- curl -sS -g --max-time 20 --noproxy '' \
		-x socks5h://10.152.152.10:9050 "$url"
	# SOCKS reply 2; tor, which would refuse it too, says 1
	like "$rc $err" '^97 .*\(2\)$' "refused by the gateway: $url"
done
run isolate curl -sS --max-time 20 http://nx.test/
[ "$rc" != 0 ]
is $? 0 "an unknown name fails"
run isolate --network socks -p default -- curl -sS --max-time 10 --noproxy '*' \
	http://www.test/
is "$rc" 6 "without the proxy there is no name"
run isolate --network socks -p default -- curl -sS --max-time 10 --noproxy '*' \
	"http://$REALM_SERVER/"
is "$rc" 7 "... and no route"

again isolate --tor 198.51.100.1:9050 curl -sS --max-time 30 http://www.test/ip
like "$out" "$exit_address" "a TCP SocksPort as upstream"
again isolate --tor unix:/run/tor/socks curl -sS --max-time 30 \
	http://www.test/ip
like "$out" "$exit_address" "a unix SocksPort as upstream"
# shellcheck disable=SC1091
. "$REALM_DIR/net/env"
is "$(isolate curl -sS --max-time 60 --retry 3 --retry-all-errors "http://$TORNET_ONION/")" \
	tornet "an onion service"

done_testing
