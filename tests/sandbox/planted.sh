#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What an application plants in its home does not lead the next launch out.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

echo leak >"$T/secret"
mkdir "$T/target"
isolate -- sh -c "
	ln -s $T/target .config; ln -s $T/secret .profile
	ln -s / rootlink; ln -s /proc/1/root procroot
	ln -s ../../../../../../../../.. dotdot
	mkfifo .bashrc fifo; mkdir -p .local; ln -s $T/target .local/share
	mkdir -p .config2 .cache; ln -s /etc .ssh"
run timeout 20 "$BIN/isolate" -- sh -c 'ls -l; echo fine'
is "$rc" 0 "the next launch works"
like "$out" fine "... to its end"
is "$(ls -A "$T/target")" "" "nothing was written through a symlink"
for p in "rootlink$T/secret" "procroot$T/secret" "dotdot$T/secret" .profile; do
	not_ok "does not lead out: $p" isolate -- cat "$p"
done
# granted paths whose last or middle part the application can plant
isolate -- sh -c "ln -s $T/target mnt; mkdir d; ln -s / d/up"
for dst in mnt mnt/x d/up d/up/tmp/x; do
	may_refuse=yes run isolate --ro-bind "$BIN:/home/user/$dst" -- true
	[ "$rc" = 125 ] || [ ! -e "$T/target/x" ]
	is $? 0 "a grant over a planted $dst stays in the sandbox"
done
is "$(ls -A "$T/target")" "" "still nothing was written outside"
# profiles are never read from where an application can write
mkdir -p "$T/cwd/.config/isolate/profiles"
echo 'network = none' >"$T/cwd/evil.profile"
(cd "$T/cwd" && "$BIN/isolate" -p evil -- true) >/dev/null 2>"$T/e"
is $? 125 "a profile in the current directory is not read"
isolate -- sh -c 'rm -rf .config .local; mkdir -p .config/isolate/profiles
	echo "network = none" >.config/isolate/profiles/mine.profile'
refuses mine "a profile in the application's home is not read" -p mine -- true
# its home turned into something else by itself
isolate -i gone -- sh -c 'chmod 000 ~; mkdir -p x 2>/dev/null; true'
may_refuse=yes run isolate -i gone -- sh -c 'cd && echo x >f && cat f'
[ "$rc" = 0 ] || { [ "$rc" = 125 ] && [ "$err" ]; }
is $? 0 "a home made unreadable is repaired or refused"

done_testing
