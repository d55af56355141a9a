#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Everything the application prints arrives, whoever reads it how slowly, and
# the caller's open files are as they were.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

n() {
	isolate --network none -- "$@"
}
n sh -c 'seq 200000' >"$T/file"
is "$(md5sum <"$T/file")" "$(seq 200000 | md5sum)" "all of it into a file"
n sh -c 'echo more' >>"$T/file"
is "$(tail -n 1 "$T/file")" more "... at its end with >>"
mkfifo "$T/fifo"
(sleep 0.5 && md5sum <"$T/fifo" >"$T/sum") &
n sh -c 'seq 200000' >"$T/fifo"
wait "$!"
is "$(cat "$T/sum")" "$(seq 200000 | md5sum)" "... into a fifo"
printf 'one\ntwo\nthree\n' >"$T/in"
is "$({ n sh -c 'read -r x; echo $x'; cat; } <"$T/in" | tr '\n' ' ')" \
	"one two three " "what was not read stays for the next one"
is "$(n cat <"$T/file" | md5sum)" "$(md5sum <"$T/file")" "all of stdin"
cat >"$T/sockets" <<'END'
import fcntl, os, socket, subprocess, sys, time
ours, theirs = socket.socketpair()
flags = fcntl.fcntl(theirs, fcntl.F_GETFL) | os.O_NONBLOCK
fcntl.fcntl(theirs, fcntl.F_SETFL, flags)
p = subprocess.Popen([sys.argv[1], "--network", "none", "--", "seq", "100000"],
                     stdin=subprocess.DEVNULL, stdout=theirs)
theirs.close()
time.sleep(1)
got = b""
while True:
    part = ours.recv(10000)
    if not part:
        break
    got += part
print(len(got.splitlines()), p.wait())
# one that blocks must not hold up signals
ours, theirs = socket.socketpair()
p = subprocess.Popen([sys.argv[1], "--network", "none", "--", "yes"],
                     stdin=subprocess.DEVNULL, stdout=theirs)
ours.recv(1)
time.sleep(1)
print(fcntl.fcntl(theirs, fcntl.F_GETFL) & os.O_NONBLOCK)
p.terminate()
time.sleep(0.5)
p.terminate()
print(p.wait(10))
END
run timeout 60 python3 "$T/sockets" "$BIN/isolate"
is "$out" $'100000 0\n0\n143' "a socket that is read late, and one never"
is "$err" "" "... without complaint"

is "$(printf 'a\nb\nc\n' | while read -r x; do
	n echo "$x"
done | tr '\n' ' ')" "a b c " "what is not read stays in a pipe, too"
is "$(seq 100000 | n cat | md5sum)" "$(seq 100000 | md5sum)" "... and all is read"

done_testing
