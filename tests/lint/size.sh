#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/lint/size.sh - files of one job stay short: 500 lines, main() 60
set -u
cd "$(dirname "$0")/../.." || exit 1

bad=0
while IFS= read -r file; do
	lines=$(wc -l <"$file")
	if [ "$lines" -gt 500 ]; then
		echo "$file: $lines lines, more than 500"
		bad=1
	fi
	awk -v file="$file" '
		/^int main\(/ { start = NR }
		start && /^}/ {
			if (NR - start > 60) {
				print file ": main() has " NR - start " lines"
				exit 1
			}
			start = 0
		}' "$file" || bad=1
	head -n 3 "$file" | grep -q SPDX-License-Identifier || {
		echo "$file: no SPDX-License-Identifier"
		bad=1
	}
done < <(find . -name build -prune -o -name .git -prune -o \
	-name '*.[ch]' -print | sed 's|^\./||')
exit "$bad"
