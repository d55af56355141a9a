#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# No grant opens isolate's own files or the kernel's interfaces, in whatever
# spelling.
# shellcheck disable=SC2088 # ~ is for isolate to expand
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p "$HOME/doc" "$HOME/.config/isolate/profiles"
echo mine >"$HOME/doc/file"
run isolate --network none -- true # makes the data directory
ln -s "$HOME" "$HOME/all"
ln -s .config/isolate/profiles "$HOME/innocent"
ln -s /proc "$HOME/p"
ln -s /run "$HOME/r"
# root's launches run as a user who cannot enter root's closed directories:
# those are refused by the kernel already
for src in "$HOME" '~/all' "$HOME/all/" '~/innocent' "$HOME/.config" \
	"$HOME/.local/share" "$HOME/.local/share/isolate/identities" \
	'~/all/.local/share/isolate/isolate.db' '~/p' '~/p/self' '~/r' /; do
	refuses 'refused|symbolic link|Permission denied|empty' "$src is refused" \
		--network none --ro-bind "$src:/mnt/x" -- true
done
is "$(isolate --network none --ro-bind "$HOME/doc:/mnt/x" -- cat /mnt/x/file)" \
	mine "a directory beside them is shared"
refuses 'realpath' "a symlink is told where it leads" \
	--network none --ro-bind '~/all/doc/file:/mnt/f' -- true
is "$(isolate --network none --ro-bind '~/doc/file:/mnt/f' -- cat /mnt/f)" \
	mine "a file too"
# each directory that every sandbox has and that a grant may be put into
for dir in /home /media /mnt /opt /run /run/user /srv /var /var/lib /var/log; do
	is "$(isolate --network none --ro-bind "$HOME/doc:$dir/x" \
		--ro-bind "$HOME/doc/file:$dir/f" -- \
		cat "$dir/x/file" "$dir/f")" mine$'\n'mine "in $dir"
done

# who writes where isolate runs from decides about the next launch
refuses 'isolate itself is in it' \
	"the program's own directory is not shared writable" \
	--bind "$BIN:/opt/bin" -- true
ok "... read-only it is" isolate --ro-bind "$BIN:/opt/bin" -- test -x /opt/bin/isolate

done_testing
