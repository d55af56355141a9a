#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/lint/deps.sh - who may include whom, and which file owns which library
set -u
cd "$(dirname "$0")/../.." || exit 1

# folder: folders whose headers it may include, beside its own
declare -A may=(
	[base]=''
	[profiles]='base'
	[seccomp]='base'
	[netns]='base'
	[identity]='base'
	[tor]='base'
	[desktop]='base'
	[launcher]='base profiles seccomp netns identity tor desktop'
	[gateway]='base seccomp tor'
	[connect]='base'
	[keeper]='base tor'
	[transport]='base seccomp'
	[ctl]='base profiles identity tor desktop'
)
# header of a foreign library: files that may include it
owners=(
	'seccomp.h|seccomp/compile.c seccomp/rows.[ch] gateway/filter_gen.c
		transport/filter_gen.c'
	'netlink/*|netns/*'
	'libnftnl/*|netns/redirect_gen.c'
	'libmnl/*|netns/redirect_gen.c'
	'sqlite3.h|identity/*'
	'ini.h|profiles/*'
	'event2/*|gateway/* tor/client.c tor/circuits.c tor/watch.c'
	'jansson.h|ctl/*'
)
bad=0

complain() {
	echo "$1: $2"
	bad=1
}

check_ours() { # FILE HEADER
	local from=${1%%/*} to=${2%%/*}

	# generated headers are made of the folder's own sources
	[ "$to" != gen ] || return
	case " $from ${may[$from]} " in
	*" $to "*) ;;
	*) complain "$1" "may not include $2" ;;
	esac
}

check_foreign() { # FILE HEADER
	local row file

	for row in "${owners[@]}"; do
		# shellcheck disable=SC2053 # patterns
		[[ $2 == ${row%%|*} ]] || continue
		for file in ${row#*|}; do
			# shellcheck disable=SC2053
			[[ $1 != $file ]] || return
		done
		complain "$1" "may not include <$2>: that is for ${row#*|}"
	done
}

# no globbing of the patterns above
set -f
for folder in "${!may[@]}"; do
	[ -d "$folder" ] || continue
	while IFS= read -r file; do
		while IFS=' ' read -r kind header; do
			if [ "$kind" = ours ]; then
				check_ours "$file" "$header"
			else
				check_foreign "$file" "$header"
			fi
		done < <(sed -nE \
			-e 's/^#[ \t]*include[ \t]*"([^"]*)".*/ours \1/p' \
			-e 's/^#[ \t]*include[ \t]*<([^>]*)>.*/foreign \1/p' \
			"$file")
	done < <(find "$folder" -name '*.[ch]')
done
exit "$bad"
