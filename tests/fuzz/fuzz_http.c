/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_http.c - any bytes on an HTTP CONNECT port */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void require(int what)
{
	if (!what)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t out[SOCKS_OUT_MAX], out2[SOCKS_OUT_MAX];
	size_t used = 0, out_len = 0, used2 = 0, out2_len = 0, n = 0;
	enum socks_step whole, piece = SOCKS_MORE;
	struct socks s, s2;

	if (len > HTTP_IN_MAX)
		len = HTTP_IN_MAX;
	socks_init(&s, 0);
	whole = http_feed(&s, data, len, &used, out, &out_len);
	require(used <= len && out_len <= sizeof(out));
	require(whole != SOCKS_MORE || len < HTTP_IN_MAX);
	socks_init(&s2, 0);
	while (piece == SOCKS_MORE && n < len) {
		uint8_t *copy;

		n = len - n < 7 ? len : n + 7;
		/* exactly this size, so that ASan sees a read behind it */
		copy = malloc(n);
		require(copy != NULL);
		memcpy(copy, data, n);
		piece = http_feed(&s2, copy, n, &used2, out2, &out2_len);
		free(copy);
	}
	/* a control character may be seen before or after a bad line */
	require((whole == SOCKS_REQUEST) == (piece == SOCKS_REQUEST));
	if (whole != SOCKS_REQUEST)
		return 0;
	require(used == used2 && out_len == 0);
	require(s.destination.port != 0 &&
		s.destination.port == s2.destination.port);
	require(s.destination.kind == s2.destination.kind &&
		strcmp(s.destination.name, s2.destination.name) == 0);
	require(memcmp(&s.auth, &s2.auth, sizeof(s.auth)) == 0);
	return 0;
}
