/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/skeleton_gen.c - writes the skeleton of new roots, at build time */
#include <bsd/err.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "launcher/skeleton.h"

int main(int argc, char **argv)
{
	struct fault f = { 0 };
	char line[600];
	int dir;

	if (argc != 2)
		errx(2, "usage: skeleton_gen DIRECTORY");
	/* what a launch reads may be read by everybody, and written by nobody
	 * else, whatever the umask of who builds it */
	umask(022);
	if (mkdir(argv[1], 0755) < 0)
		err(1, "%s", argv[1]);
	dir = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		err(1, "%s", argv[1]);
	if (skeleton_make(dir, &f) < 0 || skeleton_stamp(dir, &f) < 0) {
		fault_format(&f, line, sizeof(line));
		errx(1, "%s: %s", argv[1], line);
	}
	fd_close(dir);
	return 0;
}
