#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# onion = 80:8080: visitors of the identity's onion service reach the application,
# by one name for as long as its key is kept.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# the fewest relays that an onion service works with
own_tornet --middles 0 --exits 3
ok "our own tor starts" "$BIN/isolatectl" tor start

is_gone() { # SERVICE: this tor has none of that name
	! [[ $(control "GETINFO hs/service/desc/id/$1") =~ 250.hs/service ]]
}
server='import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
	def do_GET(self):
		body = ("%s sees %s\n" % (sys.argv[1], self.client_address[0])).encode()
		self.send_response(200)
		self.send_header("Content-Length", str(len(body)))
		self.end_headers()
		self.wfile.write(body)
	def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Handler)
print(os.environ["ISOLATE_ONION"], flush=True)
s.serve_forever()'
serve() { # IDENTITY [OPTION...]: sets $pid and $service
	local who=$1

	shift
	rm -f "$T/.serve.out"
	"$BIN/isolate" --tor embedded -i "$who" --verbose --set onion=80:8080 "$@" \
		-- /usr/bin/python3 -c "$server" "$who" \
		>"$T/.serve.out" 2>"$T/.serve.err" </dev/null &
	pid=$!
	jobs_started+=("$pid")
	wait_until 20 test -s "$T/.serve.out"
	service=$(<"$T/.serve.out")
}
end() {
	kill "$pid"
	wait_until 30 gone "$pid"
}
visit() { # SERVICE
	run isolate --tor embedded -i visitor -- curl -sS --max-time 40 \
		--retry 20 --retry-all-errors --retry-delay 1 "http://$1/"
}
keys() {
	(cd "$HOME/.local/share/isolate" && find . -path '*/onion/*' | sort)
}

serve alpha
first=$service
like "$first" '^[a-z2-7]{56}\.onion$' "the application is told its name"
like "$(cat "$T/.serve.err")" "onion service: $first" "... and --verbose the user"
visit "$first"
is "$out" "alpha sees 127.0.0.1" "a visitor reaches it, and is nobody"
is "$(keys)" ./identities/alpha/onion/python3.key "the key is kept with the identity"
key=$HOME/.local/share/isolate/identities/alpha/onion/python3.key
is "$(stat -c %a "$key" "${key%/*}" | tr '\n' ' ')" "600 700 " "... for its owner only"
run isolate -i alpha --tor embedded --set control=onion-service -- sh -c \
	'find / -xdev -name "*.key" 2>/dev/null; env | grep -c ISOLATE_ONION'
is "$out" 0 "a sandbox of that identity sees none of it"
may_refuse=yes run isolate --tor embedded -i alpha --set onion=80:8080 -- \
	/usr/bin/python3 -c pass
like "$rc $err" '^125 .*another launch' "a second one with that key is refused"
end
wait_until 5 is_gone "${first%.onion}"
is $? 0 "the service ends with its application"

serve alpha --set onion=81:8080
is "$service" "$first" "the next launch has the same name"
visit "$first:81"
is "$out" "alpha sees 127.0.0.1" "... and whatever ports it says"
other=$pid
serve beta
second=$service
unlike "$second" "$first" "another identity has another"
visit "$second"
is "$out" "beta sees 127.0.0.1" "... which leads to it"
end
pid=$other
end

serve alpha --set onion-key=discard
third=$service
unlike "$third" "$first" "discarded: another name"
end
serve alpha --set onion-key=discard
unlike "$service" "$third" "... at each launch"
end
before=$(keys)
serve gamma --amnesic
like "$service" '^[a-z2-7]{56}\.onion$' "an amnesic launch has one"
visit "$service"
is "$out" "gamma sees 127.0.0.1" "... that works"
end
is "$(keys)" "$before" "... and keeps no key"

# The control port of that sandbox has no say in it.
ask='import os, socket, sys
name = os.environ["ISOLATE_ONION"][:56].encode()
s = socket.create_connection(("127.0.0.1", 9051), 5)
s.sendall(b"AUTHENTICATE\r\nGETINFO onions/current\r\nDEL_ONION %s\r\nQUIT\r\n" % name)
print(s.makefile().read())'
run isolate --tor embedded -i alpha --set onion=80 --set control=onion-service -- \
	/usr/bin/python3 -c "$ask"
like "$out" 'onions/current='$'\n' "its own control port does not list it"
like "$out" '552 Unknown Onion' "... nor end it"

# What is wrong is said, and nothing runs.
on=(--tor embedded -i alpha)
refuses '80:9050.*the gateway listens there' "a port of the gateway's" \
	"${on[@]}" --set onion=80:9050 -- true
refuses 'needs a network' "without a network" --network none --set onion=80 -- true
refuses 'port is taken' "one port twice" "${on[@]}" --set 'onion=80 80:81' -- true
refuses 'more than 8' "more than 8" "${on[@]}" --set 'onion=1 2 3 4 5 6 7 8 9' -- true
refuses 'not PORT or PORT:PORT' "no port" "${on[@]}" --set onion=80:10.0.0.1:80 -- true
refuses "isolate's own tor" "with another tor there are none" --set onion=80 -- true
server_on=("${on[@]}" --set onion=80 -- /usr/bin/python3 -c pass)
chmod 644 "$key"
refuses 'nobody else can read' "a key that others can read" "${server_on[@]}"
chmod 600 "$key"
mv "$key" "$T/key"
ln -s "$T/key" "$key"
refuses 'open .*python3.key' "a key behind a symlink" "${server_on[@]}"
rm "$key"
head -c 60 "$T/key" >"$key"
chmod 600 "$key"
refuses 'no key of an onion service' "half a key" "${server_on[@]}"
mv "$T/key" "$key"
run isolate --dry-run "${on[@]}" --set onion=80:8080 -- true
like "$out" $'\nonion: port 80 leads to 127.0.0.1:8080\nonion key: kept' \
	"--dry-run tells of it"
run isolate --dry-run --amnesic --set onion=80:8080 -- true
like "$out" $'\nonion key: discarded' "... and that an amnesic one is discarded"
is "$(find "$run_dir" -name "onion.*")" "" "no socket is left"
is "$(tor_listeners)" 0 "tor listens on no TCP port"

done_testing
