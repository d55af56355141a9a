/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/mount.c - the SRC[:DST] of bind and ro-bind (pure) */
#include "profiles/mount.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/attr.h"

/* Places that are never shared, and why. */
static const struct {
	const char *path;
	bool below;    /* and everything in it */
	bool only_src; /* the sandbox has its own of that name */
	const char *why;
} refused[] = {
	/* every private file at once, and the new root itself */
	{ "/", false, false, "the whole file system is never shared" },
	/* the host's processes, network and kernel */
	{ "/proc", true, false, "procfs tells about the host" },
	{ "/sys", true, false, "sysfs tells about the host" },
	/* the system's and the user's daemons listen here: connect(2) works
	 * through a read-only mount; one socket at a time may be shared */
	{ "/run", false, false, "the sockets of the host are in it" },
	{ "/var/run", false, false, "the sockets of the host are in it" },
	{ "/run/user", false, false, "the sockets of the host are in it" },
	/* the host's terminals and disks; single nodes may be shared */
	{ "/dev", false, false, "the devices of the host are in it" },
	/* names, ids and time zone of host and user: the facade is made of
	 * the opposite; single files may be shared */
	{ "/etc", false, false, "it tells who and where you are" },
	{ "/home", false, false, "every user's files are in it" },
	/* X11 sockets, and everybody's files */
	{ "/tmp", false, false, "other programs' files are in it" },
	/* who can write profiles decides what the next launch opens; the
	 * ledger tells which identities are one person */
	{ "~/.config", false, true, "isolate's profiles are in it" },
	{ "~/.config/isolate", true, true, "isolate's profiles are in it" },
	{ "~/.local", false, true, "isolate's identities are in it" },
	{ "~/.local/share", false, true, "isolate's identities are in it" },
	{ "~/.local/share/isolate", true, true,
	  "isolate's identities are in it" },
	/* what starts there at the next login runs outside */
	{ "~/.config/autostart", true, true, "it starts programs outside" },
	{ "~/.config/systemd", true, true, "it starts programs outside" },
};

static bool is_at(const char *path, size_t len, const char *place, bool below)
{
	size_t n = strlen(place);

	if (len < n || memcmp(path, place, n) != 0)
		return false;
	return len == n || (below && path[n] == '/');
}

/* Empty, "." and ".." parts would get round the table above. */
static bool has_odd_part(const char *path, size_t len)
{
	size_t start = 1; /* after the leading slash */

	for (size_t i = 1; i <= len; i++) {
		size_t n = i - start;

		if (i < len && path[i] != '/')
			continue;
		if ((n == 0 && len > 1) || (n == 1 && path[start] == '.') ||
		    (n == 2 && memcmp(path + start, "..", 2) == 0))
			return true;
		start = i + 1;
	}
	return false;
}

static int check_path(const char *text, size_t len, bool dst, struct fault *f)
{
	const char *half = dst ? "destination" : "source";
	bool home = len > 0 && text[0] == '~';
	/* judged from its slash on */
	const char *path = home ? text + 1 : text;
	size_t n = home ? len - 1 : len;
	int show = len < 100 ? (int)len : 100;

	if (n == 0 || path[0] != '/' || (home && n == 1)) {
		fault_set(f, 0, "%s \"%.*s\" does not begin with / or ~/", half,
			  show, text);
		fault_hint(f, "write SRC or SRC:DST with whole paths");
		return -EINVAL;
	}
	if (has_odd_part(path, n))
		return fault_set(f, 0, "%s \"%.*s\" has an empty, . or .. part",
				 half, show, text);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (!(dst && refused[i].only_src) &&
		    is_at(text, len, refused[i].path, refused[i].below))
			return fault_set(f, 0, "%s \"%.*s\" is refused: %s",
					 half, show, text, refused[i].why);
	return 0;
}

int mount_check(const char *text, struct fault *f)
{
	const char *colon = strchr(text, ':');
	size_t len = strlen(text);
	int rc;

	if (colon && strchr(colon + 1, ':'))
		return fault_set(f, 0, "more than one ':' in \"%.100s\"", text);
	rc = check_path(text, colon ? (size_t)(colon - text) : len, false, f);
	if (rc < 0)
		return rc;
	return colon ? check_path(colon + 1, strlen(colon + 1), true, f)
		     : check_path(text, len, true, f);
}

const char *mount_split(const char *text, size_t *src_len)
{
	const char *colon = strchr(text, ':');

	*src_len = colon ? (size_t)(colon - text) : strlen(text);
	return colon ? colon + 1 : text;
}
