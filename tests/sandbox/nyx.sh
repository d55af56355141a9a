#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# nyx as Debian has it shows a sandbox's traffic, by the sandbox's control port.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

command -v nyx >/dev/null || skip "no nyx"

# nyx, on a terminal: all five pages, then the end. A q answers its question, or
# makes it ask again. Its end is that it leaves the screen (rmcup): behind that,
# stem 1.8 can wait for itself forever (its close() holds the lock that another
# thread needs for the question it is just asking).
drive='import os, pty, select, time, fcntl, termios, struct, re, sys
pid, fd = pty.fork()
if pid == 0:
	os.environ["TERM"] = "xterm"
	os.execvp("nyx", ["nyx"] + sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
seen, start, end = b"", time.time(), None
keys = [(5 + i, b"\x1bOC") for i in range(5)] + [(11 + i, b"q") for i in range(30)]
while time.time() - start < 45 and (not end or time.time() - end < 2):
	try:
		if not end and keys and time.time() - start > keys[0][0]: os.write(fd, keys.pop(0)[1])
		if select.select([fd], [], [], 0.2)[0]: seen += os.read(fd, 65536)
	except OSError: break
	if not end and b"\x1b[?1049l" in seen: end = time.time()
os.kill(pid, 9)
print("left the screen" if end else "stays", os.waitpid(pid, 0)[1])
print(re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][A-Z0-9]|[\r\n ]+", b" ", seen).decode(errors="replace"))'
for where in "-i 127.0.0.1:9051" "-s /run/tor/control"; do
	# shellcheck disable=SC2086 # two words
	run isolate --set control=browser -- \
		/usr/bin/python3 -c "$drive" $where
	like "$out" 'left the screen' "nyx $where starts, and ends when told to"
	like "$out" 'Tor 0\.4\.' "... shows the version"
	like "$out" 'Bandwidth' "... and its graph"
	unlike "$out" 'Traceback|recognize: ' "... and has nothing to complain of"
done

done_testing
