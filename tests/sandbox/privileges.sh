#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The application has no privilege and cannot get any.
# also-as: root
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

run isolate -- cat /proc/self/status
for set in CapInh CapPrm CapEff CapBnd CapAmb; do
	like "$out" "$set:	0000000000000000" "$set is empty"
done
like "$out" 'NoNewPrivs:	1' "no_new_privs"
like "$out" 'Seccomp:	2' "filtered"
like "$out" 'Uid:	1000	1000	1000	1000' "uid 1000 in all four"
like "$out" 'Groups:[[:space:]]*(1000 )?'$'\n' "no supplementary groups"
is "$(isolate -- sh -c 'tr -s " " </proc/self/uid_map | wc -l')" 1 "one uid is mapped"
run isolate -- sh -c 'cat /proc/self/setgroups'
is "$out" deny "setgroups stays denied"
is "$(isolate -- /usr/bin/python3 -c '
import ctypes
print(ctypes.CDLL(None).prctl(27))')" 239 "securebits are set and locked"
for cmd in 'unshare -U true' 'unshare -Ur true' 'unshare -n true' \
	'unshare -m true' 'mount -t tmpfs x /tmp' 'chroot / true' \
	'su -c true' 'test "$(nice -n -5 nice)" -lt "$(nice)"'; do
	not_ok "refused: $cmd" isolate -- sh -c "$cmd"
done
run isolate -- sh -c 'ps -e -o comm= 2>/dev/null || ls -d /proc/[0-9]*'
[ "$(grep -c . <<<"$out")" -le 4 ]
is $? 0 "sees its own processes only"
is "$(isolate -- sh -c 'cat /proc/1/environ 2>/dev/null | wc -c')" 0 \
	"pid 1 has no environment"

done_testing
