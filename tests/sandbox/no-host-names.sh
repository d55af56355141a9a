#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# No name of the user or the machine is anywhere in the sandbox's own files.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2016 # for the inner shell
run isolate -- sh -c '
	for f in /proc/self/mountinfo /proc/self/mounts /proc/self/mountstats \
		/proc/1/mountinfo /proc/1/cmdline /proc/1/environ /proc/1/comm \
		/proc/self/environ /proc/self/cgroup /proc/1/cgroup \
		/proc/self/loginuid /proc/self/sessionid /proc/self/maps \
		/proc/cmdline /proc/version_signature /proc/partitions \
		/proc/diskstats /proc/swaps /proc/keys /proc/net/unix \
		/proc/net/route /proc/net/arp /proc/net/dev /proc/net/if_inet6 \
		/proc/sys/kernel/hostname /proc/sys/kernel/core_pattern \
		/etc/passwd /etc/group /etc/hosts /etc/hostname /etc/fstab \
		/etc/mtab /etc/resolv.conf /etc/machine-id; do
		[ -r "$f" ] && { echo "== $f"; tr "\0" "\n" <"$f"; }
	done 2>/dev/null
	env
	find / -xdev -name "*leak*" -not -path "/proc/*" 2>/dev/null
	find /home /tmp /run /var /etc /dev -name "*leak*" 2>/dev/null
	ls -la / /home /home/user /tmp /run /var /dev'
is "$rc" 0 "runs"
# the programs' path: a directory of this test, not of the user's name
needles=(leak "$REALM_USER" "$(basename "$T")" isolate-check
	"${HOME#/}" 198.51.100 203.0.113)
for n in "${needles[@]}"; do
	is "$(printf '%s\n' "$out" | grep -nF -- "$n" | head -n 5)" "" \
		"nowhere: $n"
done
# devices and file systems of the host
# shellcheck disable=SC2013 # words
for d in $(awk 'NR > 2 { print $4 }' /proc/partitions | sort -u); do
	is "$(printf '%s\n' "$out" | grep -nE "(^|[ /])$d( |$)" | head -n 3)" "" \
		"no block device $d"
done
is "$(grep -oE '(lower|upper|work)dir=[^ ]*' <<<"$out" | sort -u |
	grep -vE '^(lower|upper|work)dir=/proc/self/fd/(99|1[0-9]{2})(:[a-z0-9/-]+)?(,|$)')" \
	"" "overlays name fixed descriptors, no path of the host"

done_testing
