/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_gwmsg.c - any datagram between supervisor and gateway */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/gwmsg.h"
#include "gateway/policy.h"
#include "launcher/refused.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void require(int what)
{
	if (!what)
		abort();
}

static void is_string(const char *s, size_t size)
{
	require(memchr(s, '\0', size) != NULL);
}

/* The supervisor shows it to a terminal, and writes it to a file. */
static void hear_refused(const struct gwmsg_refused *r)
{
	char *text = malloc(REFUSED_TEXT_BYTES);

	require(text != NULL);
	require(r->reason > GWMSG_REASON_UNSET && r->reason < GWMSG_REASONS);
	refused_text(r, text);
	for (const char *p = text; *p; p++)
		require(*p > ' ' && *p < 0x7f);
	free(text);
}

static void take_policy(const struct gwmsg_policy *m)
{
	struct destination d = { 0 };
	struct policy p = { 0 };
	/* exactly this size, so that ASan sees a read behind it */
	uint8_t *rules = malloc(m->len);

	require(rules != NULL && m->len <= sizeof(m->rules));
	memcpy(rules, m->rules, m->len);
	if (policy_add(&p, rules, m->len) == 0)
		require(p.allow.len + p.deny.len == m->len);
	free(rules);
	destination_from_name("a.example.org", 13, &d);
	policy_allows(&p, &d, 80);
	policy_allows(&p, &d, 0);
	policy_free(&p);
}

/* The supervisor tells tor of it. */
static void take_ask(const struct gwmsg_ask *a)
{
	require(a->kind > GWMSG_ASK_UNSET && a->kind < GWMSG_ASKS);
	if (a->kind == GWMSG_ASK_DEL_ONION)
		is_string(a->service, sizeof(a->service));
	if (a->kind != GWMSG_ASK_ADD_ONION)
		return;
	require(a->onion.nports > 0 &&
		a->onion.nports <= GWMSG_ONION_PORTS_MAX &&
		a->onion.nclients <= GWMSG_ONION_CLIENTS_MAX);
	for (uint32_t i = 0; i < a->onion.nports; i++)
		require(a->onion.ports[i].onion != 0 &&
			a->onion.ports[i].target != 0);
}

/* The first byte: descriptors that came along. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct gwmsg *m;

	if (len == 0 || len - 1 > sizeof(*m))
		return 0;
	m = calloc(1, sizeof(*m));
	require(m != NULL);
	memcpy(m, data + 1, len - 1);
	if (gwmsg_check(m, len - 1, data[0]) == 0) {
		require(gwmsg_size(m->type) == len - 1);
		switch (m->type) {
		case GWMSG_CONFIG:
			require(m->config.nlisteners == data[0] &&
				data[0] <= GWMSG_LISTENERS_MAX &&
				m->config.npolicies <= GWMSG_POLICIES_MAX);
			is_string(m->config.nonce, sizeof(m->config.nonce));
			break;
		case GWMSG_FAULT:
			is_string(m->fault.stage, sizeof(m->fault.stage));
			is_string(m->fault.what, sizeof(m->fault.what));
			is_string(m->fault.hint, sizeof(m->fault.hint));
			require(data[0] == 0);
			break;
		case GWMSG_NONCE:
			is_string(m->nonce, sizeof(m->nonce));
			require(data[0] == 0);
			break;
		case GWMSG_DIALED:
			require(data[0] == (m->err == 0));
			break;
		case GWMSG_INBOUND:
			require(data[0] == 2);
			break;
		case GWMSG_ASK:
			take_ask(&m->ask);
			require(data[0] == 0);
			break;
		case GWMSG_ANSWER:
			is_string(m->answer.nonce, sizeof(m->answer.nonce));
			require(data[0] == 0);
			break;
		case GWMSG_EVENT:
			is_string(m->event.service, sizeof(m->event.service));
			require(data[0] == 0);
			break;
		case GWMSG_POLICY:
			take_policy(&m->policy);
			break;
		case GWMSG_REFUSED:
			hear_refused(&m->refused);
			break;
		default:
			require(data[0] == 0);
			break;
		}
	}
	free(m);
	return 0;
}
