#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/run-sandbox.sh - run tests/sandbox/*.sh in real sandboxes and count them
#
#   [BUILD=build] tests/run-sandbox.sh [NAME...]
#
# Copies the programs to a directory that any user can read, starts the made-up
# machine of tests/tornet/realm (13 s) and runs each file in it, as an
# unprivileged user; files that say `# also-as: root` as its root too, or, with
# `only-as`, as nobody else. A file fails when a test of it does, when it takes
# more than TEST_TIMEOUT (240 s), when it ends early, and when it leaves a
# process, mount or temporary file. A line "# seen: ..." of a file that passes
# is printed. With CI=true a skip is a failure. KEEP=yes keeps the directory.
#
# Most files wait for a network most of the time: there are REALMS machines, and
# each takes the next file that none has taken. With CI=true one, which is kind
# to the private Tor networks; else two, which takes half the time.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tally.sh
. "$here/tally.sh"

outside() {
	local dir build=${BUILD:-build} n

	dir=$(mktemp -d /tmp/isolate-check.XXXXXX) || exit 1
	chmod 755 "$dir"
	# set now: dir is gone when the trap runs
	# shellcheck disable=SC2064
	trap "[ '${KEEP-}' ] && echo 'kept: $dir' || rm -rf '$dir'" EXIT
	trap 'exit 143' TERM INT HUP
	mkdir -p "$dir/bin/test" || exit 1
	for n in isolate isolate-gateway isolate-connect isolate-tor \
		isolate-transport isolatectl profiles skeleton; do
		[ ! -e "$build/$n" ] || cp -R "$build/$n" "$dir/bin/"
	done
	# the build that can skip steps finds its companions beside itself too
	for n in isolate-gateway isolate-connect isolate-tor isolate-transport \
		profiles skeleton; do
		[ ! -e "$build/$n" ] || cp -R "$build/$n" "$dir/bin/test/"
	done
	[ ! -e "$build/test/isolate" ] ||
		cp "$build/test/isolate" "$dir/bin/test/"
	cp "$build"/data/* "$here"/data/{circuits,expect,listen,tcp-listeners} \
		"$dir/bin/"
	cp -R "$here/sandbox" "$here/tornet" "$here/run-sandbox.sh" \
		"$here/tally.sh" \
		"$here/sanitize.supp" "$dir/"
	# for programs built with SAN, see `make asan`
	export LSAN_OPTIONS="suppressions=$dir/sanitize.supp:print_suppressions=0"
	chmod -R a+rX "$dir"
	choose "$@" >"$dir/queue"
	in_realms
}

choose() { # [NAME...]: the files to run
	local n all

	# those of tor, which take longest, first: none is waited for alone
	if [ $# = 0 ]; then
		mapfile -t all < <(cd "$dir/sandbox" && printf '%s\n' *.sh | tac)
		set -- "${all[@]}"
	fi
	for n in "$@"; do
		n=${n##*/}
		[ "$n" = lib.sh ] || echo "${n%.sh}"
	done
}

in_realms() {
	local i pids=() realms=2 files counts

	[ "${CI-}" != true ] || realms=1
	realms=${REALMS:-$realms}
	files=$(wc -l <"$dir/queue")
	[ "$realms" -le "$files" ] || realms=$files
	tally_begin
	for ((i = 1; i <= realms; i++)); do
		mkdir -p "$dir/$i/realm"
		"$dir/tornet/realm" --root "$dir/$i/realm" \
			"$dir/run-sandbox.sh" --inside "$dir" "$i" &
		pids+=($!)
	done
	for ((i = 1; i <= realms; i++)); do
		if ! wait "${pids[i - 1]}" ||
			! read -ra counts <"$dir/$i/tally"; then
			echo "FAIL machine $i (ended early)"
			counts=(0 1 0)
		fi
		tally_add "${counts[@]}"
	done
	tally_end
}

one_at_a_time() { # CMD...
	(flock 9 && "$@") 9>"$dir/lock"
}

take_next() { # the first line of the queue, which loses it; false at its end
	head -n 1 "$dir/queue" | grep . && sed -i 1d "$dir/queue"
}

# What must be the same after a test file as before it. sshd's title counts those
# that have not logged in yet.
census() {
	local p s

	for p in /proc/[0-9]*; do
		[ "$p" != "/proc/$BASHPID" ] || continue
		s=$(sed 's/.*) //' "$p/stat" 2>/dev/null)
		# children of ours that are being reaped are nobody's orphans
		[ "${s%% *}" = Z ] || [ -z "$s" ] ||
			echo "process ${p#/proc/} $(tr '\0' ' ' \
				<"$p/cmdline" 2>/dev/null)"
	done | sed "\\| $0 --inside|d; s/ [0-9]* of [0-9]*-[0-9]* startups//"
	sed 's/^[0-9]* [0-9]* [^ ]* \([^ ]* [^ ]*\).*/mount \1/' \
		/proc/self/mountinfo
}

left_over() { # new lines of the census, after a moment for exits to finish
	local tries=20 new

	while :; do
		census >"$now"
		new=$(sort "$now" | comm -13 "$before" -)
		[ "$new" ] || return 0
		[ $((tries -= 1)) -gt 0 ] || break
		sleep 0.05
	done
	echo "$new"
	printf '%s\n' "$new" | sed -n 's/^process \([0-9]*\) .*/\1/p' |
		xargs -r kill -KILL
}

run_as() { # user|root NAME: the test file, as one of the two
	local as=$1 name=$2 t="$mine/realm/t/$2-$1" home command=()

	home=$HOME_BASE/leak-$name-$as
	mkdir -p "$t" "$home" "/run/user/$REALM_UID"
	command=(env TEST_DIR="$t" TEST_BIN="$dir/bin" TMPDIR="$t"
		HOME="$home")
	if [ "$as" = user ]; then
		[ ! "$REALM_ROOT_MODE" ] || chown "$REALM_UID:$REALM_UID" \
			"$t" "$home"
		# shellcheck disable=SC2206 # a command and its arguments
		command+=(USER="$REALM_USER" LOGNAME="$REALM_USER"
			XDG_RUNTIME_DIR="/run/user/$REALM_UID" $REALM_DROP)
	else
		mkdir -p /run/user/0
		command+=(USER=root LOGNAME=root XDG_RUNTIME_DIR=/run/user/0)
	fi
	(cd "$t" && timeout -k 5 "$limit" "${command[@]}" \
		bash "$dir/sandbox/$name.sh" >"$log" 2>&1 </dev/null)
	rc=$?
	rm -rf "$t" "$home" "/run/user/$REALM_UID/"* /run/user/0/*
}

judge() { # LABEL: reads $log and $rc, adds to the counters
	local p f s planned why='' left

	left=$(left_over)
	p=$(grep '^ok ' "$log" | grep -vc '# SKIP')
	s=$(grep '^ok ' "$log" | grep -c '# SKIP')
	f=$(grep -c '^not ok ' "$log")
	planned=$(sed -n 's/^1\.\.//p' "$log")
	if [ "$rc" = 77 ]; then
		s=$((s + 1))
	elif [ "$rc" = 124 ] || [ "$rc" = 137 ]; then
		why="more than $limit s"
	elif [ "$rc" != 0 ] || [ "$planned" != $((p + f + s)) ]; then
		why="ended early, status $rc"
	fi
	[ ! "$left" ] || why="$why${why:+; }left behind: $left"
	[ ! "$why" ] || f=$((f + 1))
	tally_add "$p" "$f" "$s"
	one_at_a_time report "$1"
}

report() { # LABEL
	if [ "$f" != 0 ]; then
		echo "FAIL $1${why:+ ($why)}"
		sed 's/^/    /' "$log"
	elif [ "$rc" = 77 ]; then
		echo "skip $1: $(sed -n 's/^# SKIP //p' "$log" | tail -n 1)"
	else
		echo "ok   $1 ($p)"
		grep '# SKIP' "$log" | sed 's/^/    /'
		sed -n 's/^# seen: /     /p' "$log"
	fi
}

run_file() { # NAME
	local name=$1 file="$dir/sandbox/$1.sh"

	if [ ! -e "$file" ]; then
		one_at_a_time echo "FAIL $name (no such file in tests/sandbox)"
		tally_add 0 1 0
		return
	fi
	if ! grep -q '^# only-as: root' "$file"; then
		run_as user "$name"
		judge "$name"
	fi
	if grep -qE '^# (also|only)-as: root' "$file"; then
		run_as root "$name"
		judge "$name, as root"
	fi
}

inside() { # DIR NUMBER
	local mine name log before now rc limit=${TEST_TIMEOUT:-240}

	dir=$1
	mine=$dir/$2
	log=$mine/log before=$mine/before now=$mine/now
	HOME_BASE=$(dirname "$HOME")/$REALM_USER
	mkdir -p "$mine/realm/t"
	tally_begin
	census >"$now"
	sort "$now" >"$before"
	while name=$(one_at_a_time take_next); do
		run_file "$name"
	done
	echo "$passed $failed $skipped" >"$mine/tally"
}

if [ "${1-}" = --inside ]; then
	shift
	inside "$@"
else
	outside "$@"
fi
