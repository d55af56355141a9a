#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Options: what they print, and that nothing is run.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

run isolate --help
is "$rc" 0 "--help succeeds"
like "$out" '--dry-run' "... and lists the options"
run isolate --version
like "$out" '^isolate [0-9]+\.[0-9]' "--version"
touch "$T/marker"
ok "--dry-run succeeds" isolate --dry-run -- rm "$T/marker"
ok "... and runs nothing" test -e "$T/marker"
run isolate --dry-run -- rm "$T/marker"
for word in 10.152.152.10 /home/user seccomp identity network mount env; do
	like "$out" "$word" "--dry-run tells: $word"
done
is "$(find "$HOME" -name isolate.db)" "" "... and records nothing"
first=$(isolate --dry-run -p irc -- irssi)
is "$(isolate --dry-run -p irc -- irssi)" "$first" "--dry-run is stable"
run isolate --explain network
like "$out" 'network = transparent' "--explain shows the value"
like "$out" 'default' "... and where it is from"
run isolate --network none --explain network
like "$out" 'none.*(--network|--set|command line)' "... --network"
mkdir -p "$HOME/.config/isolate/profiles/default.profile.d"
echo 'network = none' >"$HOME/.config/isolate/profiles/default.profile.d/x.conf"
run isolate --explain network
like "$out" 'none.*x\.conf:1' "... a drop-in, with file and line"
run isolate -- cat /proc/net/dev
unlike "$out" eth0 "the drop-in holds"
run isolate --network socks -- cat /proc/net/dev
like "$out" eth0 "an option overrides it"
rm -r "$HOME/.config"
run isolate -v -- true
is "$rc" 0 "--verbose"
like "$err" . "... says what is done"

done_testing
