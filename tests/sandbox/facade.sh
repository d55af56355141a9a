#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every sandbox shows the same user, host and clock to its application.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

run isolate -- sh -c 'id -u; id -un; id -g; id -gn; id -G'
is "$(tr '\n' ' ' <<<"$out")" "1000 user 1000 user 1000 " "user"
is "$(isolate -- hostname)" host "host name"
is "$(isolate -- /usr/bin/python3 -c '
import ctypes
b = ctypes.create_string_buffer(65)
ctypes.CDLL(None).getdomainname(b, 65)
print(b.value.decode())')" localdomain "domain"
is "$(isolate -- sh -c 'cat /etc/hostname')" host "/etc/hostname"
is "$(isolate -- sh -c 'cd; pwd')" /home/user "home"
is "$(isolate -- pwd)" /home/user "starts in its home"
is "$(isolate -- cat /etc/machine-id)" b08dfa6083e7567a1921a715000001fb \
	"machine-id is Whonix's"
is "$(isolate -- date +%Z)" UTC "time zone"
is "$(isolate -- getent passwd 1000 | cut -d: -f1,6)" user:/home/user "passwd"
is "$(isolate -- sh -c 'getent hosts localhost | wc -l')" 1 "localhost has an address"
unlike "$(isolate -- cat /etc/passwd)" leak "no host user in /etc/passwd"
is "$(isolate -- stat -c %U:%G /home/user)" user:user "home is the user's"
a=$(isolate -- cat /proc/sys/kernel/random/boot_id)
b=$(isolate -- cat /proc/sys/kernel/random/boot_id)
like "$a" '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' \
	"boot_id looks like one"
unlike "$a" "$b" "boot_id differs from launch to launch"
unlike "$a" "$(cat /proc/sys/kernel/random/boot_id)" "... and is not the host's"
far() { # CMD...: what it prints in a sandbox is not the host's uptime
	inside=$(isolate -- "$@")
	outside=$(cut -d. -f1 /proc/uptime)
	[ $((inside > outside ? inside - outside : outside - inside)) -gt 5 ]
}
# it is drawn at random: one may be near, two are not
far cut -d. -f1 /proc/uptime || far cut -d. -f1 /proc/uptime
is $? 0 "uptime is not the host's ($inside, $outside)"
mono='import time; print(int(time.clock_gettime(time.CLOCK_BOOTTIME)))'
far /usr/bin/python3 -c "$mono" || far /usr/bin/python3 -c "$mono"
is $? 0 "nor is the boot-time clock ($inside)"
now=$(date +%s)
t_in=$(isolate -- date +%s)
[ "$t_in" -ge "$now" ] && [ "$t_in" -le "$(date +%s)" ]
is $? 0 "the wall clock is right"

# without it each program looks for its libraries in a dozen places
foreign=$(/sbin/ldconfig -p | sed -n 's/.* => //p' | grep -cvE '^(/lib|/usr/)')
is "$(isolate -- sh -c 'test -s /etc/ld.so.cache; echo $?')" $((foreign > 0)) \
	"the loader's cache is there if it names nothing but the system's"

done_testing
