#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The ledger records each launch, and an application stays with its identity.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

ctl() {
	"$BIN/isolatectl" "$@"
}
run ctl log
is "$rc" 0 "an empty ledger is fine"
run ctl identity list
is "$rc" 0 "... and no identities"
isolate -i alpha -p default -- true
isolate -i alpha -p default -- sh -c 'exit 3'
isolate -i alpha -p default -- sh -c 'kill -9 $$'
run ctl log -n 1
is "$(wc -l <<<"$out")" 2 "log -n 1: heads and one row"
run ctl log
like "$out" alpha "names the identity"
like "$out" default "names the profile"
like "$out" true "names the application"
run ctl log --json
is "$(/usr/bin/python3 -c 'import json,sys; json.load(sys.stdin); print("json")' \
	<<<"$out")" json "--json is JSON"
run ctl identity list
like "$out" alpha "identity list knows it"
db=$(find "$HOME" -name isolate.db)
is "$(stat -c %a "$db")" 600 "the ledger is the user's alone"
is "$(stat -c %a "$(dirname "$db")")" 700 "... and its directory"

# the binding
run isolate -p default -- true
is "$rc" 0 "a bound application needs no -i"
run ctl log -n 1
like "$out" alpha "... and gets its identity"
run isolate -i beta -p default -- true
is "$rc" 0 "another identity may be asked for"
like "$err" alpha "... and that is said"
refuses alpha "exclusive: another identity is refused" \
	-i beta -p default --set exclusive=yes -- true

# a launch whose supervisor was killed
background "$BIN/isolate" -i alpha -p default -- sh -c 'echo on; sleep 50'
wait_until 30 grep -q on "$T/.bg.out"
sleep 0.3
kill -KILL "$pid"
wait "$pid" 2>/dev/null
sleep 0.2
run ctl log -n 1
like "$out" lost "shows as lost"

done_testing
