#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nothing in a sandbox reaches anything but the gateway: every probe is blocked.
# also-as: root
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

secret=$HOME/secret
echo leak >"$secret"
chmod 644 "$secret"
run_dir=${XDG_RUNTIME_DIR:?}
unix_listener "$T/leak.sock"
unix_listener "$run_dir/leak.sock"
unix_listener "$HOME/leak.sock"
unix_listener @leak-abstract
background "$BIN/listen" sysv:0x1ea4
wait_until 5 grep -q ready "$T/.bg.out"
background "$BIN/listen" mq:/leak
wait_until 5 grep -q ready "$T/.bg.out"
background sleep 100
targets=(v4="$REALM_SERVER" v6="$REALM_SERVER6" abstract=leak-abstract
	unix="$T/leak.sock" unix="$run_dir/leak.sock" unix="$HOME/leak.sock"
	unix=/run/tor/socks unix=/run/dbus/system_bus_socket
	unix=/run/systemd/private unix=/var/run/nscd/socket
	unix=/run/systemd/resolve/io.systemd.Resolve unix=/run/docker.sock
	file="$secret" file="$T/secret" pid="$pid" sysv=0x1ea4 mq=/leak
	key=leak-key)

for profile in default irc shell; do
	before=$(packets_sent)
	run "$BIN/probe" --with-key leak-key "$BIN/isolate" -p "$profile" \
		--ro-bind "$BIN:/opt/bin" -- /opt/bin/probe "${targets[@]}"
	is "$rc" 0 "$profile: the probe runs to its end"
	tried=$(grep -cE ' (reached|blocked) ?' <<<"$out")
	[ "$tried" -gt 55 ]
	is $? 0 "$profile: tries them all ($tried)"
	is "$(reached | tr '\n' ' ')" "" "$profile: reaches nothing"
	is "$(packets_sent)" "$before" "$profile: no packet left the machine"
done

# The same on a terminal.
run "$BIN/expect" -- "$BIN/isolate" --ro-bind "$BIN:/opt/bin" -- \
	/opt/bin/probe "${targets[@]}" --only tiocsti --only tiocsti-high
is "$(reached | tr '\n' ' ')" "" "a terminal takes no typed-in input"

# Without a network there is not even the gateway.
run isolate --network none --ro-bind "$BIN:/opt/bin" -- \
	/opt/bin/probe "${targets[@]}" v4=10.152.152.10
is "$(reached | tr '\n' ' ')" "" "network none: reaches nothing"

# The gateway answers SOCKS, and nothing else of it can be reached.
for port in 22 53 80 9051 9040 5300 111 6000; do
	run isolate --ro-bind "$BIN:/opt/bin" -- /opt/bin/probe --only tcp4 \
		v4=10.152.152.10 port=$port
	like "$out" 'tcp4 blocked ECONNREFUSED' "gateway port $port is refused"
done

done_testing
