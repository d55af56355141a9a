#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# dig, kdig and drill, whatever they ask of whom, get answers that they take.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC1091
. "$REALM_DIR/net/env"
address='A[[:space:]]10\.(19[2-9]|2[0-4][0-9]|25[0-5])\.[0-9]+\.[0-9]+'
t() {
	isolate --network transparent --ro-bind "$T/ask:/mnt/ask" -- "$@"
}

# CLIENT [OPTION...]: a line a question, WHAT STATUS [TYPE DATA]... These three
# print a header with the status, and records as in a zone file.
cat >"$T/ask" <<'END_SH'
#!/bin/sh
said() { # WHAT COMMAND...
	what=$1
	shift
	"$@" 2>&1 | awk -v what="$what" '
		match($0, /(status|rcode): [A-Z]+/) {
			said = substr($0, RSTART, RLENGTH)
			sub(/.*: /, "", said)
			status = status " " said
		}
		/^[^;].*[ \t]IN[ \t]/ { data = data " " $4 " " $5 }
		END { print what status data }'
}
onion=$1
shift
for type in A AAAA TXT MX TYPE65 ANY TYPE253; do
	said $type "$@" www.test $type
done
said onion "$@" "$onion" A
said onion6 "$@" "$onion" AAAA
said local "$@" host.local A
said no-name "$@" 10.0.0.1 A
a=$(said '' "$@" www.test A)
said PTR "$@" -x "${a##* }"
said no-PTR "$@" -x 10.0.0.1
END_SH
chmod +x "$T/ask"

answers() { # DESC COMMAND...: as those of a whole round of questions
	local desc=$1 start=$EPOCHREALTIME

	shift
	run t /mnt/ask "$TORNET_ONION" "$@"
	took=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
	like "$out" "^A NOERROR $address
AAAA NOERROR
TXT NOERROR
MX NOERROR
TYPE65 NOERROR
ANY NOERROR $address
TYPE253 NOTIMPL?
onion NOERROR $address
onion6 NOERROR
local NXDOMAIN
no-name NXDOMAIN
PTR NOERROR PTR www\.test\.
no-PTR NXDOMAIN$" "$desc"
	# the least that one of them waits for an answer is 5 s
	[ "$took" -lt 4000 ]
	is $? 0 "... at once (all thirteen in $took ms)"
}

before=$(packets_sent)
for server in '' @8.8.8.8 "@$REALM_SERVER"; do
	for client in dig 'dig +tcp' kdig 'kdig +tcp' drill 'drill -t'; do
		# shellcheck disable=SC2086 # words
		answers "$client $server" $client $server
	done
done

# An answer has an OPT record where the question had one, ours; and is no longer
# than the client can take (RFC 6891 s6.2.3: less than 512 means 512).
for size in 0 100 512 1232 4096 65535; do
	run t dig +bufsize=$size @8.8.8.8 www.test
	like "$out" 'EDNS: version: 0, flags:; udp: 1232' "dig +bufsize=$size"
	like "$out" "IN"$'\t'"$address" "... has an address"
	[ "$size" = 0 ] && continue
	run t kdig +bufsize=$size @8.8.8.8 www.test
	like "$out" 'UDP size: 1232 B; ext-rcode: NOERROR.*IN'$'\t'"$address" \
		"kdig +bufsize=$size"
	run t drill -b $size @8.8.8.8 www.test
	like "$out" "IN"$'\t'"$address"'.*EDNS: version 0; flags: ; udp: 1232' \
		"drill -b $size"
done
run t dig +noedns www.test
unlike "$out" EDNS "dig +noedns gets none"
run t drill -b 4096 -D www.test
like "$out" 'EDNS: version 0; flags: do ;' "drill -D: DO is repeated"
run t dig +edns=1 +noednsnegotiation www.test
like "$out" 'status: BADVERS' "dig +edns=1: BADVERS"
run t dig +cookie +nsid +subnet=192.0.2.0/24 +padding=468 \
	+ednsopt=65001:00ff +keepalive +tcp www.test
like "$out" "IN"$'\t'"$address" "dig with options that nobody knows"
unlike "$out" 'COOKIE: [0-9a-f]+ |NSID|CLIENT-SUBNET|PAD' "... repeats none"
run t dig +opcode=notify www.test
like "$out" 'status: NOTIMP' "dig +opcode=notify: NOTIMP"
run t kdig -c CH version.bind TXT
like "$out" 'status: REFUSED' "kdig -c CH: nobody says who he is"
# several questions to a connection
for client in dig kdig; do
	run t $client +tcp +keepopen @8.8.8.8 www.test ftp.test irc.test
	is "$(grep -cE "$address" <<<"$out")" 3 "$client +keepopen asks three"
done
for client in dig kdig drill; do
	# shellcheck disable=SC2016 # for the sandbox
	run t sh -c '
		a=$('$client' @8.8.8.8 www.test | awk "/^www/ { print \$5 }")
		curl -sS --max-time 60 --retry 2 --retry-all-errors "http://$a/"'
	is "$out" tornet "what $client finds can be connected to"
done
is "$(packets_sent)" "$before" "no packet left the machine"

done_testing
