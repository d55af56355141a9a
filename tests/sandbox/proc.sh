#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the kernel tells about the machine in /proc is masked.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

# lines: a heading, which is the same everywhere, is not the host's
for f in kcore kallsyms kmsg keys key-users timer_list sched_debug \
	sysrq-trigger interrupts iomem ioports partitions diskstats swaps \
	slabinfo vmallocinfo modules latency_stats cmdline; do
	run isolate -- sh -c "head -c 4000 /proc/$f 2>/dev/null"
	host=$(head -c 4000 "/proc/$f" 2>/dev/null | tr -d '\0')
	[ "$f" != swaps ] || host=$(sed 1d <<<"$host")
	if [ -z "$host" ]; then
		pass "/proc/$f tells nothing here at all"
		continue
	fi
	[ "$out" != "$host" ]
	is $? 0 "/proc/$f is not the host's"
done
for f in stat loadavg vmstat; do
	run isolate -- cat "/proc/$f"
	unlike "$out" "$(sed -n 's/^btime //p' /proc/stat)" \
		"/proc/$f does not tell the boot time"
done
for d in acpi bus irq scsi driver dynamic_debug; do
	is "$(isolate -- sh -c "ls -A /proc/$d 2>/dev/null | wc -l")" 0 \
		"/proc/$d is empty or absent"
done
not_ok "/proc/sys is read-only" isolate -- sh -c \
	'echo x >/proc/sys/kernel/hostname'
# no command, no pipe: the shell counts by itself
# shellcheck disable=SC2016 # for the shell in the sandbox
is "$(isolate -- sh -c 'set -- /proc/[0-9]*; echo $#')" 2 \
	"pid 1 and the application are all there is"

done_testing
