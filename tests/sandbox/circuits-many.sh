#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Hundreds of streams at once: two applications or identities share no circuit.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

each=80 # streams of a launch

# OWNER [SOCKS]: keeps $each streams open, to names of this owner's own, on port
# 7 (echo; not among tor's LongLivedPorts). All owners log in as the same.
cat >"$T/hold.py" <<'END_PY'
import socket, sys, time
from concurrent.futures import ThreadPoolExecutor

owner, each, where = sys.argv[1], int(sys.argv[2]), sys.argv[3:]

def exactly(s, n):
    got = b""
    while len(got) < n:
        part = s.recv(n - len(got))
        if not part:
            raise OSError("closed")
        got += part
    return got

def login(name):
    if where[0][0] == "/":
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(60)
        s.connect(where[0])
    else:
        s = socket.create_connection((where[0], 9050), 60)
    # in turn: tor leaves out answers where all is sent at once
    s.sendall(b"\5\1\2")
    exactly(s, 2)
    s.sendall(b"\1\3one\3one")
    exactly(s, 2)
    s.sendall(b"\5\1\0\3" + bytes([len(name)]) + name.encode() + b"\0\7")
    reply = exactly(s, 4)
    if reply[1]:
        raise OSError(f"code {reply[1]}")
    exactly(s, {1: 6, 4: 18}[reply[3]])
    return s

def hold(i):
    for attempt in range(3):
        try:
            name = f"s{i}.{owner}.test"
            s = login(name) if where else socket.create_connection((name, 7), 60)
            s.sendall(b"x")
            exactly(s, 1)
            return s
        except OSError as e:
            print(owner, i, e, file=sys.stderr)

with ThreadPoolExecutor(20) as pool:
    kept = [s for s in pool.map(hold, range(each)) if s]
print("holds", len(kept), flush=True)
time.sleep(100)
END_PY

# its output is not the other jobs'
hold() { # OWNER NETWORK COMMAND...
	local owner=$1 where=()

	case $2 in
	socks) where=(10.152.152.10) ;;
	direct) where=(/run/tor/socks) ;;
	esac
	shift 2
	"$@" /usr/bin/python3 "${script:-/mnt/hold.py}" "$owner" "$each" \
		"${where[@]}" >"$T/$owner.out" 2>"$T/$owner.err" </dev/null &
	launches+=("$!")
	jobs_started+=("$!")
	owners+=("$owner")
}
launch() { # OWNER NETWORK OPTION...
	local owner=$1 network=$2

	shift 2
	hold "$owner" "$network" "$BIN/isolate" --network "$network" \
		--ro-bind "$T/hold.py:/mnt/hold.py" "$@" --
}
all_hold() {
	local o

	for o in "${owners[@]}"; do
		wait_until 40 grep -q holds "$T/$o.out"
		err=$(tail -n 3 "$T/$o.err")
		is "$(cat "$T/$o.out")" "holds $each" "$o: $each streams are open"
	done
}
follow() { # FILE: sets $follower
	"$BIN/circuits" follow "$REALM_DIR/net/app" >"$1" 2>"$T/follow.err" &
	follower=$!
	jobs_started+=("$follower")
	wait_until 20 grep -q circuit-status "$1"
}
judge() { # FILE: sets $out, after a last look at what circuits belong together
	sleep 1
	kill "$follower"
	wait_until 20 gone "$follower"
	run sh -c '"$1" judge <"$2"' sh "$BIN/circuits" "$1"
}

owners=()
follow "$T/sandboxes"
launch alpha-python socks -i alpha -p python
launch alpha-curl transparent -i alpha -p curl
launch beta-python socks -i beta -p python
launch beta-curl transparent -i beta -p curl
launch alpha-again socks -i alpha -p python
all_hold
judge "$T/sandboxes"
all=$((each * ${#owners[@]}))
is "$(grep '^open' <<<"$out")" "open $all" "tor says: $all at the same time"
for o in "${owners[@]}"; do
	like "$out" $'\n'"$o ([89][0-9]|[0-9]{3}) [1-9]" \
		"$o: tor told of each stream and its circuit"
done
is "$(grep '^shared' <<<"$out")" "" \
	"no circuit is shared by two applications, identities or launches"
kill "${launches[@]}"
wait_until 30 gone "${launches[@]}"

# Two programs with one login at the SocksPort itself do share: it is seen.
launches=() owners=() each=20 script=$T/hold.py
follow "$T/direct"
hold direct-one direct
hold direct-two direct
all_hold
judge "$T/direct"
like "$out" 'shared [^ ]+ direct-one direct-two' \
	"two clients with one login are reported"
kill "${launches[@]}"
wait_until 30 gone "${launches[@]}"

# So are two legs of one conflux set, and what a stream has left.
judged() { # LINE...
	printf '%s\n' "$@" | "$BIN/circuits" judge | grep -v ' 1 [12]$'
}
is "$(judged '250+circuit-status=' '5 BUILT $A~a CONFLUX_ID=F0' \
	'6 BUILT $A~b PURPOSE=CONFLUX_LINKED CONFLUX_ID=F0 CONFLUX_RTT=1' \
	'650 STREAM 1 SUCCEEDED 5 a.one.test:7' \
	'650 STREAM 2 SUCCEEDED 6 a.two.test:7')" \
	"open 2"$'\n'"shared set-F0 one two" "two legs of one set are reported"
is "$(judged '650 STREAM 1 SENTCONNECT 5 a.one.test:7' \
	'650 STREAM 1 DETACHED 5 a.one.test:7 REASON=TIMEOUT' \
	'650 STREAM 1 SUCCEEDED 6 203.0.113.10:7' \
	'650 STREAM 2 SUCCEEDED 5 a.two.test:7')" \
	"open 2"$'\n'"shared 5 one two" "... and a circuit that was left"
is "$(judged '650 STREAM 1 SUCCEEDED 5 a.one.test:7' \
	'650 CIRC 5 BUILT $A~a CONFLUX_ID=F0' \
	'650 CIRC 6 BUILT $A~a CONFLUX_ID=F1' \
	'650 STREAM 2 SUCCEEDED 6 a.two.test:7')" \
	"open 2" "... and two sets are not"

done_testing
