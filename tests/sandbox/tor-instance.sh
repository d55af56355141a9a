#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The embedded tor: started once, shared, outlives the launcher, listens on no
# network port, comes back after a crash, stops when it is told to.
# also-as: root
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2119 # its options, not ours
own_tornet
dropins=$HOME/.config/isolate/torrc.d
# what tells tor of it comes later: other drop-ins are refused first
mv "$dropins/net.conf" "$T/net.conf"

ctl() {
	"$BIN/isolatectl" "$@"
}

pids() { # of the embedded instance
	local p

	for p in /proc/[0-9]*; do
		tr '\0' ' ' <"$p/cmdline" 2>/dev/null |
			grep -q -- "-f $data/torrc" || continue
		gone "${p#/proc/}" || echo "${p#/proc/}"
	done
}

run ctl tor status
is "$rc" 3 "status where there is none"
is "$(pids)" "" "and looking starts none"
run ctl tor stop
is "$rc" 0 "stop where there is none is fine"

echo 'SocksPort 9999' >"$dropins/net.conf"
run ctl tor start
is "$rc" 1 "a drop-in that opens a port is refused"
like "$err" 'net.conf:1: SocksPort' "with file and line"
echo 'NumCPUs many' >"$dropins/net.conf"
run ctl tor start
is "$rc" 1 "so is one that tor does not accept"
like "$err" 'accept its configuration.*NumCPUs.*torrc\.d' "in tor's words"
ln -sf "$T/net.conf" "$dropins/net.conf"
run ctl tor start
like "$rc $err" '^1 .*net\.conf.*symlink' "and a symlink"
rm "$dropins/net.conf"
is "$(pids)" "" "no tor was left behind"

mv "$T/net.conf" "$dropins/net.conf"

# Three at once, from a terminal's session that ends.
for i in 1 2 3; do
	setsid "$BIN/isolatectl" tor start >"$T/start$i" 2>&1 &
	starts[i]=$!
done
for i in 1 2 3; do
	wait "${starts[i]}"
	is $? 0 "start $i of three at once"
done
first=$(pids)
is "$(wc -w <<<"$first")" 1 "started one tor"
like "$(cat "$T"/start?)" '100 ?%' "the bootstrap was reported"
run ctl tor status
like "$out" "$first" "status knows its pid"

is "$(ss -Hlntu -p 2>/dev/null | grep "pid=$first,")" "" \
	"it listens on no TCP or UDP port"
inodes=$(find "/proc/$first/fd" -printf '%l\n' |
	sed -n 's/socket:\[\(.*\)\]/\1/p')
like "$inodes" '^[0-9]+' "(its sockets can be listed)"
is "$(awk '$4 == "0A" { print $10 }' /proc/net/tcp /proc/net/tcp6 |
	grep -Fx "$inodes")" "" "nor does /proc/net know one of its sockets"
is "$(stat -c '%a %U' "$data" "$run_dir" | sort -u)" "700 $(id -un)" \
	"its directories are the user's alone"
is "$(stat -c '%a' "$run_dir/socks" "$run_dir/control" | sort -u)" 600 \
	"so are its sockets"
is "$(stat -c '%a' "$data/control_auth_cookie")" 600 "and its cookie"
is "$(ps -o sid= -p "$first" | tr -d ' ')" \
	"$(ps -o pgid= -p "$first" | tr -d ' ')" "it has a session of its own"
is "$(ps -o tty= -p "$first")" "?" "and no terminal"
like "$(tr '\0' '\n' <"/proc/$first/environ")" "HOME=$data" \
	"its environment is made for it"
unlike "$(tr '\0' '\n' <"/proc/$first/environ")" 'LEAK|SSH_' \
	"nothing of the user's environment is in it"

# What it sees of the machine.
root=/proc/$first/root
touch "$HOME/secret"
not_ok "the user's home is not there" test -e "$root$HOME/secret"
ok "(but its data is)" test -e "$root$data/state"
not_ok "nor accounts" test -e "$root/etc/passwd"
not_ok "nor the runtime directory's other things" \
	test -e "$root$XDG_RUNTIME_DIR/isolate/sandboxes"
not_ok "nor other processes" test -e "$root/proc/1"
is "$(awk '$5 == "/" || $5 == "/usr" { print $5, substr($6, 1, 3) }' \
	"/proc/$first/mountinfo" | sort)" "/ ro,
/usr ro," "what is there is read-only"
like "$(sed -n 's/^NSpid:\s*//p' "/proc/$first/status")" \
	"^$first\s+[0-9]+\$" "it has a pid namespace"
is "$(sed -n 's/^\(Cap...\|NoNewPrivs\):\s*0*//p' "/proc/$first/status" |
	tr -d '\n')" 1 "no capability, and no_new_privs"

is "$(curl -sS --max-time 30 -x "socks5h://localhost$run_dir/socks" \
	"http://www.test:$port/")" tornet "a request goes through it"
# A sandbox that asks how it is, by the gateway and the supervisor.
ask='import socket
s = socket.create_connection(("127.0.0.1", 9051), 5)
f = s.makefile(newline="")
for line in ("AUTHENTICATE", "GETINFO status/circuit-established status/" +
	"bootstrap-phase net/listeners/socks", "GETINFO consensus/valid-after",
	"GETINFO network-liveness", "QUIT"):
	s.sendall(line.encode() + b"\r\n")
print(f.read().replace("\r\n", "|"))'
run isolate --tor embedded --network socks --set control=browser -- \
	/usr/bin/python3 -c "$ask"
like "$out" '250-status/circuit-established=1\|' "a sandbox may know of circuits"
like "$out" 'PROGRESS=100 TAG=done SUMMARY="Done"' "... that it is ready"
like "$out" '250-consensus/valid-after=20..-..-.. ..:..:..\|' \
	"... the consensus' time"
like "$out" '250-network-liveness=up' "... and that there is a network"
unlike "$out" "$HOME|$run_dir|$first" "... and nothing of the host"

not_ok "internal addresses are refused by tor as well" \
	curl -sS --max-time 10 -x "socks5h://localhost$run_dir/socks" \
	http://127.0.0.1/

# What it says, what it is told.
printf 'a line \033[2J of the log\n' >>"$data/notices.log"
run ctl tor log
is "$rc" 0 "its log can be read"
like "$out" 'Bootstrapped 100%' "in tor's words"
like "$out" 'a line \\x1b\[2J of the log' "which cannot command a terminal"
unlike "$out" "www\.test" "and name no destination"
run ctl tor config
is "$rc" 0 "its configuration can be read"
like "$out" 'SafeLogging 1' "with what isolate says"
like "$out" 'DirAuthority .*DirAuthority' "and the drop-ins, as used and as they are"
echo 'DNSPort 5353' >"$dropins/bad.conf"
run ctl tor config
like "$rc $out" '^0 .*the next start fails: .*bad\.conf:1: DNSPort' \
	"what the next start would refuse is said"
rm "$dropins/bad.conf"

run ctl tor start
is "$rc $(pids)" "0 $first" "a start while it runs changes nothing"

# its keeper would have another in a moment
cell=$(awk '{ print $4 }' "/proc/$first/stat")
keeper=$(awk '{ print $4 }' "/proc/$cell/stat")
kill -STOP "$keeper"
kill -9 "$first"
wait_until 20 gone "$first"
ls "$run_dir/socks" >/dev/null
run ctl tor status
is "$rc" 3 "status after a crash: it does not run"
kill -CONT "$keeper"
run ctl tor start
is "$rc" 0 "a start after a crash, with sockets left behind"
second=$(pids)
is "$(wc -w <<<"$second")" 1 "one tor again"

run ctl tor restart
is "$rc" 0 "restart"
unlike "$(pids)" "^$second\$" "makes it another"
is "$(wc -w <<<"$(pids)")" 1 "and one"
rm -rf "$XDG_RUNTIME_DIR/isolate"
run ctl tor start
is "$rc" 0 "a start after a log-out took the sockets away"
third=$(pids)
is "$(wc -w <<<"$third")" 1 "replaces the tor that nobody could reach"

kill -STOP "$third"
run ctl tor stop
is "$rc" 0 "one that hangs is stopped"
is "$(pids)" "" "nothing is left running"
is "$(ls -A "$run_dir")" "" "nor any socket"

# A systemd of the user's: one that knows the unit, and one that does not.
mkdir -p "$XDG_RUNTIME_DIR/systemd" "$T/path"
unix_listener "$XDG_RUNTIME_DIR/systemd/private"
cat >"$T/path/systemctl" <<-EOF
	#!/bin/sh
	echo "\$*" >>"$T/systemctl"
	[ ! -e "$T/unknown" ] || exit 5
	[ ! -e "$T/fails" ] || exit 1
	exec "$BIN/isolatectl" tor start --plain
EOF
chmod 755 "$T/path/systemctl"
PATH=$T/path:$PATH run ctl tor start
is "$rc $(cat "$T/systemctl")" "0 --user --quiet start isolate-tor.service" \
	"the user's systemd starts it"
like "$out" "is ready on .*, a unit of the user's systemd" "which is said"
touch "$T/fails"
PATH=$T/path:$PATH run ctl tor start
is "$rc" 0 "one that runs is not started again"
ctl tor stop >/dev/null
PATH=$T/path:$PATH run ctl tor start
like "$rc $err" '^1 .*systemctl --user start.*--plain does without' \
	"where the unit fails, that is said"
is "$(pids)" "" "and none is started in its place"
touch "$T/unknown"
PATH=$T/path:$PATH run ctl tor start
like "$rc $out" '^0 tor is ready on [^,]*$' \
	"where there is no unit, it is a process of its own"
ctl tor stop >/dev/null
kill "$pid"

# A tor that does what no drop-in can make it do.
printf '#!/bin/sh\nexec %s "$@" +SocksPort 127.0.0.1:9999\n' \
	"$(command -v tor)" >"$T/tor"
chmod 755 "$T/tor"
run "$BIN/isolate-tor" "$data" "$run_dir" "$dropins" "$data" "$T/tor"
is "$rc" 1 "a tor that listens on TCP does not stay"
like "$err" 'tor listens at 127\.0\.0\.1:9999, which isolate did not ask' \
	"and it is said where it did"
is "$(pids)" "" "it is ended at once"

done_testing
