/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/onionkey.c - the keys of onion services, kept by identity */
#include "launcher/onionkey.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/path.h"
#include "base/radix.h"

#define KIND "ED25519-V3:"
#define TEXT_BYTES (sizeof(KIND) - 1 + RADIX64_TEXT(GWMSG_ONION_KEY_BYTES) + 1)
/* "identities/" "/onion/" ".key" and two names of 32 */
#define PATH_BYTES 128

static void path_of(const char *identity, char path[PATH_BYTES])
{
	snprintf(path, PATH_BYTES, "identities/%s/onion", identity);
}

static int check(int fd, const char *path, const char *name, struct fault *f)
{
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0)
		return fault_set(f, errno, "look at %s/%s", path, name);
	if (S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & 077) == 0 && st.st_nlink == 1)
		return 0;
	rc = fault_set(f, EPERM, "use the key %s/%s", path, name);
	fault_hint(f, "it must be a file of yours that nobody else can read");
	return rc;
}

int onionkey_read(int data_dirfd, const char *identity, const char *profile,
		  uint8_t key[GWMSG_ONION_KEY_BYTES], struct fault *f)
{
	char path[PATH_BYTES], name[64], file[2 * PATH_BYTES];
	char text[TEXT_BYTES + 1];
	autoclose int fd = -1;
	size_t kind = strlen(KIND);
	ssize_t n;
	int rc;

	path_of(identity, path);
	snprintf(name, sizeof(name), "%s.key", profile);
	snprintf(file, sizeof(file), "%s/%s", path, name);
	fd = path_open_beneath(data_dirfd, file, O_RDONLY | O_NONBLOCK, 0);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fault_set(f, fd, "open %s", file);
	rc = check(fd, path, name, f);
	if (rc < 0)
		return rc;
	n = fd_read_full(fd, text, sizeof(text));
	if (n < 0)
		return fault_set(f, (int)n, "read %s", file);
	if (n > 0 && text[n - 1] == '\n')
		n--;
	if ((size_t)n < kind || memcmp(text, KIND, kind) != 0 ||
	    !radix_decode64(text + kind, (size_t)n - kind, key,
			    GWMSG_ONION_KEY_BYTES)) {
		rc = fault_set(f, 0, "%s is no key of an onion service", file);
		fault_hint(f, "move it away: the next launch makes another, "
			      "and so another address");
	}
	explicit_bzero(text, sizeof(text));
	return rc < 0 ? rc : 1;
}

/* Whole or not at all, and never over another. */
static int put(int dir, const char *name, const char *text, struct fault *f)
{
	char part[64 + 8];
	autoclose int fd = -1;
	int rc;

	/* the .part of a launch that runs is its own: let go with @dir */
	if (flock(dir, LOCK_EX) < 0)
		return fault_set(f, errno, "lock the directory of %s", name);
	/* one that an interrupted launch has left would be in the way */
	snprintf(part, sizeof(part), "%s.part", name);
	unlinkat(dir, part, 0);
	fd = path_open_beneath(dir, part, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return fault_set(f, fd, "make %s", part);
	rc = fd_write_full(fd, text, strlen(text));
	if (rc == 0 && fsync(fd) < 0)
		rc = -errno;
	if (rc == 0 && renameat2(dir, part, dir, name, RENAME_NOREPLACE) < 0)
		rc = -errno;
	if (rc == 0 && fsync(dir) < 0)
		rc = -errno;
	if (rc < 0)
		unlinkat(dir, part, 0);
	return rc < 0 ? fault_set(f, rc, "write %s", name) : 0;
}

int onionkey_write(int data_dirfd, const char *identity, const char *profile,
		   const uint8_t key[GWMSG_ONION_KEY_BYTES], struct fault *f)
{
	char path[PATH_BYTES], name[64], text[TEXT_BYTES + 1];
	autoclose int dir = -1;
	int n, rc;

	path_of(identity, path);
	dir = path_make_dirs(data_dirfd, path, 0700);
	if (dir < 0)
		return fault_set(f, dir, "make %s", path);
	snprintf(name, sizeof(name), "%s.key", profile);
	n = sprintf(text, KIND);
	radix_encode64(key, GWMSG_ONION_KEY_BYTES, text + n);
	strlcat(text, "\n", sizeof(text));
	rc = put(dir, name, text, f);
	explicit_bzero(text, sizeof(text));
	return rc;
}
