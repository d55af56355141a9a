/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profiles/near.c - the word somebody meant (pure) */
#include "profiles/near.h"

#include <limits.h>
#include <string.h>

#define NEAR_WORD_MAX 40

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned int near_distance(const char *a, const char *b)
{
	/* rows of the edit matrix: the one before the last, the last, this */
	unsigned int rows[3][NEAR_WORD_MAX + 1];
	unsigned int *old = rows[0], *last = rows[1], *now = rows[2], *t;
	size_t na = strnlen(a, NEAR_WORD_MAX + 1);
	size_t nb = strnlen(b, NEAR_WORD_MAX + 1);

	if (na > NEAR_WORD_MAX || nb > NEAR_WORD_MAX)
		return UINT_MAX;
	for (unsigned int j = 0; j <= nb; j++)
		last[j] = j;
	for (unsigned int i = 1; i <= na; i++) {
		now[0] = i;
		for (unsigned int j = 1; j <= nb; j++) {
			now[j] = min3(last[j] + 1, now[j - 1] + 1,
				      last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && old[j - 2] + 1 < now[j])
				now[j] = old[j - 2] + 1;
		}
		t = old;
		old = last;
		last = now;
		now = t;
	}
	return last[nb];
}

const char *near_find(const char *word, const char *const *words, size_t n)
{
	unsigned int third = (unsigned int)strnlen(word, NEAR_WORD_MAX) / 3;
	/* a third of the letters may be wrong: more is another word */
	unsigned int best = third > 1 ? third + 1 : 2;
	const char *found = NULL;

	for (size_t i = 0; i < n; i++) {
		unsigned int d = near_distance(word, words[i]);

		if (d < best) {
			best = d;
			found = words[i];
		}
	}
	return found;
}
