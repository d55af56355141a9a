#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Many identities, applications and streams at once, newnym at random: no
# circuit is ever shared. `make soak` runs it at full size.
#
#   SOAK_SECONDS (20) SOAK_IDENTITIES (4) SOAK_APPLICATIONS (3) SOAK_STREAMS (5)
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

lasts=${SOAK_SECONDS:-20}
identities=${SOAK_IDENTITIES:-4}
applications=${SOAK_APPLICATIONS:-3}
each=${SOAK_STREAMS:-5}
launched=$((identities * applications))
all=$((launched * each))

# OWNER STREAMS: so many streams all the time, to names of this owner's own;
# the first ones stay open until SIGUSR1 comes, so that all are open at once
cat >"$T/application" <<'END_PY'
#!/usr/bin/python3
import select, signal, socket, sys, threading, time
owner, each = sys.argv[1], int(sys.argv[2])
go = threading.Event()
signal.signal(signal.SIGUSR1, lambda *_: go.set())

def stream(i, first):
    s = socket.create_connection((f"s{i}.{owner}.test", PORT), 90)
    # where there is no proxy to be told of, tor's refusal comes later
    while first and not go.wait(0.2):
        if select.select([s], [], [], 0)[0]:
            raise OSError("ended early")
    s.sendall(b"GET /slow/%d HTTP/1.0\r\n\r\n" % (2 + i % 3))
    while s.recv(4096):
        pass
    s.close()

def go_on(i):
    first = True
    while True:
        try:
            stream(i, first)
            first = False
        except OSError as e:
            print(i, e, file=sys.stderr, flush=True)
            time.sleep(0.5)

for i in range(each):
    threading.Thread(target=go_on, args=(i,), daemon=True).start()
while True:
    time.sleep(1)
END_PY

own_tornet
sed -i "s/PORT/$port/" "$T/application"
chmod 755 "$T/application"
ok "our own tor starts" "$BIN/isolatectl" tor start

# Two look on: isolatectl itself, and a checker of the test's own that goes by
# the names that streams ask for.
ln -s "$data/control_auth_cookie" "$run_dir/control" "$T"
mkfifo "$T/rows"
"$BIN/isolatectl" circuits --watch --json >"$T/rows" 2>"$T/watch.err" &
watch=$!
jobs_started+=("$watch")
/usr/bin/python3 -c '
import json, sys
rows, who, circuits, shared = 0, set(), set(), 0
for line in sys.stdin:
	row = json.loads(line)
	rows += 1
	shared += row["shared"]
	circuits.update(row["circuits"])
	who.add((row["identity"], row["application"]))
print(rows, len(who - {(i, None) for i, a in who}), len(circuits), shared)
' <"$T/rows" >"$T/rows.sum" 2>&1 &
summary=$!
jobs_started+=("$summary")
"$BIN/circuits" follow "$T" >"$T/transcript" 2>"$T/follow.err" &
follower=$!
jobs_started+=("$follower")
wait_until 30 grep -q circuit-status "$T/transcript"

for ((i = 1; i <= identities; i++)); do
	for ((a = 1; a <= applications; a++)); do
		"$BIN/isolate" --tor embedded -i "id$i" \
			--ro-bind "$T/application:/mnt/app$a" -- \
			"/mnt/app$a" "id$i-app$a" "$each" \
			>"$T/$i-$a.out" 2>"$T/$i-$a.err" </dev/null &
		launches+=("$!")
		jobs_started+=("$!")
	done
done
connected() {
	"$BIN/isolatectl" circuits --json |
		jq '[.[].streams[] | select(.status == "SUCCEEDED")] | length'
}
wait_until $((30 + all / 5)) eval '[ "$(connected)" = "$all" ]'
is "$(connected)" "$all" "$launched applications have $each streams each"
kill -USR1 "${launches[@]}"

# what a busy machine makes too late is said, and done again
newnyms=0 failures='' closings=0 late=0
end=$((SECONDS + lasts))
while [ "$SECONDS" -lt "$end" ]; do
	args=("id$((RANDOM % identities + 1))")
	[ $((RANDOM % 4)) != 0 ] || args=(--close "${args[@]}")
	run "$BIN/isolatectl" newnym "${args[@]}"
	if [ "$rc" != 0 ]; then
		late=$((late + 1))
		run "$BIN/isolatectl" newnym "${args[@]}"
	fi
	[ "$rc" = 0 ] || failures+="${args[*]}: $err; "
	newnyms=$((newnyms + 1))
	[ ${#args[@]} = 1 ] || closings=$((closings + 1))
	sleep "0.$((RANDOM % 10))"
done
is "$failures" "" "newnym reached all that run, $newnyms times"
is "$(gone "$watch" && echo ended; grep ALARM "$T/watch.err")" "" \
	"isolatectl circuits --watch raised no alarm"
alive() { # top waits half a second for an answer
	[ "$("$BIN/isolatectl" top --json | jq length)" = "$launched" ]
}
ok "all applications are alive" wait_until 20 alive

kill "$watch" "$follower"
wait_until 30 gone "$watch" "$follower" "$summary"
read -r rows served circuits shared <"$T/rows.sum"
is "$served $shared" "$launched 0" \
	"... in $rows rows about $circuits circuits of all applications"
run sh -c '"$1" judge <"$2"' sh "$BIN/circuits" "$T/transcript"
open=$(sed -n 's/^open //p' <<<"$out")
[ "$open" -ge "$all" ]
is $? 0 "tor says: $all streams at the same time (or $open)"
is "$(grep '^shared' <<<"$out")" "" "no circuit was shared"
read -r streams sets owners <<<"$(awk '/-app/ { s += $2; c += $3; n++ }
	END { print s, c, n }' <<<"$out")"
is "$owners" "$launched" "... by any of the $launched"
[ "$sets" -gt $((launched + newnyms)) ]
is $? 0 "newnym gave new ones ($sets circuits or sets)"
echo "# seen: $identities identities x $applications applications x $each" \
	"streams, $lasts s: $streams streams ($open at once) on $sets circuits" \
	"or sets, $newnyms newnym ($closings with --close, $late late), the" \
	"watch lost tor $(wc -l <"$T/watch.err") times, 0 shared"
kill "${launches[@]}"
wait_until 20 gone "${launches[@]}"

done_testing
