/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/replay.c - run a fuzz harness over files, without libFuzzer */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/fd.h"

#define REPLAY_MAX_BYTES ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* An exact-size copy, so that ASan sees the first byte read past the end. */
static void replay_bytes(const char *text, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		err(1, "malloc");
	if (len > 0)
		memcpy(copy, text, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

/* The file, and every beginning of it: parsers meet short reads. */
static void replay_file(const char *path)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	autofree char *text = NULL;
	size_t len, cut, step;
	int rc;

	if (fd < 0)
		err(1, "%s", path);
	rc = fd_read_text(fd, REPLAY_MAX_BYTES, &text, &len);
	if (rc)
		errx(1, "%s: %s", path, strerror(-rc));
	step = len / 512 + 1;
	for (cut = 0; cut < len; cut += step)
		replay_bytes(text, cut);
	replay_bytes(text, len);
}

static unsigned int replay_dir(const char *path)
{
	DIR *dir = opendir(path);
	unsigned int files = 0;
	struct dirent *e;

	if (!dir)
		err(1, "%s", path);
	while ((e = readdir(dir))) {
		char file[PATH_MAX];
		struct stat st;

		if (snprintf(file, sizeof(file), "%s/%s", path, e->d_name) >=
		    (int)sizeof(file))
			errx(1, "%s: path too long", e->d_name);
		if (stat(file, &st))
			err(1, "%s", file);
		if (!S_ISREG(st.st_mode))
			continue;
		replay_file(file);
		files++;
	}
	closedir(dir);
	return files;
}

int main(int argc, char **argv)
{
	unsigned int files = 0;
	int i;

	for (i = 1; i < argc; i++)
		files += replay_dir(argv[i]);
	/* An empty corpus tests nothing and must not look like success. */
	if (files == 0)
		errx(1, "no corpus files");
	printf("%u files and their beginnings\n", files);
	return 0;
}
