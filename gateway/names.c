/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/names.c - names and the virtual addresses that stand for them */
#include "gateway/names.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

#include "gateway/siphash.h"

#define LIMIT (1U << 20)
#define NETWORK 0x0ac00000U /* 10.192.0.0 */
#define HOST_BITS 22
#define HALF_BITS (HOST_BITS / 2)
#define HALF_MASK ((1U << HALF_BITS) - 1)
/* Four rounds of Luby and Rackoff's make a permutation that looks random. */
#define ROUNDS 4

struct entry {
	TAILQ_ENTRY(entry) idle; /* while nobody holds it */
	struct entry *next_name; /* in its bucket of by_name */
	struct entry *next_host; /* in its bucket of by_host */
	uint32_t host;           /* the address without the network */
	uint32_t holds;
	char name[];
};

TAILQ_HEAD(entry_queue, entry);

struct names {
	/* the application chooses names: it must not know their buckets */
	struct siphash_key key;
	uint32_t max;
	uint32_t n;
	uint32_t serial; /* of the next address */
	uint32_t mask;   /* buckets - 1 */
	struct entry **by_name;
	struct entry **by_host;
	struct entry_queue idle; /* the one used longest ago first */
};

struct names *names_new(uint32_t max)
{
	struct names *ns;
	uint32_t buckets = 1;

	if (max == 0 || max > LIMIT)
		return NULL;
	while (buckets < max)
		buckets *= 2;
	ns = calloc(1, sizeof(*ns));
	if (!ns)
		return NULL;
	TAILQ_INIT(&ns->idle);
	ns->max = max;
	ns->mask = buckets - 1;
	ns->by_name = calloc(buckets, sizeof(struct entry *));
	ns->by_host = calloc(buckets, sizeof(struct entry *));
	if (!ns->by_name || !ns->by_host ||
	    getrandom(&ns->key, sizeof(ns->key), 0) !=
		    (ssize_t)sizeof(ns->key)) {
		names_free(ns);
		return NULL;
	}
	return ns;
}

static struct entry **name_bucket(const struct names *ns, const char *name)
{
	return &ns->by_name[siphash(&ns->key, name, strlen(name)) & ns->mask];
}

static struct entry **host_bucket(const struct names *ns, uint32_t host)
{
	/* a permutation's values need no further hash */
	return &ns->by_host[host & ns->mask];
}

static struct entry *find_host(const struct names *ns, uint32_t host)
{
	struct entry *e = *host_bucket(ns, host);

	while (e && e->host != host)
		e = e->next_host;
	return e;
}

static struct entry *find_name(const struct names *ns, const char *name)
{
	struct entry *e = *name_bucket(ns, name);

	while (e && strcmp(e->name, name) != 0)
		e = e->next_name;
	return e;
}

static struct entry *find_addr(const struct names *ns, const uint8_t addr[4])
{
	uint32_t a = (uint32_t)addr[0] << 24 | (uint32_t)addr[1] << 16 |
		     (uint32_t)addr[2] << 8 | addr[3];

	return names_is_virtual(addr) ? find_host(ns, a ^ NETWORK) : NULL;
}

static void store_addr(uint32_t host, uint8_t addr[4])
{
	uint32_t a = NETWORK | host;

	for (size_t i = 0; i < 4; i++)
		addr[i] = (uint8_t)(a >> (24 - 8 * i));
}

/* A Feistel network: every serial gives another host, whatever the key. */
static uint32_t permute(const struct names *ns, uint32_t serial)
{
	uint32_t left = serial >> HALF_BITS, right = serial & HALF_MASK;

	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint32_t in[2] = { round, right };
		uint32_t next =
			left ^ ((uint32_t)siphash(&ns->key, in, sizeof(in)) &
				HALF_MASK);

		left = right;
		right = next;
	}
	return left << HALF_BITS | right;
}

/* Ends: fewer than LIMIT names have one, and four times as many there are. */
static uint32_t next_host(struct names *ns)
{
	uint32_t host, last;

	do {
		host = permute(ns, ns->serial);
		ns->serial = (ns->serial + 1) & ((1U << HOST_BITS) - 1);
		last = host & 0xff;
		/* some programs take these for a network or a broadcast */
	} while (last == 0 || last == 255 || find_host(ns, host));
	return host;
}

static void unlink_name(struct names *ns, struct entry *e)
{
	struct entry **at = name_bucket(ns, e->name);

	while (*at != e)
		at = &(*at)->next_name;
	*at = e->next_name;
}

static void unlink_host(struct names *ns, struct entry *e)
{
	struct entry **at = host_bucket(ns, e->host);

	while (*at != e)
		at = &(*at)->next_host;
	*at = e->next_host;
}

static int forget_oldest(struct names *ns)
{
	struct entry *e = TAILQ_FIRST(&ns->idle);

	if (!e)
		return -ENOBUFS;
	TAILQ_REMOVE(&ns->idle, e, idle);
	unlink_name(ns, e);
	unlink_host(ns, e);
	free(e);
	ns->n--;
	return 0;
}

static void use(struct names *ns, struct entry *e)
{
	if (e->holds > 0)
		return;
	TAILQ_REMOVE(&ns->idle, e, idle);
	TAILQ_INSERT_TAIL(&ns->idle, e, idle);
}

static struct entry *add(struct names *ns, const char *name)
{
	size_t size = strlen(name) + 1;
	struct entry *e = malloc(sizeof(*e) + size);
	struct entry **bucket;

	if (!e)
		return NULL;
	memcpy(e->name, name, size);
	e->holds = 0;
	e->host = next_host(ns);
	bucket = host_bucket(ns, e->host);
	e->next_host = *bucket;
	*bucket = e;
	bucket = name_bucket(ns, name);
	e->next_name = *bucket;
	*bucket = e;
	TAILQ_INSERT_TAIL(&ns->idle, e, idle);
	ns->n++;
	return e;
}

int names_assign(struct names *ns, const char *name, uint8_t addr[4])
{
	struct entry *e = find_name(ns, name);
	int rc;

	if (e) {
		use(ns, e);
		store_addr(e->host, addr);
		return 0;
	}
	rc = ns->n < ns->max ? 0 : forget_oldest(ns);
	if (rc < 0)
		return rc;
	e = add(ns, name);
	if (!e)
		return -ENOMEM;
	store_addr(e->host, addr);
	return 0;
}

const char *names_find(struct names *ns, const uint8_t addr[4])
{
	struct entry *e = find_addr(ns, addr);

	if (!e)
		return NULL;
	use(ns, e);
	return e->name;
}

int names_hold(struct names *ns, const uint8_t addr[4])
{
	struct entry *e = find_addr(ns, addr);

	if (!e)
		return -ENOENT;
	if (e->holds++ == 0)
		TAILQ_REMOVE(&ns->idle, e, idle);
	return 0;
}

void names_release(struct names *ns, const uint8_t addr[4])
{
	struct entry *e = find_addr(ns, addr);

	/* what is held is never forgotten */
	assert(e && e->holds > 0);
	if (--e->holds == 0)
		TAILQ_INSERT_TAIL(&ns->idle, e, idle);
}

void names_free(struct names *ns)
{
	if (!ns)
		return;
	for (uint32_t i = 0; ns->by_host && i <= ns->mask; i++) {
		struct entry *e = ns->by_host[i], *next;

		for (; e; e = next) {
			next = e->next_host;
			free(e);
		}
	}
	free(ns->by_name);
	free(ns->by_host);
	free(ns);
}
