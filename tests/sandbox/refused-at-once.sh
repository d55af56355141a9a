#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What cannot go through Tor fails within 10 ms, so that programs go on.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# Each line: what, the error, milliseconds. The best of three: what is asked is
# how long an answer takes, not whether this machine has something else to do.
cat >"$T/try.py" <<'END'
import errno, socket, sys, time

def attempt(family, kind, where, proto=0):
    s = socket.socket(family, kind, proto)
    s.settimeout(2)
    start = time.monotonic()
    try:
        s.connect(where)
        if kind != socket.SOCK_STREAM:
            s.send(b"\x08\0\xf7\xff\0\0\0\0")
            s.recv(100)
        error = "none"
    except TimeoutError:
        error = "TIMEOUT"
    except OSError as e:
        error = errno.errorcode[e.errno]
    return (time.monotonic() - start) * 1000, error

def say(what, *args):
    try:
        ms, error = min(attempt(*args) for _ in range(3))
    except OSError as e:
        ms, error = 0, errno.errorcode[e.errno]
    print(what, error, int(ms))

udp, tcp = socket.SOCK_DGRAM, socket.SOCK_STREAM
if len(sys.argv) > 3:
    print(*attempt(socket.AF_INET, udp, (sys.argv[1], 443)))
    sys.exit()
for port in (443, 123, 3478, 19302, 5353, 67, 500, 9040, 5300):
    say(f"udp-{port}", socket.AF_INET, udp, (sys.argv[1], port))
say("udp-gateway", socket.AF_INET, udp, ("10.152.152.10", 9050))
say("multicast", socket.AF_INET, udp, ("224.0.0.251", 5353))
say("reserved", socket.AF_INET, udp, ("240.0.0.1", 1))
say("ping", socket.AF_INET, udp, (sys.argv[1], 0), socket.IPPROTO_ICMP)
say("udp6", socket.AF_INET6, udp, (sys.argv[2], 443))
say("tcp6", socket.AF_INET6, tcp, (sys.argv[2], 443))
# many at once, as a page with many connections has it
slow = sum(attempt(socket.AF_INET, udp, (sys.argv[1], 443))[0] > 500
           for _ in range(100))
print("many", "none", slow)
END
try() { # ISOLATE [one]
	run "$1" --network transparent --ro-bind "$T/try.py:/mnt/try.py" -- \
		/usr/bin/python3 /mnt/try.py "$REALM_SERVER" "$REALM_SERVER6" \
		${2+"$2"}
}

before=$(packets_sent)
try isolate
is "$rc" 0 "runs"
tried=$out
while read -r what error ms; do
	case $error in
	ECONNREFUSED | EPERM | EHOSTUNREACH | ENETUNREACH | EACCES) ;;
	# there is no such socket, no IPv6
	EAFNOSUPPORT | EADDRNOTAVAIL) ;;
	*) [ "$what" = many ] || ms="$error: $ms" ;;
	esac
	[ "${ms//[0-9]/}" = "" ] && [ "$ms" -lt 10 ]
	is $? 0 "$what fails at once ($error, $ms ms)"
done <<<"$tried"
is "$(wc -l <<<"$tried")" 16 "all were tried"
is "$(packets_sent)" "$before" "no packet left the machine"
run isolate --network transparent -- curl -sS -6 --max-time 20 \
	http://www.test/
[ "$rc" != 0 ] && [ "$rc" != 28 ]
is $? 0 "curl -6 fails, and not by waiting ($rc)"

# Without the rules the same attempts wait: that proves the test, and the
# packets get nowhere all the same.
have_test_isolate || skip_one "without the rules" "no build/test/isolate"
if have_test_isolate; then
	export ISOLATE_TEST_SKIP=redirect,canary
	try test_isolate one
	unset ISOLATE_TEST_SKIP
	like "$out" '^[0-9.]+ TIMEOUT' "without the rules they would wait"
	is "$(packets_sent)" "$before" "... and get nowhere"
fi

done_testing
