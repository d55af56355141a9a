/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/value.c - one typed value: parse, print, free (pure) */
#include "profiles/value.h"

#include <arpa/inet.h>
#include <bsd/stdlib.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/un.h>

#include "base/alloc.h"
#include "profiles/mount.h"
#include "profiles/near.h"
#include "profiles/pattern.h"
#include "profiles/ports.h"
#include "profiles/profile.h"

#define VALUE_COUNT_MAX 1048576
#define VALUE_SIZE_MIN_BYTES 65536ULL
#define VALUE_SIZE_MAX_BYTES (1ULL << 40)
#define VALUE_RANGES_MAX 64
#define VALUE_SPACE " \t"
#define VALUE_LOWER "abcdefghijklmnopqrstuvwxyz"
#define VALUE_UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define VALUE_DIGITS "0123456789"

/* Units, largest first, so that printing picks the one that fits. */
static const struct {
	char suffix;
	unsigned int shift;
} units[] = { { 'G', 30 }, { 'M', 20 }, { 'K', 10 } };

typedef int value_item_fn(enum profile_type type, const char *item, void *field,
			  struct fault *f);

static bool is_made_of(const char *s, size_t len, const char *set)
{
	for (size_t i = 0; i < len; i++)
		if (!s[i] || !strchr(set, s[i]))
			return false;
	return len > 0;
}

bool value_has_control(const char *text)
{
	for (const char *p = text; *p; p++)
		if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f)
			return true;
	return false;
}

bool value_name_is_valid(const char *name)
{
	size_t len = strnlen(name, PROFILE_NAME_MAX + 1);

	return len <= PROFILE_NAME_MAX && name[0] != '-' && name[0] != '_' &&
	       is_made_of(name, len, VALUE_LOWER VALUE_DIGITS "-_");
}

static int refuse(enum profile_type type, const char *text, struct fault *f)
{
	const char *const *words = profile_key_values(type);
	const char *near = NULL;
	size_t n = 0;

	while (words && words[n])
		n++;
	if (words)
		near = near_find(text, words, n);
	fault_set(f, 0, "\"%.80s\" is not %s", text, profile_type_text(type));
	if (near)
		fault_hint(f, "did you mean \"%s\"?", near);
	return -EINVAL;
}

/* Index of a word of a closed vocabulary, or -1. */
static int word_index(enum profile_type type, const char *text)
{
	const char *const *words = profile_key_values(type);

	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return -1;
}

static void replace_string(void *field, const char *text)
{
	char **s = field;

	free(*s);
	*s = xstrdup(text);
}

/* Names are no addresses: no lookup is ever made for the SocksPort. */
static bool is_address_port(const char *text)
{
	const char *colon = strrchr(text, ':'), *bad = NULL;
	size_t len = colon ? (size_t)(colon - text) : 0;
	struct in6_addr addr;
	char host[64];

	if (!colon || len == 0 || len >= sizeof(host) ||
	    !is_made_of(colon + 1, strlen(colon + 1), VALUE_DIGITS))
		return false;
	strtonum(colon + 1, 1, 65535, &bad);
	if (bad)
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (strcmp(host, "localhost") == 0)
		return true;
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		return inet_pton(AF_INET6, host + 1, &addr) == 1;
	}
	return inet_pton(AF_INET, host, &addr) == 1;
}

static bool is_tor(const char *text)
{
	struct sockaddr_un un;

	if (strcmp(text, "auto") == 0 || strcmp(text, "embedded") == 0 ||
	    strcmp(text, "own") == 0)
		return true;
	if (strncmp(text, "unix:", 5) == 0)
		return text[5] == '/' && text[6] &&
		       strlen(text + 5) < sizeof(un.sun_path);
	return is_address_port(text);
}

static int parse_size(const char *text, uint64_t *out, struct fault *f)
{
	size_t digits = strspn(text, VALUE_DIGITS);
	const char *unit = text + digits;
	unsigned int shift = 0;
	unsigned long long n;

	for (size_t i = 0; *unit && i < ARRAY_SIZE(units); i++)
		if (*unit == units[i].suffix)
			shift = units[i].shift;
	if (digits == 0 || (*unit && (!shift || unit[1])))
		return refuse(PROFILE_TYPE_SIZE, text, f);
	errno = 0;
	n = strtoull(text, NULL, 10);
	/* tmpfs takes 0 for "no limit": it must never get there */
	if (errno || n > VALUE_SIZE_MAX_BYTES >> shift ||
	    n << shift < VALUE_SIZE_MIN_BYTES)
		return fault_set(f, 0, "\"%.80s\" is not between 64K and 1024G",
				 text);
	*out = n << shift;
	return 0;
}

static int parse_number(enum profile_type type, const char *text,
			unsigned int *out, struct fault *f)
{
	int min = type == PROFILE_TYPE_COUNT ? 1 : 0;
	const char *bad = NULL;
	long long n;

	if (!is_made_of(text, strlen(text), VALUE_DIGITS))
		return refuse(type, text, f);
	n = strtonum(text, min, VALUE_COUNT_MAX, &bad);
	if (bad)
		return fault_set(f, 0, "\"%.80s\" is not between %d and %d",
				 text, min, VALUE_COUNT_MAX);
	*out = (unsigned int)n;
	return 0;
}

static int add_flag(enum profile_type type, const char *item, void *field,
		    struct fault *f)
{
	unsigned int *bits = field;
	int i = word_index(type, item);

	if (i < 0)
		return refuse(type, item, f);
	if (i > 0) /* "app" is no bit */
		*bits |= 1U << (i - 1);
	return 0;
}

static int add_word(enum profile_type type, const char *item, void *field,
		    struct fault *f)
{
	if (type == PROFILE_TYPE_FAMILIES ? word_index(type, item) < 0
					  : !value_name_is_valid(item))
		return refuse(type, item, f);
	strv_add(field, item);
	return 0;
}

static int add_destination(enum profile_type type, const char *item,
			   void *field, struct fault *f)
{
	struct rule rule;
	int rc = pattern_parse(item, &rule, f);

	(void)type;
	if (rc == 0)
		strv_add(field, item);
	return rc;
}

static int add_onion(enum profile_type type, const char *item, void *field,
		     struct fault *f)
{
	uint16_t onion, port;
	int rc = ports_parse_pair(item, &onion, &port, f);

	(void)type;
	if (rc == 0)
		strv_add(field, item);
	return rc;
}

/* POSIX names: a shell can use them, and none holds a '='. */
static bool is_env_name(const char *name, size_t len)
{
	return len > 0 && len <= 128 && !strchr(VALUE_DIGITS, name[0]) &&
	       is_made_of(name, len, VALUE_LOWER VALUE_UPPER VALUE_DIGITS "_");
}

static int add_env_name(enum profile_type type, const char *item, void *field,
			struct fault *f)
{
	if (!is_env_name(item, strlen(item)))
		return refuse(type, item, f);
	/* ld.so(8) loads code by them, from paths that name the user */
	if (strncmp(item, "LD_", 3) == 0)
		return fault_set(f, 0, "%s of the host is never passed on",
				 item);
	strv_add(field, item);
	return 0;
}

static int add_env(const char *text, struct strv *list, struct fault *f)
{
	const char *eq = strchr(text, '=');

	if (!eq || !is_env_name(text, (size_t)(eq - text)))
		return refuse(PROFILE_TYPE_ENV, text, f);
	strv_add(list, text);
	return 0;
}

static int add_mount(const char *text, struct strv *list, struct fault *f)
{
	int rc = mount_check(text, f);

	if (rc == 0)
		strv_add(list, text);
	return rc;
}

static int each_item(enum profile_type type, const char *text, void *field,
		     value_item_fn *add, struct fault *f)
{
	autofree char *copy = xstrdup(text);
	char *rest = copy, *item;
	int rc;

	while ((item = strsep(&rest, VALUE_SPACE))) {
		rc = *item ? add(type, item, field, f) : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int parse_flags(const char *text, unsigned int *field, struct fault *f)
{
	unsigned int bits = 0;
	int rc = each_item(PROFILE_TYPE_ISOLATE_BY, text, &bits, add_flag, f);

	if (rc == 0)
		*field = bits;
	return rc;
}

static int parse_word(enum profile_type type, const char *text, void *field,
		      struct fault *f)
{
	int i = word_index(type, text);

	if (i < 0)
		return refuse(type, text, f);
	if (type == PROFILE_TYPE_BOOL)
		*(bool *)field = i == 0;
	else if (type == PROFILE_TYPE_DNS)
		*(enum profile_dns *)field =
			PROFILE_DNS_NAMES + (unsigned int)i;
	else if (type == PROFILE_TYPE_LOG)
		*(enum profile_log *)field = PROFILE_LOG_NONE + (unsigned int)i;
	else if (type == PROFILE_TYPE_ONION_KEY)
		*(enum profile_onion_key *)field =
			PROFILE_ONION_KEY_KEEP + (unsigned int)i;
	else if (type == PROFILE_TYPE_CONTROL)
		*(enum profile_control *)field =
			PROFILE_CONTROL_NONE + (unsigned int)i;
	else
		*(enum profile_network *)field =
			PROFILE_NETWORK_UNSET + 1 + (unsigned int)i;
	return 0;
}

static int parse_string(enum profile_type type, const char *text, void *field,
			struct fault *f)
{
	bool ok = true;

	if (type == PROFILE_TYPE_TOR)
		ok = is_tor(text);
	else if (type == PROFILE_TYPE_NAME)
		ok = value_name_is_valid(text);
	if (!ok) {
		refuse(type, text, f);
		if (type == PROFILE_TYPE_NAME)
			fault_hint(f, "names are of a-z, 0-9, - and _, at most "
				      "32 of them");
		return -EINVAL;
	}
	replace_string(field, text);
	return 0;
}

static int parse_port_list(const char *text, void *field, struct fault *f)
{
	struct port_range ranges[VALUE_RANGES_MAX];
	int rc = 0;

	if (strcmp(text, "all") != 0 && strcmp(text, "none") != 0)
		rc = ports_parse(text, VALUE_SPACE, ranges, VALUE_RANGES_MAX,
				 f);
	if (rc < 0)
		return rc;
	replace_string(field, text);
	return 0;
}

bool value_is_list(enum profile_type type)
{
	return type == PROFILE_TYPE_WORDS || type == PROFILE_TYPE_FAMILIES ||
	       type == PROFILE_TYPE_MOUNTS || type == PROFILE_TYPE_ENV ||
	       type == PROFILE_TYPE_ENV_NAMES ||
	       type == PROFILE_TYPE_DESTINATIONS || type == PROFILE_TYPE_ONIONS;
}

static int parse_typed(enum profile_type type, const char *text, void *field,
		       struct fault *f)
{
	switch (type) {
	case PROFILE_TYPE_TEXT:
	case PROFILE_TYPE_TOR:
	case PROFILE_TYPE_NAME:
		return parse_string(type, text, field, f);
	case PROFILE_TYPE_PORTS:
		return parse_port_list(text, field, f);
	case PROFILE_TYPE_NETWORK:
	case PROFILE_TYPE_DNS:
	case PROFILE_TYPE_LOG:
	case PROFILE_TYPE_ONION_KEY:
	case PROFILE_TYPE_CONTROL:
	case PROFILE_TYPE_BOOL:
		return parse_word(type, text, field, f);
	case PROFILE_TYPE_ISOLATE_BY:
		return parse_flags(text, field, f);
	case PROFILE_TYPE_WORDS:
	case PROFILE_TYPE_FAMILIES:
		return each_item(type, text, field, add_word, f);
	case PROFILE_TYPE_DESTINATIONS:
		return each_item(type, text, field, add_destination, f);
	case PROFILE_TYPE_ONIONS:
		return each_item(type, text, field, add_onion, f);
	case PROFILE_TYPE_ENV_NAMES:
		return each_item(type, text, field, add_env_name, f);
	case PROFILE_TYPE_MOUNTS:
		return add_mount(text, field, f);
	case PROFILE_TYPE_ENV:
		return add_env(text, field, f);
	case PROFILE_TYPE_SIZE:
		return parse_size(text, field, f);
	case PROFILE_TYPE_LIMIT:
	case PROFILE_TYPE_COUNT:
		return parse_number(type, text, field, f);
	case PROFILE_TYPE_UNSET:
		break;
	}
	return fault_set(f, 0, "key without a type");
}

int value_parse(enum profile_type type, const char *text, void *field,
		struct fault *f)
{
	if (value_has_control(text))
		return fault_set(f, 0, "control character in the value");
	if (!text[strspn(text, VALUE_SPACE)]) {
		if (value_is_list(type))
			return 0;
		return fault_set(f, 0, "no value, wanted %s",
				 profile_type_text(type));
	}
	return parse_typed(type, text, field, f);
}

static void print_size(uint64_t n, FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (n >> units[i].shift << units[i].shift == n) {
			fprintf(out, "%" PRIu64 "%c", n >> units[i].shift,
				units[i].suffix);
			return;
		}
	fprintf(out, "%" PRIu64, n);
}

static void print_flags(unsigned int bits, FILE *out)
{
	const char *const *words = profile_key_values(PROFILE_TYPE_ISOLATE_BY);
	const char *sep = "";

	if (!bits)
		fputs(words[0], out);
	for (unsigned int i = 1; words[i]; i++)
		if (bits & (1U << (i - 1))) {
			fprintf(out, "%s%s", sep, words[i]);
			sep = " ";
		}
}

void value_print(enum profile_type type, const void *field, size_t i, FILE *out)
{
	const struct strv *list = field;

	if (value_is_list(type))
		fputs(i < list->n ? list->v[i] : "", out);
	else if (type == PROFILE_TYPE_BOOL)
		fputs(*(const bool *)field ? "yes" : "no", out);
	else if (type == PROFILE_TYPE_NETWORK)
		fputs(profile_key_values(
			      type)[*(const enum profile_network *)field -
				    PROFILE_NETWORK_UNSET - 1],
		      out);
	else if (type == PROFILE_TYPE_DNS)
		fputs(profile_key_values(
			      type)[*(const enum profile_dns *)field -
				    PROFILE_DNS_NAMES],
		      out);
	else if (type == PROFILE_TYPE_LOG)
		fputs(profile_key_values(
			      type)[*(const enum profile_log *)field -
				    PROFILE_LOG_NONE],
		      out);
	else if (type == PROFILE_TYPE_ONION_KEY)
		fputs(profile_key_values(
			      type)[*(const enum profile_onion_key *)field -
				    PROFILE_ONION_KEY_KEEP],
		      out);
	else if (type == PROFILE_TYPE_CONTROL)
		fputs(profile_key_values(
			      type)[*(const enum profile_control *)field -
				    PROFILE_CONTROL_NONE],
		      out);
	else if (type == PROFILE_TYPE_ISOLATE_BY)
		print_flags(*(const unsigned int *)field, out);
	else if (type == PROFILE_TYPE_SIZE)
		print_size(*(const uint64_t *)field, out);
	else if (type == PROFILE_TYPE_LIMIT || type == PROFILE_TYPE_COUNT)
		fprintf(out, "%u", *(const unsigned int *)field);
	else
		fputs(*(char *const *)field, out);
}

void value_free(enum profile_type type, void *field)
{
	if (value_is_list(type)) {
		strv_free(field);
	} else if (type == PROFILE_TYPE_TEXT || type == PROFILE_TYPE_TOR ||
		   type == PROFILE_TYPE_NAME || type == PROFILE_TYPE_PORTS) {
		free(*(char **)field);
		*(char **)field = NULL;
	}
}
