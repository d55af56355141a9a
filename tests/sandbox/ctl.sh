#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# isolatectl tells what there is, refuses what is wrong, and breaks nothing.
# also-as: root
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

export XDG_DATA_HOME=$T/data TZ=UTC0
unset XDG_CONFIG_HOME
ctl=$BIN/isolatectl
ledger=$XDG_DATA_HOME/isolate/isolate.db

# one_line STATUS PATTERN DESC ARG...: fails so, with one line on stderr
one_line() {
	local status=$1 pattern=$2 desc=$3

	shift 3
	run "$ctl" "$@"
	if [ "$rc" = "$status" ] && [[ $err =~ $pattern ]] && [ ! "$out" ] &&
		[ "$(printf '%s\n' "$err" | wc -l)" = 1 ]; then
		pass "$desc"
	else
		fail "$desc" "status $rc (want $status, one line like" \
			"$pattern)" "stdout: $out" "stderr: $err"
	fi
}

# nothing yet
run "$ctl" log
is "$rc $out" "0 no launches yet" "an empty ledger is fine"
run "$ctl" log --json
is "$rc $out" "0 []" "and for programs too"
run "$ctl" identity list
like "$out" '^no identities yet' "no identities yet"
[ ! -e "$XDG_DATA_HOME" ]
is $? 0 "to look makes nothing"

# help and version
for words in '' log 'identity list' 'identity show' 'tor start' 'tor stop' \
	'tor status' 'profile list' 'profile show'; do
	# shellcheck disable=SC2086 # words
	run "$ctl" $words --help
	like "$rc $out" "^0 Usage: isolatectl ${words:-COMMAND}" \
		"isolatectl $words --help"
done
run "$ctl" --version
like "$rc $out" '^0 isolatectl [0-9]+\.[0-9]+' "--version"

# wrong words
one_line 2 'command is missing' "no command"
one_line 2 'no such command: frob' "an unknown command" frob
one_line 2 'there is list, show' "half a command" identity
one_line 2 'no command "frob"; there is start, stop, restart, status' \
	"an unknown half" tor frob
one_line 2 'no such option: --frob' "an unknown option" log --frob
one_line 2 'no value for -n' "an option without its value" log -n
one_line 2 'give a number from 1' "a number out of range" log -n 0
one_line 2 'give a number from 1' "a number that is none" log -n 5x
one_line 2 'one word too many' "a word too many" log now
one_line 2 'what is missing is NAME' "no name" identity show
one_line 2 'is not an identity name' "a path for a name" \
	identity show ../../etc
one_line 2 'is not an identity name' "a terminal's commands for a name" \
	log --identity $'\e[2J'
unlike "$err" $'\e' "which are not echoed"
one_line 1 'there is no identity nobody' "an unknown identity" \
	identity show nobody
one_line 1 'nosuch' "an unknown profile" profile show nosuch
one_line 1 'a name, not a path' "a path for a profile" profile show ../irc

# profiles
run "$ctl" profile list
like "$rc $out" '^0 PROFILE +DESCRIPTION.*irc' "profiles are listed"
unlike "$out" 'error|refused' "and each can be loaded"
run "$ctl" profile show irc
like "$rc $out" '^0 .*network.*(socks|transparent)' "a profile is shown"

# its own tor, which never ran
run "$ctl" tor status
like "$rc $out" '^3 tor +not running' "tor does not run"
run "$ctl" tor stop
is "$rc $out" "0 tor was not running" "and can be stopped all the same"

# results that cannot be written
run bash -c '"$1" log >/dev/full' - "$ctl"
like "$rc $err" '^1 .*write to standard output' "a full output is a failure"

# damaged, or not ours
mkdir -p "$XDG_DATA_HOME/isolate"
chmod 700 "$XDG_DATA_HOME/isolate"
echo 'no database at all' >"$ledger"
chmod 600 "$ledger"
one_line 1 'damaged.*move it aside' "a damaged ledger" log
is "$(cat "$ledger")" 'no database at all' "which is left as it is"
chmod 644 "$ledger"
one_line 1 'open to other users' "a ledger that others can read" log
rm "$ledger"
ln -s "$T/elsewhere" "$ledger"
one_line 1 'not a regular file' "a symlink for a ledger" identity list
rm "$ledger"
chmod 777 "$XDG_DATA_HOME/isolate"
one_line 1 'writable by nobody else' "a data directory open to all" log
chmod 700 "$XDG_DATA_HOME/isolate"
XDG_DATA_HOME=relative run "$ctl" log
is "$rc $out" "0 no launches yet" "a relative XDG_DATA_HOME is ignored"
done_testing
