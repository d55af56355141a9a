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
run isolate --amnesic -- sh -c 'df --output=fstype ~ | tail -n 1'
is "$out" tmpfs "its home is in memory"

done_testing
