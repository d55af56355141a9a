#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What wants IPv6 and nothing else fails at once and says why.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# The least of three: what is asked is how long a refusal takes, not whether
# this machine has something else to do. The program's own start is in it.
cat >"$T/timed" <<'END_PY'
import subprocess, sys, time

def once():
    start = time.monotonic()
    p = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return (time.monotonic() - start) * 1000, p.returncode, p.stdout

ms, rc, said = min(once() for _ in range(3))
print(int(ms), rc, said.strip().replace("\n", " "))
END_PY
cat >"$T/connect" <<'END_PY'
import errno, socket, sys, time

kind = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
for what in sys.argv[1:]:
    how, to = what.split("=")
    least = []
    for _ in range(3):
        start = time.monotonic()
        try:
            s = socket.socket(socket.AF_INET6, kind[how])
            s.settimeout(5)
            s.connect((to, 80))
            # a datagram is refused where it is sent, or by an answer
            s.send(b"x")
            s.recv(1)
            error = "none"
        except TimeoutError:
            error = "TIMEOUT"
        except OSError as e:
            error = errno.errorcode[e.errno]
        least.append(((time.monotonic() - start) * 1000, error))
    print(what, min(least)[1], int(min(least)[0]))
END_PY
t() {
	isolate -p default --network "$mode" --ro-bind "$T/timed:/mnt/timed" \
		--ro-bind "$T/connect:/mnt/connect" -- "$@"
}
# why a socket or a program says no, in their words
reasons='unreachable|[Cc]annot assign requested address|not supported|refused'
reasons+="|[Cc]ould ?n[o']t (resolve|connect)|[Nn]o address|not known"
reasons+="|[Nn]ame resolution|unable to resolve"
fails() { # DESC COMMAND...
	local desc=$1 ms status words

	shift
	run t /usr/bin/python3 /mnt/timed "$@"
	read -r ms status words <<<"$out"
	[ "$status" ] && [ "$status" != 0 ] && [ "$ms" -lt 100 ] &&
		[[ $words =~ $reasons ]]
	is $? 0 "$mode: $desc: $ms ms, $status, $words"
}

before=$(packets_sent)
for mode in transparent socks; do
	run t /usr/bin/python3 /mnt/connect {tcp,udp}={"$REALM_SERVER6",::1} \
		{tcp,udp}={2a00:1450::1,fe80::1,ff02::1,fc00::1,64:ff9b::a00:1} \
		{tcp,udp}=::ffff:{10.0.0.1,192.168.1.1}
	is "$(wc -l <<<"$out")" 18 "$mode: all sockets were tried"
	while read -r what error ms; do
		[[ $error =~ ^E(NETUNREACH|HOSTUNREACH|CONNREFUSED|ADDRNOTAVAIL|INVAL|CONNRESET|ACCES|PERM)$ ]] &&
			[ "$ms" -lt 100 ]
		is $? 0 "$mode: $what: $error, $ms ms"
	done <<<"$out"
	for to in www.test "[$REALM_SERVER6]"; do
		fails "curl -6 $to" curl -6 -sS -g --noproxy '*' --max-time 9 \
			"http://$to/"
		fails "wget -6 $to" wget -6 -nv --no-proxy --tries=1 -O- \
			"http://$to/"
		host=${to//[][]/}
		fails "ssh -6 $host" ssh -F none -6 -o BatchMode=yes \
			-o ConnectTimeout=9 "$host" true
	done
done

# Written into a request of the gateway's, what is internal is refused.
mode=socks
for to in ::1 :: fe80::1 fc00::1 ff02::1 ::ffff:10.0.0.1 ::ffff:127.0.0.1 \
	::ffff:0:10.0.0.1 ::10.0.0.1 64:ff9b::a00:1 2002:a00:1::1; do
	run t curl -sS -g --max-time 9 --noproxy '' \
		--socks5-hostname 10.152.152.10:9050 "http://[$to]/"
	like "$rc $err" '^97 .*\(2\)$' "SOCKS5 to $to is refused by the gateway"
	run t curl -sS -g --max-time 9 --noproxy '' -p \
		-x http://10.152.152.10:9190 "http://[$to]/"
	like "$err" ' 403' "... HTTP CONNECT too"
done
is "$(packets_sent)" "$before" "no packet left the machine"

done_testing
