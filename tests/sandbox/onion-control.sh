#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An application adds onion services on its control port: visitors reach it, and
# nothing else; no other sandbox can see or end them, and they end with it.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

python3 -c 'import stem' 2>/dev/null || skip "no python3-stem"
# the fewest relays that an onion service works with
own_tornet --middles 0 --exits 3
ok "our own tor starts" "$BIN/isolatectl" tor start

is_served() { # SERVICE: by this tor, whoever asked for it
	[[ $(control "GETINFO hs/service/desc/id/$1") =~ 250.hs/service ]]
}
is_gone() {
	! is_served "$1"
}

# A server that tells who it sees; stem adds the service, as OnionShare does.
serve='import http.server, sys, threading, time
from stem.control import Controller
class Handler(http.server.BaseHTTPRequestHandler):
	def do_GET(self):
		body = ("hello of %s to %s\n" % (sys.argv[1], self.client_address[0])).encode()
		self.send_response(200)
		self.send_header("Content-Length", str(len(body)))
		self.end_headers()
		self.wfile.write(body)
	def log_message(self, *a): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
c = Controller.from_port("127.0.0.1", 9051)
c.authenticate()
r = c.create_ephemeral_hidden_service({80: 8080, 81: 8081}, await_publication=True, timeout=60)
print("service", r.service_id, r.private_key_type, len(r.private_key), flush=True)
print("listed", *c.list_ephemeral_hidden_services(), flush=True)

while True: time.sleep(1)'
serve() { # NAME: in its own sandbox; sets $pid and $service
	rm -f "$T/.$1.out"
	"$BIN/isolate" --tor embedded -i "$1" --set control=onion-service -- \
		/usr/bin/python3 -c "$serve" "$1" \
		>"$T/.$1.out" 2>"$T/.$1.err" </dev/null &
	pid=$!
	jobs_started+=("$pid")
	wait_until 60 grep -q ^listed "$T/.$1.out"
	service=$(sed -n 's/^service \([a-z2-7]*\) .*/\1/p' "$T/.$1.out")
}
visit() { # SERVICE [PORT [RETRIES]]: from another identity
	run isolate --tor embedded -i visitor -- curl -sS --max-time 40 \
		--retry "${3:-20}" --retry-all-errors --retry-delay 1 \
		"http://$1.onion:${2:-80}/"
}

serve alpha
first=$service
like "$first" '^[a-z2-7]{56}$' "stem adds a service and sees it published"
like "$(cat "$T/.alpha.out")" "service $first ED25519-V3 88" "... with its key"
like "$(cat "$T/.alpha.out")" "listed $first" "... and finds it listed"
visit "$first"
is "$out" "hello of alpha to 127.0.0.1" "a visitor reaches the server, which sees nobody"
is "$(tor_listeners)" 0 "tor listens on no TCP port for it"
like "$(ss -Hxlp | grep "$run_dir")" "$run_dir/socks.*" "(and ss shows what it does listen on)"
visit "$first" 81 1
like "$rc $out" '^[1-9][0-9]* $' "where nothing listens, nobody answers"

serve beta
beta=$pid second=$service
like "$second" '^[a-z2-7]{56}$' "a second identity has one too"
unlike "$second" "$first" "... of another name"
unlike "$(cat "$T/.beta.out")" "$first" "... and sees none but its own"
visit "$second"
is "$out" "hello of beta to 127.0.0.1" "... which leads to it"

# A third one, who knows the name and means no good.
intruder='import socket, sys
first = sys.argv[1].encode()
def talk(*lines, wait=0):
	s = socket.create_connection(("127.0.0.1", 9051), 5)
	s.settimeout(10)
	s.sendall(b"AUTHENTICATE\r\n" + b"".join(l + b"\r\n" for l in lines))
	if wait:
		import time, urllib.request
		time.sleep(wait)
	s.shutdown(socket.SHUT_WR)
	got = b""
	while more := s.recv(4096): got += more
	return got.replace(b"\r\n", b"|").decode()
print("del", talk(b"DEL_ONION " + first))
print("list", talk(b"GETINFO onions/current"))
for line in (b"GETINFO onions/detached", b"GETINFO hs/service/desc/id/" + first,
	b"GETINFO hs/client/desc/id/" + first, b"HSFETCH " + first,
	b"ONION_CLIENT_AUTH_VIEW", b"+HSPOST", b"DEL_ONION " + first.upper(),
	b"DEL_ONION " + first + b" " + first, b"DEL_ONION " + first + b".onion",
	b"ADD_ONION NEW:BEST Port=80,8080 Port=80,unix:/run/tor/control",
	b"ADD_ONION NEW:BEST Port=80,10.152.152.10:80",
	b"ADD_ONION NEW:BEST Port=80,127.0.0.2:80",
	b"ADD_ONION NEW:BEST Port=80,[::1]:80", b"ADD_ONION NEW:BEST Port=80,0",
	b"ADD_ONION NEW:BEST Port=80,8080 Flags=NonAnonymous",
	b"ADD_ONION NEW:BEST Port=80,8080 Flags=Detach,DiscardPK",
	b"ADD_ONION NEW:BEST Port=80,8080 MaxStreams=0",
	b"ADD_ONION NEW:BEST" + b" Port=80" * 9):
	print("refused", talk(line))
# its own gateway, as a service of its own
print("gateway", talk(b"ADD_ONION NEW:BEST Port=80,9050", b"ADD_ONION NEW:BEST Port=80,9051"))
print("many", talk(*[b"ADD_ONION NEW:BEST Flags=DiscardPK Port=80"] * 10))
print("events", talk(b"SETEVENTS HS_DESC HS_DESC_CONTENT CIRC STREAM ORCONN INFO NOTICE WARN", wait=int(sys.argv[2])))'
run isolate --tor embedded -i intruder --set control=onion-service -- \
	/usr/bin/python3 -c "$intruder" "$first" 0
like "$out" 'del 250 OK\|552 Unknown Onion Service id\|' "another sandbox cannot end it"
like "$out" 'list 250 OK\|250-onions/current=\|250 OK\|' "... nor see it"
is "$(grep -c '^refused 250 OK|510 Unrecognized command|$' <<<"$out")" 18 \
	"the bypass list is refused, all of it"
like "$out" 'gateway 250 OK\|551 [^|]*\|551 [^|]*\|' \
	"the gateway's own ports cannot be published"
is "$(grep '^many' <<<"$out" | grep -o 250-ServiceID | wc -l)" 8 \
	"there is a limit for one client"
visit "$first"
is "$out" "hello of alpha to 127.0.0.1" "alpha's is there still"

# While others add services, and visit them: all tor's events, and none told.
background "$BIN/isolate" --tor embedded -i intruder --set control=onion-service -- \
	/usr/bin/python3 -c "$intruder" "$first" 40
sleep 3
kill "$beta"
wait_until 30 gone "$beta"
wait_until 5 is_gone "$second"
is $? 0 "a service ends with its application"
serve beta
beta=$pid third=$service
visit "$third"
like "$out" 'hello of beta' "(others have services, and visit them)"
wait_until 60 gone "${jobs_started[-2]}"
like "$(cat "$T/.bg.out")" 'events 250 OK\|250 OK\|$' "nobody is told of another's events"

# However it ends.
is_served "$third"
is $? 0 "(what is served can be seen)"
kill -KILL "$beta"
wait_until 10 is_gone "$third"
is $? 0 "it ends with a supervisor that is killed, too"

# Tor is killed and comes back, and with it the services that there were.
kill -KILL "$(tor_pid)"
sleep 0.5
ok "tor is started again" "$BIN/isolatectl" tor start
wait_until 30 is_served "$first"
is $? 0 "what there was is there again, by the same name"
visit "$first"
is "$out" "hello of alpha to 127.0.0.1" "... and reaches the application"
is "$(tor_listeners)" 0 "no TCP port listened, ever"
sed 's/^/# /' "$T/.alpha.err"

# Another tor cannot be asked.
run isolate -i other --set control=onion-service -- /usr/bin/python3 -c \
	'import socket
s = socket.create_connection(("127.0.0.1", 9051), 5)
s.sendall(b"AUTHENTICATE\r\nADD_ONION NEW:BEST Port=80\r\nQUIT\r\n")
print(s.makefile().read())'
like "$out" '551 Not available with this tor' "with another tor there are none"

done_testing
