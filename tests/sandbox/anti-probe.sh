#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each probe that no-way-out.sh relies on gets out where nothing protects.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

secret=$T/secret
echo leak >"$secret"
unix_listener "$T/leak.sock"
unix_listener @leak-abstract
background "$BIN/listen" sysv:0x1ea4
wait_until 20 grep -q ready "$T/.bg.out"
background "$BIN/listen" mq:/leak
wait_until 20 grep -q ready "$T/.bg.out"
background sleep 100
victim=$pid

before=$(packets_sent)
exec 9<"$secret"
run "$BIN/probe" --with-key leak-key "$BIN/probe" \
	v4="$REALM_SERVER" v6="$REALM_SERVER6" abstract=leak-abstract \
	unix="$T/leak.sock" file="$secret" pid="$victim" sysv=0x1ea4 mq=/leak \
	key=leak-key
exec 9<&-
as_user=$(reached)
[ "$(packets_sent)" -gt "$before" ]
is $? 0 "packets of an open machine are counted"
for name in tcp4 tcp6 udp4 udp6 fastopen4 ping4 ping6 multicast6 broadcast4 \
	linklocal6 netlink-uevent families unix-abstract unix-path io-uring \
	io-uring-connect descriptors userns userns-clone userns-clone3 file \
	file-via-proc dotdot ptrace vm-read proc-mem pidfd-getfd signal keyring \
	key-search request-key sysv mq sysfs bpf perf userfaultfd handle int80
do
	like "$as_user" "(^|"$'\n'")$name($|"$'\n'")" "as a user: $name"
done

# What takes power over a namespace: as root of throw-away ones.
# shellcheck disable=SC2016 # for the inner shell
run unshare -Urnmpfi --uts --mount-proc sh -c \
	'ip link set lo up && exec "$0"' "$BIN/probe"
as_root=$(reached)
for name in raw packet netlink-address netlink-route netlink-link \
	netns setns-pid1 ns-owner proc1-root mount umount fsopen open-tree \
	chroot proc-write hostname
do
	like "$as_root" "(^|"$'\n'")$name($|"$'\n'")" "as root: $name"
done

# What takes a terminal.
run "$BIN/expect" -- "$BIN/probe" --only tty-steal --only tiocsti
like "$out" 'tiocsti (reached|blocked EIO)' "on a terminal: tiocsti is tried"

done_testing
