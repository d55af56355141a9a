#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A profile's destinations are all that is reached; refused ones are told.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# curl's exit status, or what the server said, of a launch with OPTIONs
fetch() { # URL OPTION...
	local url=$1

	shift
	run isolate -p default --network socks "$@" -- curl -sS --max-time 30 --retry 2 \
		--noproxy '' "$url"
	[ "$rc" = 0 ] || out=$rc
}
reaches() { # DESC URL OPTION...
	local desc=$1

	shift
	for _ in 1 2 3; do
		fetch "$@"
		[ "$out" != tornet ] || break
	done
	is "$out" tornet "$desc"
}
blocked() { # DESC URL OPTION...: the gateway says no (curl: CURLE_PROXY)
	local desc=$1

	shift
	fetch "$@"
	# SOCKS reply 2; of what is internal tor says 1
	like "$out $err" '^97 .*\(2\)$' "$desc"
}

www=http://www.test/
reaches "without a rule every name is reached" $www
blocked "a name is denied" $www --set deny-destinations=www.test
blocked "... in another spelling too" http://WWW.Test./ \
	--set deny-destinations=www.test
blocked "names below one" $www --set 'deny-destinations=*.test'
blocked "a port" $www --set 'deny-destinations=*:1-80'
blocked "an address is denied by prefix" "http://$REALM_SERVER/" \
	--set 'deny-destinations=203.0.113.0/24'
reaches "other names are not" $www --set deny-destinations=ftp.test
reaches "a name is allowed" $www --set allow-destinations=www.test:80
blocked "others are not, then" $www --set allow-destinations=ftp.test
blocked "nor other ports" $www --set allow-destinations=www.test:81
blocked "nor its address" "http://$REALM_SERVER/" \
	--set allow-destinations=www.test
blocked "deny wins" $www --set 'allow-destinations=*' \
	--set deny-destinations=www.test
for url in http://127.0.0.1/ http://10.0.0.1/ http://host.local/; do
	blocked "no rule opens what is internal: $url" $url \
		--set 'allow-destinations=* 127.0.0.0/8 10.0.0.0/8 host.local' \
		--set 'allow-destinations=*:80'
done
# shellcheck disable=SC1091
. "$REALM_DIR/net/env"
reaches "onion services by pattern" "http://$TORNET_ONION/" \
	--set 'allow-destinations=*.onion'
blocked "... and not the others" $www --set 'allow-destinations=*.onion'

# What each protocol's client is told.
codes='import socket
def say(port, *parts):
	s = socket.create_connection(("10.152.152.10", port), 10)
	for p in parts: s.sendall(p)
	return s.makefile("rb").read()
name = b"www.test"
to = b"\3" + bytes([len(name)]) + name + b"\0\x50"
print(say(9050, b"\5\1\0", b"\5\1\0" + to).hex(),
	say(9050, b"\5\1\0", b"\5\xf0\0" + to).hex(),
	say(9050, b"\4\1\0\x50\0\0\0\1\0" + name + b"\0").hex(),
	say(9190, b"CONNECT www.test:80 HTTP/1.1\r\n\r\n").decode().split("\r")[0])'
run isolate --network socks --set deny-destinations=www.test -- /usr/bin/python3 -c "$codes"
is "$out" "050005020001000000000000 050005020001000000000000 005b000000000000 HTTP/1.0 403 Forbidden" \
	"SOCKS5 code 2, also to a lookup; SOCKS4 91; HTTP 403"

# The shipped profiles that say where.
# (a sanitized one would look for leaks at its end, by ptrace)
ssh_port='ASAN_OPTIONS=detect_leaks=0 /run/isolate/socks-connect irc.test "$1" </dev/null'
run isolate -p irc -- sh -c "$ssh_port" sh 6667
is "$rc" 0 "irc: an IRC server is reached"
for port in 80 22 443; do
	run isolate -p irc -- sh -c "$ssh_port" sh $port
	like "$err" 'refused by the gateway' "irc: port $port is not"
done
run isolate -p mutt --network socks -- curl -sS --max-time 20 $www
is "$rc" 97 "mutt: a web server is not reached"

# --verbose tells, once; nothing is written.
run isolate -v --network socks --set deny-destinations=www.test -- sh -c \
	'for i in 1 2 3; do curl -s http://www.test/; curl -s http://10.0.0.1/; done'
is "$(grep -c 'refused www.test:80 (allow-destinations, deny-destinations)' \
	<<<"$err")" 1 "--verbose names what was refused, once"
is "$(grep -c 'refused 10.0.0.1:80 (internal)' <<<"$err")" 1 \
	"... and what is internal"
many='import socket
for i in range(400):
	s = socket.create_connection(("10.152.152.10", 9190), 5)
	s.sendall(b"CONNECT n%d.test:80 HTTP/1.0\r\n\r\n" % i); s.recv(99)'
run isolate -v --set 'deny-destinations=*' -- /usr/bin/python3 -c "$many"
is "$(grep -c 'refused n' <<<"$err") $(grep -c 'more dest' <<<"$err")" "200 1" \
	"... the first 200, and that there are more"
run isolate --network socks --set deny-destinations=www.test -- curl -s $www
is "$err" "" "without it nothing is said"
is "$(find "$HOME/.local/share/isolate" -name '*.log')" "" "... or kept"
log=$HOME/.local/share/isolate/identities/noted/destinations.log
run isolate -i noted --amnesic --set log=destinations \
	--set deny-destinations=www.test -- curl -s $www
[ ! -e "$log" ]
is $? 0 "an amnesic launch keeps none, even if told to"
for _ in 1 2; do
	run isolate -i noted --network socks --set log=destinations \
		--set deny-destinations=www.test -- curl -s $www $www
	unlike "$err" refused "log = destinations says nothing"
done
like "$(cat "$log")" '^[-0-9]{10}T[:0-9]{8}Z curl curl policy www\.test:80'$'\n'"[^"$'\n'"]*$" \
	"... but writes a line each launch"
is "$(stat -c %a "$log")" 600 "... for its owner only"
rm "$log"
ln -s "$HOME/elsewhere" "$log"
refuses 'destinations\.log' "a link in its place ends the launch" \
	-i noted --set log=destinations -- true
[ ! -e "$HOME/elsewhere" ]
is $? 0 "... and is not followed"

# Programs that are told of no proxy. $seconds: after the name was found
direct() { # URL OPTION...
	local url=$1 found

	shift
	run isolate -p default --network transparent "$@" -- curl -sS \
		--max-time 60 -w '%{time_namelookup} %{time_total}' "$url"
	read -r found seconds <<<"${out##*$'\n'}"
	seconds=$(awk "BEGIN { print $seconds - $found }")
	out=${out%$'\n'*}
}
goes() { # DESC URL OPTION...
	local desc=$1

	shift
	for _ in 1 2 3; do
		direct "$@"
		[ "$rc" != 0 ] || break
	done
	is "$out" tornet "transparent: $desc"
}
stops() { # DESC RC URL OPTION...: with this status of curl's, and at once
	local desc=$1 want=$2

	shift 2
	direct "$@"
	like "$rc" "^($want)$" "transparent: $desc"
	awk -v s="$seconds" 'BEGIN { exit !(s < 2) }'
	is $? 0 "... at once ($seconds s)"
}
unknown=6    # CURLE_COULDNT_RESOLVE_HOST
reset='7|5[56]' # CURLE_COULDNT_CONNECT, _SEND_ERROR, _RECV_ERROR
goes "without a rule every name is reached" $www
stops "a name is denied" $unknown $www --set deny-destinations=www.test
stops "... in another spelling too" $unknown http://WWW.Test./ \
	--set deny-destinations=www.test
stops "a port" "$reset" $www --set 'deny-destinations=*:1-80'
stops "an address by prefix" "$reset" "http://$REALM_SERVER/" \
	--set 'deny-destinations=203.0.113.0/24'
goes "other names are not" $www --set deny-destinations=ftp.test
goes "a name is allowed" $www --set allow-destinations=www.test:80
stops "others are not, then" $unknown $www --set allow-destinations=ftp.test
stops "nor other ports" "$reset" $www --set allow-destinations=www.test:81
stops "nor its address" "$reset" "http://$REALM_SERVER/" \
	--set allow-destinations=www.test
goes "an address is allowed" "http://$REALM_SERVER/" \
	--set allow-destinations="$REALM_SERVER:80"
stops "no rule opens what is internal" "$reset" http://10.0.0.1/ \
	--set 'allow-destinations=* 10.0.0.0/8'
goes "onion services by pattern" "http://$TORNET_ONION/" \
	--set 'allow-destinations=*.onion'
stops "... and not the others" $unknown $www --set 'allow-destinations=*.onion'
for profile in irc mutt; do
	run isolate -p $profile --network transparent -- \
		curl -sS --max-time 20 $www
	like "$rc" "^($reset)$" "$profile, transparent: no web server is reached"
done
chat='import socket
s = socket.create_connection(("irc.test", 6667), 60)
s.sendall(b"NICK a\r\nUSER a 0 * a\r\n")
print(s.recv(1).decode())'
run isolate -p irc --network transparent -- /usr/bin/python3 -c "$chat"
is "$out" : "irc, transparent: an IRC server is"

# DNS, whichever server is asked.
for dns in names resolve; do
	for how in '' '@8.8.8.8 +tcp'; do
		for type in A AAAA TXT; do
			# shellcheck disable=SC2086 # words
			run isolate --network transparent --set dns=$dns \
				--set deny-destinations=www.test -- \
				dig +time=20 +tries=1 $how www.test $type
			like "$out" 'status: NXDOMAIN' \
				"dns = $dns: no $type of a denied name $how"
		done
	done
	run isolate --network transparent --set dns=$dns \
		--set deny-destinations=ftp.test -- \
		dig +short +time=30 +tries=1 www.test
	like "$out" '^(203\.0\.113|10)\.[0-9.]+$' "dns = $dns: others are found"
done
stops "dns = resolve: the rules hold for the address that was found" "$reset" \
	$www --set dns=resolve --set allow-destinations=www.test
goes "... and let it through" $www --set dns=resolve \
	--set "allow-destinations=www.test $REALM_SERVER"
run isolate -v --network transparent --set 'deny-destinations=www.test *:81' \
	-- sh -c 'for i in 1 2; do
		curl -s http://www.test/; curl -s http://10.0.0.1/
		curl -s http://203.0.113.1:81/; done'
is "$(grep -o 'refused .*' <<<"$err" | sort)" "\
refused 10.0.0.1:80 (internal)
refused 203.0.113.1:81 (allow-destinations, deny-destinations)
refused www.test (allow-destinations, deny-destinations)" \
	"--verbose names each once"

# A new gateway has the same rules.
loop='import socket, time
for i in range(400):
	try:
		s = socket.create_connection(("10.152.152.10", 9050), 5)
		s.sendall(b"\5\1\0\5\1\0\3\x08www.test\0\x50")
		f = s.makefile("rb"); f.read(2)
		print(f.read(10)[1:2].hex() or "end", flush=True)
	except OSError: print("end", flush=True)
	time.sleep(0.05)'
background "$BIN/isolate" -v --set deny-destinations=www.test -- \
	/usr/bin/python3 -c "$loop"
wait_until 20 grep -q 02 "$T/.bg.out"
# shellcheck disable=SC2154,SC2046 # pid of background; words
kill -KILL $(below "$pid" isolate-gateway)
wait_until 30 grep -q 'started again' "$T/.bg.err"
: >"$T/.bg.out"
wait_until 30 grep -q 02 "$T/.bg.out"
is "$(grep -Ev '^(02|end)$' "$T/.bg.out")" "" \
	"a gateway that is started again refuses the same"
kill "$pid"
wait_until 30 gone "$pid"

# Mistakes have a place.
mkdir -p "$HOME/.config/isolate/profiles"
for bad in 'allow-destinations = ftp.test www..test' \
	'deny-destinations = 192.0.2.1/24' 'allow-destinations = www.test:0' \
	'deny-destinations = 2001:db8::1' 'log = everything'; do
	printf 'include = default\n\n%s\n' "$bad" \
		>"$HOME/.config/isolate/profiles/mistaken.profile"
	refuses 'mistaken\.profile:3: ' "refused with its line: $bad" \
		-p mistaken -- true
done

done_testing
