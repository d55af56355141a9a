#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --amnesic keeps nothing: no home, no record.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

isolate -- true
find "$HOME" "${XDG_RUNTIME_DIR:?}" | sort >"$T/before"
"$BIN/isolatectl" log -n 100 >"$T/log.before"
run isolate --amnesic -- sh -c 'echo x >~/trace-leak; cat ~/trace-leak'
is "$rc|$out" "0|x" "its home is writable"
find "$HOME" "$XDG_RUNTIME_DIR" | sort >"$T/after"
is "$(diff "$T/before" "$T/after")" "" "no file appears or goes"
"$BIN/isolatectl" log -n 100 >"$T/log.after"
is "$(cat "$T/log.after")" "$(cat "$T/log.before")" "the ledger does not know it"
not_ok "the next one does not see it" isolate --amnesic -- cat trace-leak
run isolate --amnesic -i brand-new-leak -- true
is "$rc" 0 "a new identity, amnesic"
is "$(grep -r brand-new-leak "$HOME" 2>/dev/null)" "" "... is not recorded"

# in memory: nothing of it is in any place of the user's while it runs
places() {
	df --output=used "$HOME" | tail -n 1
	find "$HOME" "$XDG_RUNTIME_DIR" "$T" -not -name '.*' 2>/dev/null | sort
}
: >"$T/.bg.out"
: >"$T/.bg.err"
places >"$T/.before"
background "$BIN/isolate" --amnesic -- sh -c \
	'head -c 30000000 /dev/zero >~/big; echo written; sleep 100'
wait_until 20 grep -q written "$T/.bg.out"
is $? 0 "thirty megabytes fit in its home"
places >"$T/.during"
is "$(diff "$T/.before" "$T/.during")" "" "no file of the user's holds them"

done_testing
