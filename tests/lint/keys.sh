#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/lint/keys.sh - isolate-profile(5) tells every profile key, in order
#
# Compares key, default and struct field of profiles/keys.def with the items
# between "keys begin" and "keys end" of the page; that the page is sound
# mdoc; and that shipped profiles say why they open what they open.
set -u
cd "$(dirname "$0")/../.." || exit 1

page=man/isolate-profile.5
bad=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

complain() {
	echo "$1"
	bad=1
}

# "field|name|default" a line, by the preprocessor that the build uses
gcc -E -P -I. -x c - >"$tmp/rows" <<'END'
#define PROFILE_KEY(field, name, type, dflt, merge, help) @field|name|dflt
#include "profiles/keys.def"
END
sed -E -e 's/ *@/\n/g' "$tmp/rows" | sed -nE \
	-e 's/^([a-z0-9_]+) *\| *"([a-z0-9-]+)" *\| *"([^"]*)".*/\1 \2 \3/p' \
	>"$tmp/def"
n=$(wc -l <"$tmp/def")
[ "$n" -ge 20 ] || complain "profiles/keys.def: only $n keys were read"
while read -r field name dflt; do
	[ "$field" = "${name//-/_}" ] ||
		complain "profiles/keys.def: field $field of key $name"
	echo "$name (${dflt:-none})"
done <"$tmp/def" >"$tmp/want"

sed -n '/keys begin/,/keys end/p' "$page" |
	sed -nE 's/^\.It Ic ([a-z0-9-]+) .*Pq (.*)$/\1 (\2)/p' >"$tmp/have"
diff -u --label profiles/keys.def --label "$page" "$tmp/want" "$tmp/have" ||
	bad=1

# Where a person has no mandoc, the build machine has.
if command -v mandoc >/dev/null; then
	mandoc -T lint -W warning "$page" || bad=1
fi

# style: a line that loosens something has its reason above it
for file in profiles/data/*.profile; do
	awk -v file="$file" '
		/^#/ { reason = 1 }
		/^$/ { reason = 0 }
		/^(network|bind|ro-bind|env|env-keep|seccomp-allow|ptrace|userns|isolate-by|w-xor-x|max-[a-z]+|socks-ports|allow-destinations|[a-z]+-size|socket-families) *=/ {
			if (!reason && !follows) {
				print file ":" NR ": no reason above: " $0
				bad = 1
			}
		}
		{ follows = reason && !/^#/ }
		END { exit bad }' "$file" || bad=1
done
exit "$bad"
