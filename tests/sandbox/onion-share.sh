#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# OnionShare as Debian has it serves files from within a sandbox.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

command -v onionshare-cli >/dev/null || skip "no onionshare-cli"
own_tornet --middles 0 --exits 3
ok "our own tor starts" "$BIN/isolatectl" tor start

# OnionShare: with a key that visitors need, which is its default, then without.
# shellcheck disable=SC2016 # for the inner shell
share='echo "the shared text" >share.txt
mkdir -p .config
cat >settings.json <<-END
	{"version": "2.6", "connection_type": "$1", "auth_type": "no_auth",
	 "control_port_address": "127.0.0.1", "control_port_port": 9051,
	 "socket_file_path": "/run/tor/control"}
END
shift
exec onionshare-cli --config settings.json "$@" share.txt'
share() { # IDENTITY CONNECTION [OPTION...]: sets $pid and $url
	local who=$1

	shift
	rm -f "$T/.share"
	PYTHONUNBUFFERED=1 "$BIN/isolate" --tor embedded -i "$who" \
		--set control=onion-service --set env-keep=PYTHONUNBUFFERED -- \
		sh -c "$share" sh "$@" >"$T/.share" 2>&1 </dev/null &
	pid=$!
	jobs_started+=("$pid")
	wait_until 60 grep -q 'http://.*onion' "$T/.share"
	url=$(grep -o 'http://[a-z2-7]*\.onion' "$T/.share" | head -1)
}
share closed socket_file
like "$url" '^http://[a-z2-7]{56}\.onion$' "onionshare-cli, by a path, with a private key"
wait_until 20 grep -q 'Private key: ' "$T/.share"
like "$(cat "$T/.share")" 'Private key: [A-Z2-7]{52}' "... which it shows"
run isolate --tor embedded -i visitor -- curl -sS --max-time 8 "$url/"
like "$rc" '^[1-9]' "... and without which nobody gets in"
kill "$pid"
wait_until 30 gone "$pid"
share open control_port --public
like "$url" '^http://[a-z2-7]{56}\.onion$' "onionshare-cli, by the port, for everybody"
run isolate --tor embedded -i visitor -- curl -sS --max-time 20 --retry 20 \
	--retry-all-errors --retry-delay 1 "$url/download"
like "$out" 'the shared text' "a visitor gets the file"
[[ $out =~ "the shared text" ]] || sed 's/^/# /' "$T/.share"
# it would end by itself, but for a newer Werkzeug than it knows
kill "$pid"
wait_until 30 gone "$pid"

done_testing
