/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/userns.c - the outer user namespace, and why there is none */
#include "launcher/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "launcher/facade.h"

int userns_write_maps(pid_t pid, uid_t uid, gid_t gid, struct fault *f)
{
	char path[64], map[48];
	int rc;

	snprintf(path, sizeof(path), "/proc/%d/setgroups", (int)pid);
	rc = fd_write_file(AT_FDCWD, path, 0, "deny");
	if (rc < 0)
		return fault_set(f, rc, "write %s", path);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)pid);
	snprintf(map, sizeof(map), "0 %u 1", uid);
	rc = fd_write_file(AT_FDCWD, path, 0, map);
	if (rc < 0)
		return fault_set(f, rc, "write %s", path);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", (int)pid);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	rc = fd_write_file(AT_FDCWD, path, 0, map);
	return rc < 0 ? fault_set(f, rc, "write %s", path) : 0;
}

static bool is_mapped(const char *path, unsigned long id)
{
	bool found = false;
	FILE *in = fopen(path, "re");
	char line[128];

	/* user_namespaces(7): inside, outside, length */
	while (in && !found && fgets(line, sizeof(line), in)) {
		char *at;
		unsigned long from = strtoul(line, &at, 10);

		strtoul(at, &at, 10);
		found = id >= from && id - from < strtoul(at, NULL, 10);
	}
	if (in)
		fclose(in);
	return found;
}

bool userns_has_id(unsigned long id)
{
	return is_mapped("/proc/self/uid_map", id) &&
	       is_mapped("/proc/self/gid_map", id);
}

/* A number in /proc/sys, or -1. */
static long setting(const char *path)
{
	char buf[32] = "";
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_full(fd, buf, sizeof(buf) - 1) <= 0)
		return -1;
	return strtol(buf, NULL, 10);
}

void userns_explain(struct fault *f)
{
	static const struct {
		const char *path;
		long forbids; /* the value that does */
		const char *fix;
	} causes[] = {
		{ "/proc/sys/kernel/unprivileged_userns_clone", 0,
		  "user namespaces are off: sudo sysctl "
		  "kernel.unprivileged_userns_clone=1" },
		{ "/proc/sys/user/max_user_namespaces", 0,
		  "user namespaces are off: sudo sysctl "
		  "user.max_user_namespaces=10000" },
		{ "/proc/sys/user/max_net_namespaces", 0,
		  "network namespaces are off: sudo sysctl "
		  "user.max_net_namespaces=10000" },
		{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1,
		  "AppArmor forbids user namespaces to programs without a "
		  "profile: see AppArmor in isolate(1), or sudo sysctl "
		  "kernel.apparmor_restrict_unprivileged_userns=0" },
	};

	if (access(FACADE_CONNECT, X_OK) == 0 && access("/sys", F_OK) < 0) {
		fault_hint(f, "this is inside a sandbox of isolate already");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		if (setting(causes[i].path) == causes[i].forbids) {
			fault_hint(f, "%s", causes[i].fix);
			return;
		}
	if (f->err == ENOSPC)
		fault_hint(f, "too many namespaces: see sysctl user, or too "
			      "deeply nested");
}
