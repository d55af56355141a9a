#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Launches at the same time do not disturb or see each other.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

pids=()
for i in 1 2 3 4 5 6 7 8; do
	"$BIN/isolate" -- sh -c "echo $i; hostname; sleep 0.5; exit $i" \
		>"$T/out.$i" 2>"$T/err.$i" </dev/null &
	pids+=($!)
done
i=0
for p in "${pids[@]}"; do
	i=$((i + 1))
	wait "$p"
	is "$?" "$i" "launch $i of eight at once ends with its own status"
	is "$(tr '\n' ' ' <"$T/out.$i")" "$i host " "... and output"
	is "$(cat "$T/err.$i")" "" "... without a message"
done
"$BIN/isolatectl" log -n 100 --json >"$T/log.json"
is "$(grep -o '"profile"' "$T/log.json" | wc -l)" 8 "all eight are in the ledger"

# two identities, first launches, at once
for i in a b; do
	"$BIN/isolate" -i "$i" -- sh -c 'echo mine >~/f; sleep 1; ls ~; set -- /proc/[0-9]*; echo $#' \
		>"$T/id.$i" 2>"$T/id.$i.err" </dev/null &
done
wait
like "$(cat "$T/id.a")" $'^f\n[0-9]+$' "an identity sees its file and its processes"
is "$(cat "$T/id.a")" "$(cat "$T/id.b")" "two identities see the same"
# one cannot reach the other
background "$BIN/isolate" -i a -- /usr/bin/python3 -c '
import socket, time
s = socket.create_server(("0.0.0.0", 7777)); u = socket.socket(socket.AF_UNIX)
u.bind("\0cross"); u.listen(); open("/tmp/x", "w").close()
print("ready", flush=True); time.sleep(60)'
ok "(one listens)" wait_until 30 grep -q ready "$T/.bg.out"
run isolate -i b --ro-bind "$BIN:/opt/bin" -- /opt/bin/probe --only tcp4 \
	--only unix-abstract v4=10.152.152.11 port=7777 abstract=cross
is "$(reached)" "" "no TCP, no abstract socket between sandboxes"
not_ok "no shared /tmp" isolate -i b -- test -e /tmp/x

done_testing
