#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nothing in a sandbox reaches anything but the gateway: every probe is blocked,
# in every network mode.
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
wait_until 20 grep -q ready "$T/.bg.out"
background "$BIN/listen" mq:/leak
wait_until 20 grep -q ready "$T/.bg.out"
background sleep 1000
targets=(v4="$REALM_SERVER" v6="$REALM_SERVER6" abstract=leak-abstract
	unix="$T/leak.sock" unix="$run_dir/leak.sock" unix="$HOME/leak.sock"
	unix=/run/tor/socks unix=/run/dbus/system_bus_socket
	unix=/run/systemd/private unix=/var/run/nscd/socket
	unix=/run/systemd/resolve/io.systemd.Resolve unix=/run/docker.sock
	file="$secret" file="$T/secret" pid="$pid" sysv=0x1ea4 mq=/leak
	key=leak-key)

echoed=$REALM_DIR/servers/echo.log
# What is carried through Tor in transparent mode does reach its server, and
# is no way out: by then it is an exit's.
for how in 'default socks' 'irc socks' 'shell transparent' 'default transparent'; do
	read -r profile mode <<<"$how"
	label="$profile, $mode"
	carried=
	[ "$mode" = socks ] || carried='fastopen4 tcp4 '
	before=$(packets_sent)
	lines=$(wc -l <"$echoed")
	for _ in 1 2; do
		run "$BIN/probe" --with-key leak-key "$BIN/isolate" \
			-p "$profile" --network "$mode" \
			--ro-bind "$BIN:/opt/bin" -- \
			/opt/bin/probe "${targets[@]}"
		# a first circuit can take longer than the probe waits
		[ "$carried" ] || break
		grep -qE '^(tcp4|fastopen4) blocked timeout' <<<"$out" || break
	done
	is "$rc" 0 "$label: the probe runs to its end"
	tried=$(grep -cE ' (reached|blocked) ?' <<<"$out")
	[ "$tried" -gt 55 ]
	is $? 0 "$label: tries them all ($tried)"
	is "$(reached | tr '\n' ' ')" "$carried" \
		"$label: reaches ${carried:-nothing}"
	# why, should it not have been
	grep -aE '^(fastopen4|tcp4) ' <<<"$out" | sed "s/^/# $label: /"
	is "$(packets_sent)" "$before" "$label: no packet left the machine"
	like "$(tail -n "+$((lines + 1))" "$echoed" | awk '{ print $2, $3 }' |
		sort -u | tr '\n' ' ')" '^(tcp 203\.0\.113\.2[123] )*$' \
		"$label: no server saw the user"
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
for mode in socks transparent; do
	for port in 22 80 9051 9040 5300 111 6000; do
		run isolate --network $mode --ro-bind "$BIN:/opt/bin" -- \
			/opt/bin/probe --only tcp4 v4=10.152.152.10 port=$port
		like "$out" 'tcp4 blocked ECONNREFUSED' \
			"$mode: gateway port $port is refused"
	done
done
run isolate --network socks --ro-bind "$BIN:/opt/bin" -- /opt/bin/probe \
	--only tcp4 v4=10.152.152.10 port=53
like "$out" 'tcp4 blocked ECONNREFUSED' "socks: there is no DNS"

done_testing
