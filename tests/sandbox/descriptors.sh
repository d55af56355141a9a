#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The application has descriptors 0, 1 and 2, and no others.
# also-as: root
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

echo leak >"$T/secret"
exec 7<"$T/secret" 8<"$T" 9<>"$T/.rw"
run isolate -- sh -c 'ls -l /proc/self/fd | sed 1d | wc -l; ls /proc/self/fd'
exec 7<&- 8<&- 9<&-
# ls has its own for the directory
is "$(tail -n +2 <<<"$out" | tr '\n' ' ')" "0 1 2 3 " "only 0 to 2 (and ls's own)"
run isolate --ro-bind "$BIN:/opt/bin" -- /opt/bin/probe --only descriptors
like "$out" 'descriptors blocked' "the probe finds none up to 4095"
exec 200<"$T/secret"
run isolate --ro-bind "$BIN:/opt/bin" -- /opt/bin/probe --only descriptors
exec 200<&-
like "$out" 'descriptors blocked' "a high descriptor is not inherited"

done_testing
