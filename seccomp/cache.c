/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/cache.c - compiled programs, kept by content */
#include "seccomp/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"

/* Changes whenever the program's bytes would for the same tables. */
#define FORMAT 2
#define MAGIC "isolate-seccomp"

/* A file is this and the instructions, nothing else. */
struct header {
	char magic[16];
	/* what was compiled by what: also the file's name */
	uint8_t key[SECCOMP_DIGEST_LEN];
	/* of the instructions */
	uint8_t sum[SECCOMP_DIGEST_LEN];
	uint64_t len; /* instructions */
};

struct image {
	struct header header;
	struct sock_filter insns[BPF_MAXINSNS];
};

_Static_assert(offsetof(struct image, insns) == sizeof(struct header),
	       "read and written as one");

#define NAME_LEN (sizeof("seccomp-") + 2 * SECCOMP_DIGEST_LEN)

static void key_make(const struct seccomp_spec *spec,
		     uint8_t key[SECCOMP_DIGEST_LEN])
{
	struct seccomp_compiler c;
	struct seccomp_digest d;

	seccomp_compiler_get(&c);
	seccomp_digest_init(&d);
	seccomp_digest_u64(&d, FORMAT);
	seccomp_digest_u64(&d, (uint64_t)c.major << 32 | c.minor);
	seccomp_digest_u64(&d, (uint64_t)c.micro << 32 | c.arch);
	seccomp_digest_u64(&d, spec->groups);
	seccomp_digest_u64(&d, (uint64_t)spec->families << 1 | spec->wx);
	seccomp_policy_digest(&d);
	seccomp_digest_end(&d, key);
}

static void sum_make(const struct sock_filter *insns, uint64_t len,
		     uint8_t sum[SECCOMP_DIGEST_LEN])
{
	struct seccomp_digest d;

	seccomp_digest_init(&d);
	seccomp_digest_u64(&d, len);
	seccomp_digest_add(&d, insns, len * sizeof(*insns));
	seccomp_digest_end(&d, sum);
}

static void name_make(const uint8_t key[SECCOMP_DIGEST_LEN],
		      char name[NAME_LEN])
{
	static const char digits[] = "0123456789abcdef";
	char *p = stpcpy(name, "seccomp-");

	for (size_t i = 0; i < SECCOMP_DIGEST_LEN; i++) {
		*p++ = digits[key[i] >> 4];
		*p++ = digits[key[i] & 15];
	}
	*p = '\0';
}

/* Whose bytes are these: nobody's but ours, or it is not a cache file. */
static bool is_ours(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_uid == geteuid() &&
	       !(st->st_mode & (S_IWGRP | S_IWOTH)) && st->st_nlink == 1;
}

static bool is_intact(const struct image *im, size_t size,
		      const uint8_t key[SECCOMP_DIGEST_LEN])
{
	const struct header *h = &im->header;
	uint8_t sum[SECCOMP_DIGEST_LEN];

	if (memcmp(h->magic, MAGIC, sizeof(h->magic)) ||
	    memcmp(h->key, key, sizeof(h->key)))
		return false;
	if (!h->len || h->len > BPF_MAXINSNS ||
	    size != sizeof(*h) + h->len * sizeof(im->insns[0]))
		return false;
	sum_make(im->insns, h->len, sum);
	return memcmp(h->sum, sum, sizeof(sum)) == 0;
}

static bool load(int dirfd, const char *name,
		 const uint8_t key[SECCOMP_DIGEST_LEN], struct image *im,
		 struct seccomp_program *prog)
{
	/* O_NONBLOCK: a planted FIFO must not make us wait */
	autoclose int fd = openat(
		dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct sock_filter *insns;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !is_ours(&st))
		return false;
	if (st.st_size < (off_t)sizeof(im->header) ||
	    st.st_size > (off_t)sizeof(*im))
		return false;
	if (fd_read_full(fd, im, (size_t)st.st_size) != st.st_size ||
	    !is_intact(im, (size_t)st.st_size, key))
		return false;
	insns = malloc(im->header.len * sizeof(*insns));
	if (!insns)
		return false;
	memcpy(insns, im->insns, im->header.len * sizeof(*insns));
	*prog = (struct seccomp_program){
		.insns = insns,
		.len = (unsigned short)im->header.len,
	};
	return true;
}

static int write_new(int dirfd, const char *name, const struct image *im)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	autoclose int fd = openat(dirfd, name, flags, 0600);

	/* left by a process of this number that was killed here */
	if (fd < 0 && errno == EEXIST && unlinkat(dirfd, name, 0) == 0)
		fd = openat(dirfd, name, flags, 0600);
	if (fd < 0)
		return -errno;
	return fd_write_full(fd, im,
			     sizeof(im->header) +
				     im->header.len * sizeof(im->insns[0]));
}

/*
 * What fails here costs the next launch some milliseconds, no more. Not
 * synced: what a crash truncates does not match its digest.
 */
static void store(int dirfd, const char *name,
		  const uint8_t key[SECCOMP_DIGEST_LEN], struct image *im,
		  const struct seccomp_program *prog)
{
	char new_name[NAME_LEN + 16];

	*im = (struct image){ .header = { .magic = MAGIC } };
	im->header.len = prog->len;
	memcpy(im->header.key, key, sizeof(im->header.key));
	sum_make(prog->insns, prog->len, im->header.sum);
	memcpy(im->insns, prog->insns, prog->len * sizeof(*prog->insns));
	snprintf(new_name, sizeof(new_name), "%s.%d", name, (int)getpid());
	if (write_new(dirfd, new_name, im) < 0 ||
	    renameat(dirfd, new_name, dirfd, name) < 0)
		unlinkat(dirfd, new_name, 0);
}

int seccomp_get(const struct seccomp_spec *spec, int cache_dirfd,
		struct seccomp_program *prog, bool *was_cached, struct fault *f)
{
	uint8_t key[SECCOMP_DIGEST_LEN];
	autofree struct image *im = NULL;
	char name[NAME_LEN];
	int rc;

	if (was_cached)
		*was_cached = false;
	if (cache_dirfd >= 0)
		im = malloc(sizeof(*im));
	if (!im)
		return seccomp_compile(spec, prog, f);
	key_make(spec, key);
	name_make(key, name);
	if (load(cache_dirfd, name, key, im, prog)) {
		if (was_cached)
			*was_cached = true;
		return 0;
	}
	rc = seccomp_compile(spec, prog, f);
	if (!rc)
		store(cache_dirfd, name, key, im, prog);
	return rc;
}
