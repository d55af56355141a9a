/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/circuits.c - end the circuits of some credentials, and nobody else's */
#include "tor/circuits.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tor/client.h"

#define ROUNDS_MAX 5
#define NUMBER_LEN 8
#define SET_MAX 64

struct closing {
	struct event_base *base;
	struct tor_client *client;
	const struct tor_circuits_of *of;
	size_t n;
	unsigned int due; /* answers to CLOSECIRCUIT */
	unsigned int closed, rounds;
	int rc; /* 1: goes on */
	struct fault fault;
};

/* eight lower-case digits and nothing else: strtoul(3) would take more */
static bool read_number(const char *digits, uint32_t *number)
{
	if (strspn(digits, "0123456789abcdef") < NUMBER_LEN)
		return false;
	*number = 0;
	for (int i = 0; i < NUMBER_LEN; i++) {
		uint32_t d =
			(uint32_t)(digits[i] <= '9' ? digits[i] - '0'
						    : digits[i] - 'a' + 10);

		*number = *number << 4 | d;
	}
	return true;
}

bool tor_circuits_match(const char *line, const struct tor_circuits_of *of,
			size_t n, char id[TOR_CIRCUIT_ID_MAX])
{
	size_t digits = strspn(line, "0123456789");
	char password[256];
	uint32_t number;

	if (digits == 0 || digits >= TOR_CIRCUIT_ID_MAX ||
	    line[digits] != ' ' ||
	    tor_control_keyword(line, "SOCKS_PASSWORD", password,
				sizeof(password)) != 1)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (strncmp(password, of[i].launch, TOR_CIRCUIT_LAUNCH_LEN) !=
			    0 ||
		    !read_number(password + TOR_CIRCUIT_LAUNCH_LEN, &number) ||
		    number >= of[i].before)
			continue;
		memcpy(id, line, digits);
		id[digits] = '\0';
		return true;
	}
	return false;
}

static void finish(struct closing *c, int rc)
{
	c->rc = rc;
	event_base_loopbreak(c->base);
}

static void look(struct closing *c);

static void on_closed(void *arg, int err, const struct tor_reply *reply)
{
	struct closing *c = arg;

	/* on_lost() ends it */
	if (err < 0)
		return;
	/* 552: it was gone already */
	if (reply->code != 250 && reply->code != 552) {
		fault_set(&c->fault, EREMOTEIO, "close a circuit: tor says %d",
			  reply->code);
		finish(c, -EREMOTEIO);
		return;
	}
	c->closed += reply->code == 250;
	if (--c->due == 0)
		look(c);
}

static int close_circuit(struct closing *c, const char *id)
{
	char command[TOR_CIRCUIT_ID_MAX + 16];
	int rc;

	snprintf(command, sizeof(command), "CLOSECIRCUIT %s", id);
	rc = tor_client_ask(c->client, command, on_closed, c);
	c->due += rc == 0;
	return rc;
}

/* A single circuit is on the first line, several are in the body. */
static const char *circuit_of(const struct tor_line *line)
{
	static const char key[] = "circuit-status=";

	if (line->kind == TOR_LINE_DATA)
		return line->text;
	if (line->kind == TOR_LINE_MID &&
	    strncmp(line->text, key, sizeof(key) - 1) == 0)
		return line->text + sizeof(key) - 1;
	return "";
}

/* The set of a circuit; false: it is in none. */
static bool set_of(const char *line, char set[SET_MAX])
{
	return tor_control_keyword(line, "CONFLUX_ID", set, SET_MAX) == 1;
}

/* Is it one of them, or of the set of one? */
static bool is_meant(const struct closing *c, const struct tor_reply *reply,
		     const char *circuit, char id[TOR_CIRCUIT_ID_MAX])
{
	char set[SET_MAX], other_set[SET_MAX], other_id[TOR_CIRCUIT_ID_MAX];
	size_t digits = strspn(circuit, "0123456789"), at = 0;
	struct tor_line line;

	if (tor_circuits_match(circuit, c->of, c->n, id))
		return true;
	if (digits == 0 || digits >= TOR_CIRCUIT_ID_MAX ||
	    circuit[digits] != ' ' || !set_of(circuit, set))
		return false;
	while (tor_reply_next(reply, &at, &line)) {
		const char *other = circuit_of(&line);

		if (!set_of(other, other_set) || strcmp(set, other_set) != 0 ||
		    !tor_circuits_match(other, c->of, c->n, other_id))
			continue;
		memcpy(id, circuit, digits);
		id[digits] = '\0';
		return true;
	}
	return false;
}

static void on_circuits(void *arg, int err, const struct tor_reply *reply)
{
	struct closing *c = arg;
	char id[TOR_CIRCUIT_ID_MAX];
	struct tor_line line;
	size_t at = 0;
	int rc = 0;

	if (err < 0)
		return;
	if (reply->code != 250) {
		fault_set(&c->fault, EREMOTEIO, "list circuits: tor says %d",
			  reply->code);
		finish(c, -EREMOTEIO);
		return;
	}
	/* what is too much at once comes with the next look */
	while (rc == 0 && tor_reply_next(reply, &at, &line))
		if (is_meant(c, reply, circuit_of(&line), id))
			rc = close_circuit(c, id);
	if (c->due == 0)
		finish(c, rc == -EBUSY ? 0 : rc);
}

static void look(struct closing *c)
{
	int rc;

	if (c->rounds++ == ROUNDS_MAX) {
		fault_set(&c->fault, EBUSY,
			  "close circuits: there are new ones "
			  "all the time");
		finish(c, -EBUSY);
		return;
	}
	rc = tor_client_ask(c->client, "GETINFO circuit-status", on_circuits,
			    c);
	if (rc < 0)
		finish(c, fault_set(&c->fault, rc, "list circuits"));
}

static void on_ready(void *arg)
{
	look(arg);
}

static void on_lost(void *arg, const struct fault *f, int retry_ms)
{
	struct closing *c = arg;

	(void)retry_ms;
	c->fault = *f;
	finish(c, fault_errno(f));
}

int tor_circuits_close(const struct tor_client_config *control,
		       const struct tor_circuits_of *of, size_t n,
		       unsigned int *closed, struct fault *f)
{
	static const struct tor_client_hooks hooks = { .ready = on_ready,
						       .lost = on_lost };
	struct tor_client_config config = *control;
	struct closing c = { .of = of, .n = n, .rc = 1 };

	config.events[0] = '\0';
	c.base = event_base_new();
	if (c.base)
		c.client = tor_client_new(c.base, &config, &hooks, &c);
	if (!c.client) {
		if (c.base)
			event_base_free(c.base);
		return fault_set(f, ENOMEM, "talk to tor");
	}
	event_base_dispatch(c.base);
	tor_client_free(c.client);
	event_base_free(c.base);
	if (c.rc == 0)
		*closed = c.closed;
	else if (f)
		*f = c.fault;
	return c.rc > 0 ? -EIO : c.rc;
}
