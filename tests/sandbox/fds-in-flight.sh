#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Descriptors that one application has in flight over unix sockets count for
# all processes of the user: nobody else's connections may end by that.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

cat >"$T/flood" <<'END_OF_FLOOD'
import array, resource, socket, time
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
hold, n, cause = [], 0, "none"
fds = array.array("i", [0] * 250)
try:
    for _ in range(90):
        a, b = socket.socketpair()
        hold += [a, b]
        for _ in range(2):
            a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
            n += 250
except OSError as e:
    cause = e.strerror
print("in flight:", n, cause, flush=True)
time.sleep(60)
END_OF_FLOOD

# As low as this, nobody else's connections (of another machine of these tests,
# say) end by it.
limited=(prlimit --nofile=512:2048 --)
page='203\.0\.113\.'
fetched() { # N: has the victim fetched so many pages in all
	[ "$(grep -c "$page" "$T/victim")" -ge "$1" ]
}
fetches_on() {
	wait_until 30 fetched $(($(grep -c "$page" "$T/victim") + 3))
}

"${limited[@]}" "$BIN/isolate" -i victim -- sh -c 'while :; do
	curl -sS --max-time 3 http://www.test/ip 2>&1
	echo
	sleep 0.1
done' >"$T/victim" 2>"$T/victim.err" </dev/null &
victim=$!
jobs_started+=("$victim")
ok "an identity fetches pages" wait_until 20 fetched 1

background "${limited[@]}" "$BIN/isolate" -i evil --set max-files=2048 -- \
	python3 -c "$(cat "$T/flood")"
flood=$pid
flooded() { grep -q '^in flight' "$T/.bg.out"; }
wait_until 30 flooded
like "$(cat "$T/.bg.out")" '^in flight: (1250|1500|1750) Too many references' \
	"another has as many descriptors in flight as it can"
ok "which does not keep the first from new connections" fetches_on
retries=(--retry 3 --retry-all-errors --retry-delay 1)
like "$("${limited[@]}" "$BIN/isolate" -i third -- curl -sS "${retries[@]}" \
	http://www.test/ip)" "$page" \
	"nor a third from starting"
like "$("${limited[@]}" "$BIN/expect" -- "$BIN/isolate" -i third -- \
	curl -sS "${retries[@]}" http://www.test/ip)" "$page" "on a terminal neither"
kill "$flood"
wait_until 20 gone "$flood"

# The detector: who is not limited as applications are stops connections, and
# even then nothing but those ends.
background prlimit --nofile=2500:2500 -- python3 "$T/flood"
flood=$pid
wait_until 30 flooded
failing() { tail -n 2 "$T/victim" | grep -q curl; }
ok "(more than the supervisor's limit does)" wait_until 10 failing
kill "$flood"
wait_until 20 gone "$flood"
ok "when it is over there are connections again" fetches_on
is "$(cat "$T/victim.err")" "" "and nothing had to be started again"
kill "$victim"
wait_until 20 gone "$victim"

done_testing
