#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each mistake is one clear line and status 125, with nothing left half-made.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

profiles=$HOME/.config/isolate/profiles
mkdir -p "$profiles"
state() {
	find "$HOME" "${XDG_RUNTIME_DIR:?}" 2>/dev/null | sort
}
isolate -- true # an identity, a home and a ledger, for all that follows
state >"$T/before"

refuses 'COMMAND|command' "no command"
refuses 'COMMAND|command' "no command after --" --
refuses 'bogus' "unknown option" --bogus
refuses 'profile' "an option that lacks its argument" --profile
refuses 'nosuch' "unknown profile" -p nosuch -- true
for name in ../evil a/b .. . '' '-' 'a b' UPPER "$(printf 'x%.0s' {1..64})" \
	$'a\nb'; do
	refuses . "profile name refused: ${name:0:10}" -p "$name" -- true
	refuses . "identity name refused: ${name:0:10}" -i "$name" -- true
done
refuses 'nosuchkey' "unknown key" --set nosuchkey=1 -- true
refuses 'network' "unknown value" --set network=sideways -- true
refuses 'amnesic' "bad boolean" --set amnesic=perhaps -- true
refuses . "no =" --set amnesic -- true
refuses 'carrier' "unknown network mode" --network carrier -- true
refuses 'nosuchgroup' "unknown seccomp group" --set seccomp-allow=nosuchgroup \
	-- true
refuses . "unknown socket family" --set socket-families=vsock -- true
for tor in nonsense unix: unix:relative 1.2.3.4 1.2.3.4:0 1.2.3.4:99999 \
	localhost:x example.com:9050 "unix:$T/no-such-socket" 127.0.0.1:1; do
	refuses . "upstream refused: $tor" --tor "$tor" -- true
done

printf 'network = socks\nbogus = 1\n' >"$profiles/badkey.profile"
refuses 'badkey.profile:2:' "a bad key names file and line" -p badkey -- true
printf 'network = maybe\n' >"$profiles/badvalue.profile"
refuses 'badvalue.profile:1:' "a bad value names file and line" \
	-p badvalue -- true
printf 'include = a\n' >"$profiles/a.profile"
refuses 'a.profile' "an include cycle" -p a -- true
printf 'include = missing\n' >"$profiles/inc.profile"
refuses 'missing' "a missing include" -p inc -- true
echo 'network = socks' >"$profiles/closed.profile"
chmod 000 "$profiles/closed.profile"
[ "$(id -u)" = 0 ] || refuses 'closed' "an unreadable profile" -p closed -- true
echo 'network = socks' >"$profiles/loose.profile"
chmod 666 "$profiles/loose.profile"
refuses 'loose' "a profile that others can write" -p loose -- true
mkfifo "$profiles/fifo.profile"
refuses 'fifo' "a profile that is a fifo" -p fifo -- true
head -c 200000 /dev/zero >"$profiles/zero.profile"
refuses 'zero' "a profile of NUL bytes" -p zero -- true
rm -rf "${profiles:?}"/*

refuses 'No such' "a bind that is not there" --bind "$T/nothing:/opt/x" -- true
rm -rf "${HOME:?}/.config"
find "$HOME" "$XDG_RUNTIME_DIR" 2>/dev/null | sort |
	grep -v '/.config' >"$T/after"
is "$(grep -v '/.config' "$T/before" | diff - "$T/after" | grep -vE '(.cache|isolate(/seccomp.*|/tor)?)$' | grep '^[<>]')" "" \
	"nothing half-made is left in home and runtime directory"

# a home that cannot be written
mkdir -p "$T/ro-home"
chmod 500 "$T/ro-home"
if [ "$(id -u)" != 0 ]; then
	HOME=$T/ro-home refuses 'ro-home' "a home that is not writable" -- true
fi
HOME=/nonexistent refuses 'nonexistent' "a home that does not exist" -- true

# user namespaces forbidden: by a limit of zero, in a namespace that has it
# changed WORDS DESC PATTERN: a launch on this machine, changed by the shell
# WORDS as its root, is refused; nothing in $HOME appears
changed() {
	state >"$T/before"
	run unshare -U --map-user="$(id -u)" \
		--map-group="$(id -g)" --keep-caps -m bash -c \
		"$1"' && exec "$0" -- true' "$BIN/isolate"
	is "$rc|$out" "125|" "$2: 125"
	like "$err" "$3" "... and what is to be done is said"
	is "$(wc -l <<<"$err")" 1 "... in one line"
	# but for what is kept for good: the cache, a lock file
	state >"$T/after"
	is "$(diff "$T/before" "$T/after" | grep '^[<>]' |
		grep -vE '/seccomp|isolate/tor(/isolate.lock)?$')" "" \
		"... and nothing is left"
}
isolate -- true
for kind in user net; do
	changed "echo 0 >/proc/sys/user/max_${kind}_namespaces" \
		"no $kind namespaces" "sysctl user.max_${kind}_namespaces="
done

# no tor is running and none is installed
isolate_tor='mount -t tmpfs none /run/tor && for f in {,/usr}/{,s}bin/tor; do
	[ ! -e $f ] || mount --bind /dev/null $f || exit; done'
changed "$isolate_tor" "no tor" 'apt install tor'

# no room for the ledger, or for anything
mkdir -p "$T/full"
export XDG_DATA_HOME=$T/full
changed 'mount -t tmpfs -o size=64k,mode=700 none "$XDG_DATA_HOME" &&
	{ head -c 100000 /dev/zero >"$XDG_DATA_HOME/fill" || :; } 2>/dev/null' \
	"a full disk" 'full|No space'
unset XDG_DATA_HOME

# a damaged ledger is said, and kept
mkdir -p "$T/data"
XDG_DATA_HOME=$T/data isolate -- true
db=$T/data/isolate/isolate.db
head -c 4096 /dev/urandom >"$db"
rm -f "$db"-*
sum=$(cksum <"$db")
XDG_DATA_HOME=$T/data refuses 'isolate.db' "a damaged ledger" -- true
is "$(cksum <"$db")" "$sum" "... is not touched"

done_testing
