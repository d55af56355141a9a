/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway/names.h - names and the virtual addresses that stand for them */
#ifndef GATEWAY_NAMES_H
#define GATEWAY_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Virtual addresses are those of 10.192.0.0/10 that end neither in 0 nor in
 * 255. Each new name gets the next one of a random permutation of them all,
 * made anew for every map: no address tells how many names came before, or
 * anything of another sandbox, and one whose name was forgotten means another
 * name only after all others, four million, were handed out.
 *
 * Memory: per name at most 312 bytes (48 and the name's own length as a rule),
 * and 32 bytes of tables; nothing for names that were not assigned but those
 * tables. With NAMES_MAX that is 5.4 MiB at worst.
 */
#define NAMES_MAX 16384U

struct names;

/**
 * names_is_virtual() - is @addr, in network order, in 10.192.0.0/10
 */
static inline bool names_is_virtual(const uint8_t addr[4])
{
	return addr[0] == 10 && addr[1] >= 192;
}

/**
 * names_new() - an empty map, seeded by the kernel
 * @max: names at once, 1 to 2^20; the one that was used longest ago is
 *       forgotten for a new one
 *
 * Return: names_free() it; NULL without memory or randomness.
 */
struct names *names_new(uint32_t max);

/**
 * names_assign() - the address of a name, a new one if it has none
 * @name: canonical, of destination_from_name() with DESTINATION_OK
 * @addr: set on success, network order
 *
 * Return: 0, -ENOBUFS when every entry is held, -ENOMEM.
 */
int names_assign(struct names *ns, const char *name, uint8_t addr[4]);

/**
 * names_find() - the name of an address; counts as a use of it
 *
 * Return: valid until the next names_assign(), or names_release() if it is
 * held; NULL: never assigned, or forgotten.
 */
const char *names_find(struct names *ns, const uint8_t addr[4]);

/**
 * names_hold() - do not forget this one, once more
 *
 * Return: 0, or -ENOENT for an address that names_find() does not find.
 */
int names_hold(struct names *ns, const uint8_t addr[4]);

/**
 * names_release() - undo one names_hold()
 */
void names_release(struct names *ns, const uint8_t addr[4]);

/**
 * names_free() - forget all; NULL is fine
 */
void names_free(struct names *ns);

#endif
