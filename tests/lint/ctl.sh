#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/lint/ctl.sh - every command and option of isolatectl is told everywhere
#
# Compares the tables of ctl/commands.c with the man page and with the three
# completions, and checks that the page is sound mdoc.
set -u
cd "$(dirname "$0")/../.." || exit 1

bad=0
page=man/isolatectl.1

# needs FILE TEXT: the file has it, as a fixed string
needs() {
	grep -qF -e "$2" "$1" && return
	echo "$1: nothing of \"$2\", which ctl/commands.c has"
	bad=1
}

rows=$(tr '\n\t' '  ' <ctl/commands.c)
mapfile -t commands < <(grep -oE '\{ "[a-z ]+", ("[][A-Z]+"|NULL),' <<<"$rows" |
	sed -E 's/\{ "([a-z ]+)".*/\1/')
mapfile -t options < <(
	grep -oE "\{ '[^']+', +\"[a-z-]+\"," <<<"$rows" |
		sed -E "s/\{ '(.*)', +\"(.*)\",/\1 \2/" | sort -u)
if [ "${#commands[@]}" -lt 8 ] || [ "${#options[@]}" -lt 3 ]; then
	echo "ctl/commands.c: only ${#commands[@]} commands and" \
		"${#options[@]} options were read"
	bad=1
fi

for command in "${commands[@]}"; do
	needs "$page" ".It Cm $command"
	for word in $command; do
		for f in isolatectl.bash isolatectl.fish _isolatectl; do
			needs "completions/$f" "$word"
		done
	done
done
for option in "${options[@]}"; do
	letter=${option%% *} name=${option#* }
	needs "$page" "Fl Fl $name"
	needs completions/isolatectl.bash "--$name"
	needs completions/isolatectl.fish "-l $name"
	needs completions/_isolatectl "--$name"
	[ "$letter" != '\0' ] || continue
	needs "$page" ".It Fl $letter , Fl Fl $name"
	needs completions/isolatectl.bash "-$letter"
	needs completions/isolatectl.fish "-s $letter -l $name"
	needs completions/_isolatectl "-$letter"
done

# pages of ours that are not installed are no mistake of this one
if command -v mandoc >/dev/null; then
	out=$(mandoc -T lint -W style "$page" |
		grep -v 'referenced manual not found: Xr isolate')
	if [ -n "$out" ]; then
		echo "$out"
		bad=1
	fi
fi
exit "$bad"
