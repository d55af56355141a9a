#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/lint/cppcheck.sh - cppcheck over the programs' sources
set -u
cd "$(dirname "$0")/../.." || exit 1

dirs=()
for d in base launcher gateway connect keeper transport ctl profiles seccomp netns identity tor desktop
do
	[ -z "$(find "$d" -name '*.c' 2>/dev/null)" ] || dirs+=("$d")
done
cache=${BUILD:-build}/lint/cppcheck
mkdir -p "$cache"
# missingIncludeSystem: it is not given the system's headers, by design
# varFuncNullUB: (char *)NULL is a pointer wherever we run
exec cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 \
	--enable=warning,portability,performance -j "$(nproc)" -I. \
	-D_GNU_SOURCE -DISOLATE_VERSION='""' -DISOLATE_LIBEXECDIR='""' \
	-DISOLATE_DATADIR='""' -DISOLATE_SYSCONFDIR='""' \
	--cppcheck-build-dir="$cache" \
	--suppress=missingIncludeSystem --suppress=varFuncNullUB "${dirs[@]}"
