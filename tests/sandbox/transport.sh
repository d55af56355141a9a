#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A pluggable transport has the network, a directory for its state, and
# nothing else of the machine; where it cannot be confined it does not run.
# also-as: root
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

state=$T/state
echo secret >"$T/secret"

# Python stands for the transport: it reads what to try from its stdin.
cat >"$T/try.py" <<'END'
import ctypes, fcntl, mmap, os, socket
libc = ctypes.CDLL(None, use_errno=True)

def attempt(name, what, *args):
    try:
        what(*args)
        print(name, "done")
    except OSError as e:
        print(name, os.strerror(e.errno))

def call(nr, *args):
    if libc.syscall(nr, *args) < 0:
        raise OSError(ctypes.get_errno(), "")

def list_root():
    print("root", *sorted(os.listdir("/")))

def write(path):
    with open(path, "w") as f:
        f.write("x")

def lock(how):
    with open(os.environ["TOR_PT_STATE_LOCATION"] + "/x", "r+") as f:
        how(f, fcntl.LOCK_EX)

def reopen(flags):
    os.close(os.open(os.environ["TOR_PT_STATE_LOCATION"] + "/x", flags))

SECRET = ''
PARENT = os.getppid()
PIPE, PIPE_IN = os.pipe()
attempt("list", list_root)
print("environ", *sorted(os.environ))
attempt("fork", os.fork)
attempt("secret", open, SECRET)
attempt("passwd", open, "/etc/passwd")
attempt("resolv", open, "/etc/resolv.conf")
attempt("proc", os.listdir, "/proc")
attempt("write-root", write, "/x")
attempt("write-lib", write, "/usr/lib/x")
attempt("state", write, os.environ["TOR_PT_STATE_LOCATION"] + "/x")
attempt("open-3", os.open, SECRET, 3)
attempt("open-3-old", call, 2, SECRET.encode(), 3)
attempt("truncate", os.open, SECRET, os.O_RDONLY | os.O_TRUNC)
attempt("truncate-old", call, 2, SECRET.encode(), os.O_TRUNC)
attempt("truncate-3", os.open, SECRET, 3 | os.O_TRUNC)
attempt("setown", fcntl.fcntl, PIPE, fcntl.F_SETOWN, PARENT)
attempt("setown-ex", fcntl.fcntl, PIPE, 15, bytes(8))
attempt("setsig", fcntl.fcntl, PIPE, fcntl.F_SETSIG, 9)
attempt("async", fcntl.fcntl, PIPE, fcntl.F_SETFL, os.O_ASYNC)
attempt("notify", fcntl.fcntl, PIPE, fcntl.F_NOTIFY, 0)
attempt("setfl", fcntl.fcntl, PIPE, fcntl.F_SETFL, os.O_NONBLOCK)
attempt("getfl", fcntl.fcntl, PIPE, fcntl.F_GETFL)
attempt("getfd", fcntl.fcntl, PIPE, fcntl.F_GETFD)
attempt("setfd", fcntl.fcntl, PIPE, fcntl.F_SETFD, 1)
attempt("dupfd", fcntl.fcntl, PIPE, fcntl.F_DUPFD, 10)
attempt("dupfd-cloexec", fcntl.fcntl, PIPE, fcntl.F_DUPFD_CLOEXEC, 10)
attempt("lockf", lock, fcntl.lockf)
attempt("flock", lock, fcntl.flock)
attempt("open-write", reopen, os.O_WRONLY | os.O_APPEND)
attempt("open-both", reopen, os.O_RDWR | os.O_CREAT)
attempt("unix", socket.socket, socket.AF_UNIX)
attempt("packet", socket.socket, 17, socket.SOCK_RAW)
attempt("raw", socket.socket, socket.AF_INET, socket.SOCK_RAW, 1)
attempt("tcp", socket.socket, socket.AF_INET, socket.SOCK_STREAM)
attempt("udp", socket.socket, socket.AF_INET6, socket.SOCK_DGRAM)
attempt("kill", os.kill, PARENT, 0)
attempt("tgkill", call, 234, PARENT, PARENT, 0)
attempt("tgkill-self", call, 234, os.getpid(), os.getpid(), 0)
attempt("ptrace", call, 101, 16, PARENT, 0, 0)
attempt("unshare", call, 272, 0x10000000)
attempt("mount", call, 165, b"none", b"/", b"tmpfs", 0, 0)
attempt("keyring", call, 250, 0, -3, 0)
attempt("chroot", os.chroot, "/")
attempt("wx", mmap.mmap, -1, 4096, mmap.MAP_PRIVATE, 7)
END

confined() { # [--names] PROGRAM
	sed "s|^SECRET = .*|SECRET = '$T/secret'|" "$T/try.py" >"$T/.stdin"
	TOR_PT_STATE_LOCATION=$state TOR_PT_EXIT_ON_STDIN_CLOSE=1 \
		LEAK=leak "$BIN/isolate-transport" "$@" \
		<"$T/.stdin" >"$T/.out" 2>"$T/.err"
	rc=$?
	out=$(cat "$T/.out")
	err=$(cat "$T/.err")
}

answer() { # NAME
	sed -n "s/^$1 //p" <<<"$out"
}

confined /usr/bin/python3
is "$rc" 0 "a program runs confined"
unlike "$(answer root)" 'home|run|root|dev|var|proc' "its root is almost empty"
is "$(answer environ | tr ' ' '\n' | grep -v '^LC_CTYPE$' | paste -sd' ')" \
	"TOR_PT_EXIT_ON_STDIN_CLOSE TOR_PT_STATE_LOCATION" \
	"its environment is tor's message alone"
# what Landlock sees on newer kernels only is refused on all
hidden="open-3 open-3-old truncate truncate-old truncate-3 setown setown-ex \
	setsig async notify"
needed="state tcp setfl getfl getfd setfd dupfd dupfd-cloexec lockf flock \
	open-write open-both"
for name in fork unix packet raw kill tgkill ptrace unshare mount keyring \
	chroot $hidden; do
	is "$(answer "$name")" "Operation not permitted" "$name is refused"
done
for name in secret passwd resolv proc; do
	is "$(answer "$name")" "No such file or directory" "$name is not there"
done
is "$(answer wx)" "Operation not permitted" \
	"memory is not written and executed"
for name in write-root write-lib; do
	is "$(answer "$name")" "Read-only file system" "$name is refused"
done
for name in $needed udp tgkill-self; do
	is "$(answer "$name")" "done" "what it needs works: $name"
done
is "$(stat -c '%a' "$state")" 700 "its state directory is the user's alone"
is "$(cat "$state/x")" x "and what it wrote is there"

confined --names /usr/bin/python3
is "$(answer resolv)" "done" "one that needs names can look them up"
is "$(answer passwd)" "No such file or directory" "and sees no more"

# The detector sees a program that is not confined. What is refused for want
# of sense (a directory, an argument) is not refused by the filter.
is "$(cat "$T/secret")" secret "nothing of it was truncated"
out=$(grep -E '^(import|libc|SECRET|PARENT|PIPE|def|    |attempt\("(secret|unix|proc|kill|open-3|truncate|set|async|notify))' \
	"$T/.stdin" | /usr/bin/python3 -)
for name in secret unix proc kill open-3 open-3-old truncate truncate-old \
	truncate-3 setown setsig async; do
	is "$(answer "$name")" "done" "(without it the same program does: $name)"
done
for name in setown-ex notify; do
	unlike "$(answer "$name")" "Operation not permitted" \
		"(... or nobody forbids it: $name)"
done
is "$(cat "$T/secret")" "" "(... and truncates)"
echo secret >"$T/secret"

run env -u TOR_PT_STATE_LOCATION "$BIN/isolate-transport" /usr/bin/python3
is "$rc" 125 "started by hand it says who starts it"
# As in tor's own namespaces: there are no more, and no capabilities.
cat >"$T/cell" <<'END'
#!/bin/sh
echo 0 >/proc/sys/user/max_user_namespaces
exec setpriv --bounding-set=-all --inh-caps=-all "$@"
END
chmod 755 "$T/cell"
out=$(TOR_PT_STATE_LOCATION=$state unshare --user --map-root-user "$T/cell" \
	"$BIN/isolate-transport" /usr/bin/python3 <"$T/.stdin" 2>&1)
for name in list secret passwd write-root write-lib; do
	is "$(answer "$name")" "Permission denied" \
		"without namespaces $name is refused"
done
for name in unix kill fork $hidden; do
	is "$(answer "$name")" "Operation not permitted" "... and $name"
done
is "$(cat "$T/secret")" secret "... and nothing was truncated"
for name in $needed; do
	is "$(answer "$name")" "done" "... and what it needs works: $name"
done

# what ends under strace or without /proc cannot be searched for leaks by a
# build for that (make asan)
export ASAN_OPTIONS=detect_leaks=0
# all it says on stdout is for tor to log
refused='^125LOG SEVERITY=error MESSAGE="not run, because it is not confined: [^"]*"$'
run env TOR_PT_STATE_LOCATION="$state" strace -f -o /dev/null \
	-e inject=unshare:error=EPERM \
	-e inject=landlock_create_ruleset:error=EOPNOTSUPP \
	"$BIN/isolate-transport" /usr/bin/printenv
like "$rc$out" "$refused" "where it cannot be confined it does not run"
like "$err" 'not confined, so it is not run' "and says so"
run env TOR_PT_STATE_LOCATION="$T/secret" "$BIN/isolate-transport" \
	/usr/bin/printenv
like "$rc$out" "$refused" "a state directory that is none"
like "$err" 'Not a directory' "is named"
run env TOR_PT_STATE_LOCATION="$state" "$BIN/isolate-transport" /no/such
is "$rc" 125 "a transport that is not there"
like "$err" '/no/such' "is named"

done_testing
