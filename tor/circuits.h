/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/circuits.h - end the circuits of some credentials, and nobody else's */
#ifndef TOR_CIRCUITS_H
#define TOR_CIRCUITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

struct tor_client_config; /* tor/client.h */

#define TOR_CIRCUIT_LAUNCH_LEN 24
#define TOR_CIRCUIT_ID_MAX 20

/*
 * The nonces of a launch that are no longer used. A SOCKS password begins
 * with the launch's digits and, in eight digits, the number of the nonce.
 */
struct tor_circuits_of {
	char launch[TOR_CIRCUIT_LAUNCH_LEN + 1];
	uint32_t before; /* numbers below this one */
};

/**
 * tor_circuits_match() - is this line of circuit-status about one of them
 * @id: set to the circuit's on true
 *
 * Return: true where it is. Pure.
 */
bool tor_circuits_match(const char *line, const struct tor_circuits_of *of,
			size_t n, char id[TOR_CIRCUIT_ID_MAX]);

/**
 * tor_circuits_close() - end all of them
 * @control: where to log in; its events are ignored
 * @of: @n launches
 * @closed: set to how many there were, on success
 *
 * With a leg of a conflux set, which alone has the credentials, the others
 * are ended: else its streams would go on, and tor would take what is left
 * for a circuit that nobody has used yet.
 *
 * Looks again until there is none: a stream that was on its way may have
 * got one meanwhile. Blocks, for seconds at most.
 *
 * Return: 0; -EBUSY (there are always new ones); or -errno.
 */
int tor_circuits_close(const struct tor_client_config *control,
		       const struct tor_circuits_of *of, size_t n,
		       unsigned int *closed, struct fault *f);

#endif
