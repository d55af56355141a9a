/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_socks.c - any bytes from a client, any bytes from tor */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/gwmsg.h"
#include "gateway/socks.h"
#include "gateway/upstream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct run {
	struct socks socks;
	enum socks_step step;
	size_t used;
	size_t out_len;
	uint8_t out[2 * SOCKS_OUT_MAX];
};

static void require(bool what)
{
	if (!what)
		abort();
}

/* Feeds @data in pieces of @piece bytes, in memory of exactly that size. */
static void feed(struct run *r, const uint8_t *data, size_t len, size_t piece)
{
	size_t end = 0;

	memset(r, 0, sizeof(*r));
	socks_init(&r->socks, false);
	while (r->step == SOCKS_MORE && end < len) {
		uint8_t out[SOCKS_OUT_MAX], *copy;
		size_t used = 0, out_len = 0, n;

		end = len - end < piece ? len : end + piece;
		n = end - r->used;
		copy = malloc(n ? n : 1);
		require(copy != NULL);
		memcpy(copy, data + r->used, n);
		r->step = socks_feed(&r->socks, copy, n, &used, out, &out_len);
		free(copy);
		require(used <= n && out_len <= sizeof(out));
		/* a full buffer is never stuck */
		require(r->step != SOCKS_MORE || n - used < SOCKS_IN_MAX);
		require(r->out_len + out_len <= sizeof(r->out));
		memcpy(r->out + r->out_len, out, out_len);
		r->out_len += out_len;
		r->used += used;
	}
}

/* However the bytes are cut, the outcome is one. */
static void same(const struct run *a, const struct run *b)
{
	require(a->step == b->step && a->out_len == b->out_len);
	require(memcmp(a->out, b->out, a->out_len) == 0);
	if (a->step != SOCKS_REQUEST)
		return;
	require(a->used == b->used);
	require(a->socks.version == b->socks.version &&
		a->socks.command == b->socks.command);
	/* bytes and 16-bit numbers throughout: no padding to differ in */
	require(memcmp(&a->socks.auth, &b->socks.auth, sizeof(a->socks.auth)) ==
		0);
	require(a->socks.destination.port == b->socks.destination.port &&
		strcmp(a->socks.destination.name, b->socks.destination.name) ==
			0);
}

/* A name that passed passes again, unchanged: it is canonical. */
static void canonical(const struct destination *d)
{
	struct destination again;
	enum destination_verdict v;

	memset(&again, 0, sizeof(again));
	if (d->kind == DESTINATION_V4) {
		v = destination_from_v4(d->addr, &again);
	} else if (d->kind == DESTINATION_V6) {
		v = destination_from_v6(d->addr, &again);
	} else {
		require(d->kind == DESTINATION_NAME);
		v = destination_from_name(d->name, strlen(d->name), &again);
	}
	require(v == DESTINATION_OK && again.kind == d->kind);
	require(strcmp(again.name, d->name) == 0);
	require(memcmp(again.addr, d->addr, sizeof(d->addr)) == 0);
}

static void request(const struct run *r)
{
	struct upstream_key key = { .nonce = "0123456789abcdef0123456789abcdef",
				    .isolate = GWMSG_BY_DESTINATION,
				    .destination = &r->socks.destination,
				    .auth = &r->socks.auth };
	char password[UPSTREAM_PASSWORD_LEN];
	uint8_t out[UPSTREAM_OUT_MAX];

	canonical(&r->socks.destination);
	upstream_password(&key, password);
	require(upstream_encode(r->socks.command, &r->socks.destination,
				password, out) <= sizeof(out));
}

/* The same bytes as tor's answer, after the last @head bytes of 05 02 01 00. */
static void answer(struct socks *s, size_t head, const uint8_t *data,
		   size_t len)
{
	static const uint8_t greeting[4] = { 5, 2, 1, 0 };
	uint8_t in[4 + UPSTREAM_IN_MAX];
	uint8_t out[SOCKS_OUT_MAX];
	struct socks_reply r;
	size_t used = 0, n = len < UPSTREAM_IN_MAX ? len : UPSTREAM_IN_MAX;
	enum upstream_step step;

	memcpy(in, greeting + sizeof(greeting) - head, head);
	if (n > 0)
		memcpy(in + head, data, n);
	step = upstream_parse(in, head + n, &used, &r);
	require(step != UPSTREAM_MORE || head + n < UPSTREAM_IN_MAX);
	if (step != UPSTREAM_REPLY)
		return;
	require(used <= head + n);
	require(socks_reply_encode(s, &r, out) <= sizeof(out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const enum socks_command commands[] = { SOCKS_CONNECT,
						       SOCKS_RESOLVE,
						       SOCKS_RESOLVE_PTR };
	struct destination d = { 0 };
	struct run whole, single, third;

	feed(&whole, data, len, len ? len : 1);
	feed(&single, data, len, 1);
	feed(&third, data, len, 3);
	same(&whole, &single);
	same(&whole, &third);
	if (whole.step == SOCKS_REQUEST)
		request(&whole);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		whole.socks.command = commands[i];
		for (size_t head = 0; head <= 4; head += 2) {
			whole.socks.version = 4;
			answer(&whole.socks, head, data, len);
			whole.socks.version = 5;
			answer(&whole.socks, head, data, len);
		}
	}
	if (destination_from_name((const char *)data, len, &d) ==
	    DESTINATION_OK)
		canonical(&d);
	return 0;
}
