#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The file system is the sandbox's own: what it shows and what it lets write.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

is "$(isolate -- sh -c 'ls / | tr "\n" " "')" \
	"$(isolate -- sh -c 'ls / | tr "\n" " "')" "/ is the same each time"
is "$(isolate -- find /tmp /var/tmp /run /var/lib /var/cache /var/log /root \
	/mnt /media /srv /opt /home -mindepth 1 | sort | tr '\n' ' ')" \
	"/home/user /run/isolate /run/isolate/socks-connect /run/user /run/user/1000 " \
	"/tmp, /run, /var and their like hold nothing but our own"
is "$(isolate -- sh -c 'ls -A /sys 2>/dev/null | wc -l')" 0 "no /sys"
for d in /usr /usr/bin /etc /bin /lib /proc/sys/kernel /; do
	not_ok "cannot write to $d" isolate -- sh -c "echo x >$d/.leak-write"
done
for d in /home/user /tmp /var/tmp /dev/shm; do
	ok "can write to $d" isolate -- sh -c "echo x >$d/.w && rm $d/.w"
done
for d in /home/user /tmp; do
	run isolate -- sh -c "cp /usr/bin/true $d/t && $d/t"
	is "$rc" 0 "programs run from $d"
done
run isolate -- sh -c 'ls /dev | tr "\n" " "'
unlike "$out" 'sd[a-z]|vd[a-z]|nvme|mem|kmsg|port|fuse|kvm|tty[0-9]|mapper|loop|net' \
	"/dev holds no device of the machine"
for d in null zero full random urandom tty ptmx pts stdin stdout stderr fd shm
do
	ok "/dev/$d is there" isolate -- test -e "/dev/$d"
done
ok "/dev/null takes" isolate -- sh -c 'echo x >/dev/null'
run isolate -- sh -c 'cat /etc/resolv.conf /etc/nsswitch.conf /etc/hosts'
unlike "$out" "$(hostname)" "no host name in /etc"
for f in /etc/shadow /etc/fstab /etc/crypttab /etc/ssh/ssh_host_rsa_key \
	/boot /opt/leak /lost+found /var/log/syslog; do
	not_ok "not there: $f" isolate -- test -e "$f"
done
is "$(isolate -- sh -c 'grep -c . /proc/self/mountinfo')" \
	"$(isolate -- sh -c 'grep -c . /proc/self/mountinfo')" "stable mounts"
# but for the mounts' and devices' numbers
shown="sed 's/^[0-9]* [0-9]* [^ ]* //' /proc/self/mountinfo"
mkdir "$T/bare"
cp -R "$BIN"/isolate* "$BIN/profiles" "$T/bare/"
like "$(isolate -- sh -c "$shown")" lowerdir=/proc/self/fd/ "mountinfo shows layers"
is "$(isolate -- sh -c "$shown")" \
	"$("$T/bare/isolate" -- sh -c "$shown")" \
	"... the same ones without a skeleton to start from"
run isolate -- sh -c 'awk "{ print \$6 }" /proc/self/mountinfo | grep -v nosuid'
is "$out" "" "every mount is nosuid"

run isolate -- sh -c 'echo kept >~/note'
is "$(isolate -- cat note)" kept "the home persists"
not_ok "... and is the identity's own" isolate -i other -- cat note
not_ok "... and the profile's own" isolate -p irc -- cat note

mkdir -p "$T/share/sub"
echo one >"$T/share/file"
is "$(isolate --ro-bind "$T/share:/opt/share" -- cat /opt/share/file)" one \
	"--ro-bind shows a directory"
not_ok "... read-only" isolate --ro-bind "$T/share:/opt/share" -- \
	sh -c 'echo x >/opt/share/new'
not_ok "... below too" isolate --ro-bind "$T/share:/opt/share" -- \
	sh -c 'echo x >/opt/share/sub/new'
ok "--bind is writable" isolate --bind "$T/share:/opt/share" -- \
	sh -c 'echo two >/opt/share/new'
is "$(cat "$T/share/new")" two "... and writes there"
is "$(stat -c %u "$T/share/new")" "$(id -u)" "... as the user"
ln -s /etc "$T/share/link"
run isolate --ro-bind "$T/share:/opt/share" -- cat /opt/share/link/hostname
is "$out" host "a symlink in a share leads to the sandbox's own files"
refuses 'no-such|No such' "a share that is not there is refused" \
	--ro-bind "$T/no-such:/opt/x" -- true
for dst in / /proc /etc /usr/bin ../x relative /home/user/../../etc; do
	refuses . "sharing over $dst is refused" --bind "$T/share:$dst" -- true
done

done_testing
