#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/lint/options.sh - every option of isolate is told everywhere, and no other
#
# Compares launcher/options.def with isolate(1), in order, and with the three
# completions; that our pages are sound mdoc; and that README shows only
# options, profiles and make targets that there are, and what .ci/run calls.
set -u
cd "$(dirname "$0")/../.." || exit 1

page=man/isolate.1
bash=completions/isolate.bash
fish=completions/isolate.fish
zsh=completions/_isolate
bad=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

complain() {
	echo "$1"
	bad=1
}

# same NAME FILE: as the rows say, in any order
same() {
	diff -u --label launcher/options.def --label "$1" \
		<(sort -u "$tmp/$3") <(sort -u "$2") || bad=1
}

# "short long argument" a line ("-" where there is none), by the preprocessor
# that the build uses
gcc -E -P -I. -x c - >"$tmp/rows" <<'END'
#define OPTION(id, long, short, argument, key, help) @long|short|argument|
#define NULL none
#include "launcher/options.def"
END
{
	tr -d ' \n' <"$tmp/rows" | tr '@' '\n'
	echo
} | sed -nE \
	-e "s/^\"([a-z-]+)\"\|(0|'.')\|(none|\"[^\"]*\")\|.*/\2 \1 \3/p" |
	sed -E -e "s/^0 /- /; s/^'(.)' /\1 /; s/ none$/ -/; s/\"//g" \
		>"$tmp/def"
n=$(wc -l <"$tmp/def")
[ "$n" -ge 10 ] || complain "launcher/options.def: only $n options were read"
[ "$n" = "$(grep -c '^OPTION(' launcher/options.def)" ] ||
	complain "launcher/options.def: not every row was read"

# the page: options with their arguments, in order
sed -n '/options begin/,/options end/p' "$page" |
	sed -nE 's/^\.It (Fl . , )?Fl Fl /\1/p' |
	sed -E -e 's/^Fl (.) , /\1 /; t arg' -e 's/^/- /' -e ': arg' \
		-e 's/ (Ar|Ns|Oo|Oc)( |$)/ /g; s/ (Ar|Ns|Oo|Oc)( |$)/ /g' \
		-e 's/ *: */:/; s/ *= */=/; s/ +$//' \
		-e 's/^(. [^ ]+)$/\1 -/' >"$tmp/page"
sed -E 's/\[:DST\]/:DST/' "$tmp/def" >"$tmp/want"
diff -u --label launcher/options.def --label "$page" "$tmp/want" \
	"$tmp/page" || bad=1

# all spellings; those that take an argument
while read -r short long argument; do
	[ "$short" = - ] || echo "-$short"
	echo "--$long"
	[ "$argument" != - ] || continue
	[ "$short" = - ] || echo "-$short" >&3
	echo "--$long" >&3
done <"$tmp/def" >"$tmp/all" 3>"$tmp/with-argument"

words() { # the options in a text, one a line
	grep -oE -- '(^|[^a-z-])--?[a-zA-Z][a-z-]*' | sed -E 's/^[^-]//'
}

sed -n "/_isolate_fill '-/,/'\$/p" "$bash" | words >"$tmp/bash"
same "$bash" "$tmp/bash" all
# the options that the search for the command steps over
awk '/^\t\t-i \| -p/,/\)$/' "$bash" | words >"$tmp/bash-skip"
same "$bash (with an argument)" "$tmp/bash-skip" with-argument

sed -nE 's/^complete -c isolate -n [a-z_]+ (-s (.) )?-l ([a-z-]+) .*/\2 \3/p' \
	"$fish" | sed -E 's/^(.?) (.*)/\1\n-\2/; s/^\n//' |
	sed -E 's/^/-/' >"$tmp/fish"
same "$fish" "$tmp/fish" all
for line in '__fish_complete_subcommand -- ' 'case -i '; do
	grep -F -- "$line" "$fish" | sed "s/.*\(__fish_complete_subcommand --\|case\)//" |
		words >"$tmp/fish-skip"
	same "$fish ($line)" "$tmp/fish-skip" with-argument
done
grep -E '^complete .* -l [a-z-]+ .*(-x|-r)( |$)' "$fish" |
	sed -E 's/.* -l ([a-z-]+) .*/--\1/' >"$tmp/fish-arg"
diff -u --label launcher/options.def --label "$fish (-x, -r)" \
	<(grep -e '^--' "$tmp/with-argument" | sort) \
	<(sort "$tmp/fish-arg") || bad=1

sed -nE "/^_arguments /,\$ s/^\t'(\*|\([^)]*\)')?(.*)\[.*/\2/p" "$zsh" |
	grep -oE -- '--?[a-zA-Z][a-z-]*[+=]?' >"$tmp/zsh-raw"
sed 's/[+=]$//' "$tmp/zsh-raw" >"$tmp/zsh"
same "$zsh" "$tmp/zsh" all
sed -n 's/[+=]$//p' "$tmp/zsh-raw" >"$tmp/zsh-arg"
same "$zsh (with an argument)" "$tmp/zsh-arg" with-argument

# README: what it prints must work
grep -E '^ {4}' README.md >"$tmp/readme"
grep -oE '(^|[ (])isolate .*' "$tmp/readme" |
	sed -E 's/ (irssi|curl|ssh|git|bash|true|python3)( .*|$)//' >"$tmp/shown"
{
	words <"$tmp/shown" | sort -u | while IFS= read -r option; do
		grep -qxF -e "$option" "$tmp/all" || echo "no option $option"
	done
	grep -oE -- ' -p [a-z-]+' "$tmp/shown" | sort -u |
		while read -r _ profile; do
			[ -e "profiles/data/$profile.profile" ] ||
				echo "no profile $profile"
		done
	grep -oE '^ {4}make [a-z-]+' "$tmp/readme" | sort -u |
		while read -r _ target; do
			grep -qE "^(#: )?${target}[: ]" Makefile tests/tests.mk ||
				echo "no target $target"
		done
	grep '^make' .ci/run | while IFS= read -r command; do
		grep -qE "^ {4}$command( |\$)" "$tmp/readme" ||
			echo "nothing of \"$command\", which .ci/run calls"
	done
} | sed 's/^/README.md: /' >"$tmp/wrong"
[ ! -s "$tmp/wrong" ] || complain "$(<"$tmp/wrong")"

# Where a person has no mandoc, the build machine has. Pages that are not
# installed here are no mistake.
if command -v mandoc >/dev/null; then
	out=$(mandoc -T lint -W style "$page" man/isolate-gateway.8 2>&1 |
		grep -v -e 'referenced manual not found' \
			-e 'outdated mandoc.db')
	[ -z "$out" ] || complain "$out"
fi
exit "$bad"
