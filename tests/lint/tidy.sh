#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/lint/tidy.sh - clang-tidy over all sources, both cores
#
# A file whose preprocessed text has been found clean is not looked at again
# (BUILD/lint holds the digests).
set -u
cd "$(dirname "$0")/../.." || exit 1

stamps=${BUILD:-build}/lint
mkdir -p "$stamps"
# libraries' own include folders, and the headers that the build generates
read -ra flags <<<"$(pkg-config --cflags libnl-3.0 libnl-route-3.0)"
flags+=(-std=gnu17 -D_GNU_SOURCE -I. -I"${BUILD:-build}"
	-DISOLATE_VERSION='"0"' -DISOLATE_LIBEXECDIR='"/x"'
	-DISOLATE_DATADIR='"/x"' -DISOLATE_SYSCONFDIR='"/etc"')

one() {
	local file=$1 digest

	digest=$({ cat .clang-tidy && gcc "${flags[@]}" -E "$file"; } 2>&1 |
		sha256sum)
	digest=$stamps/${digest%% *}
	[ ! -e "$digest" ] || return 0
	if clang-tidy --quiet "$file" -- "${flags[@]}" >"$digest.$$" 2>/dev/null
	then
		mv "$digest.$$" "$digest"
	else
		cat "$digest.$$"
		rm -f "$digest.$$"
		return 1
	fi
}

if [ "${1-}" = --one ]; then
	one "$2"
	exit
fi
export BUILD
find base launcher gateway connect keeper transport ctl profiles seccomp netns identity tor desktop \
	tests -name '*.c' -print0 2>/dev/null |
	xargs -r0 -P "$(nproc)" -n 1 "$0" --one
