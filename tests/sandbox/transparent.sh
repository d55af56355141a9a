#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Programs that are told nothing reach servers through Tor, which sees an exit.
# also-as: root
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

exit_address='^203\.0\.113\.2[123](:[0-9]+)?$'
# shellcheck disable=SC1091
. "$REALM_DIR/net/env"
onion=$TORNET_ONION

t() { # PROFILE COMMAND...: with a network that asks nothing of programs
	local profile=$1

	shift
	isolate -i me --network transparent -p "$profile" \
		--ro-bind "$BIN:/opt/bin" -- "$@"
}

run t default env
unlike "$out" '[Pp][Rr][Oo][Xx][Yy]=' "no proxy variable is set"
unlike "$(t default cat /etc/ssh/ssh_config)" ProxyCommand \
	"no ProxyCommand either"

before=$(packets_sent)
again t curl curl -sS --max-time 30 http://www.test/ip
like "$out" "$exit_address" "curl by name"
again t curl curl -sS --max-time 30 "http://$REALM_SERVER/ip"
like "$out" "$exit_address" "... by address"
again t curl curl -sS --max-time 60 --retry 3 --retry-all-errors "http://$onion/"
is "$out" tornet "... by .onion"
again t curl bash -c 'set -o pipefail
	curl -sS --max-time 60 http://www.test/big/3000000 | wc -c'
is "$out" 3000000 "three megabytes arrive"
again t wget wget -qO- --timeout=30 http://www.test/ip
like "$out" "$exit_address" "wget by name, without TLS"
t wget sh -c 'cat >ca.pem' <"$REALM_DIR/servers/https.pem"
again t wget wget -qO- --timeout=30 --ca-certificate=ca.pem https://www.test/ip
like "$out" "$exit_address" "... with TLS"
again t wget wget -qO- --timeout=30 "http://$REALM_SERVER/ip"
like "$out" "$exit_address" "... by address"
again t wget wget -qO- --timeout=60 "http://$onion/"
is "$out" tornet "... by .onion"
again t git git clone -q http://www.test:8080/repo.git
is "$rc" 0 "git clones over http"
is "$(t git cat repo/file)" content "... what the server has"
t git sh -c 'cat >ca.pem' <"$REALM_DIR/servers/https.pem"
clone() { # DESC URL [-c OPTION]...
	local desc=$1 url=$2

	shift 2
	again t git sh -c 'rm -rf repo; git "$@" && cat repo/file' sh \
		"$@" clone -q "$url" repo
	is "$rc $out" "0 content" "$desc"
}
clone "... over https" https://www.test/repo.git -c http.sslCAInfo=ca.pem
clone "... by address" "http://$REALM_SERVER:8080/repo.git"
# the certificate is for a name
clone "... by address over https" "https://$REALM_SERVER/repo.git" \
	-c http.sslVerify=false
clone "... by .onion" "http://$onion:8080/repo.git"
fetch='import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1], timeout=30).read().decode().strip())'
again t python /usr/bin/python3 -c "$fetch" http://www.test/ip
like "$out" "$exit_address" "python's urllib by name"
again t python /usr/bin/python3 -c "$fetch" "http://$REALM_SERVER/ip"
like "$out" "$exit_address" "... by address"
again t python /usr/bin/python3 -c "$fetch" "http://$onion/"
is "$out" tornet "... by .onion"

t ssh mkdir -m 700 -p .ssh
t ssh sh -c 'umask 077; cat >.ssh/id' <"$REALM_DIR/servers/id_ed25519"
t ssh sh -c 'cat >.ssh/known_hosts' <"$REALM_DIR/servers/known_hosts"
# shellcheck disable=SC2016 # for the server
again t ssh ssh -o ConnectTimeout=30 -o BatchMode=yes -i .ssh/id \
	"$REALM_USER@ssh.test" 'echo $SSH_CONNECTION'
like "$out" '^203\.0\.113\.2[123] ' "ssh logs in"
for host in "$REALM_SERVER" "$onion"; do
	again t ssh ssh -o ConnectTimeout=60 -o BatchMode=yes -i .ssh/id \
		-o HostKeyAlias=ssh.test "$REALM_USER@$host" 'echo in'
	is "$out" in "... to $host"
done

# No library, no configuration file, no resolver but its own.
again t default /opt/bin/raw-get www.test 80 /ip
like "$out" "$exit_address" "a static program, by name"
again t default /opt/bin/raw-get www.test 80 /ip 8.8.8.8
like "$out" "$exit_address" "... which asks a server of its own choice"
again t default /opt/bin/raw-get "$REALM_SERVER" 80 /ip
like "$out" "$exit_address" "... by address"
again t default /opt/bin/raw-get "$onion" 80 /
is "$out" tornet "... by .onion"
is "$(packets_sent)" "$before" "no packet left the machine by another way"

# What must not be reached is not, by whatever way it is written.
for url in http://10.0.0.1/ http://192.168.1.1/ http://169.254.169.254/ \
	http://172.16.0.1/ http://100.64.0.1/ http://10.152.152.12/ \
	http://10.192.200.200/ http://host.local/ http://nx.test/ \
	'http://[::ffff:10.0.0.1]/' 'http://[::ffff:127.0.0.1]:22/'; do
	run t curl curl -sS -g --max-time 20 "$url"
	[ "$rc" != 0 ] && [ "$rc" != 28 ]
	is $? 0 "refused, and not by silence: $url ($rc)"
done
# the redirected ports themselves are closed
for port in 9040 5300; do
	run t default /opt/bin/probe --only tcp4 v4=10.152.152.10 port=$port
	like "$out" 'tcp4 blocked ECONNREFUSED' "gateway port $port is refused"
done

# In socks mode the same programs find no way at all.
run isolate --network socks -p default -- curl -sS --max-time 10 \
	--noproxy '*' "http://$REALM_SERVER/"
is "$rc" 7 "socks: no route without the proxy"
run isolate --network socks --ro-bind "$BIN:/opt/bin" -- /opt/bin/raw-get \
	"$REALM_SERVER" 80 /ip
like "$rc $err" '^1 .*unreachable' "socks: a static program has no route"

done_testing
