/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/text.h - words and times for people and for programs */
#ifndef CTL_TEXT_H
#define CTL_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* "2026-11-20T17:59:48.123456Z" */
#define TEXT_TIME_LEN 28

/**
 * text_printable() - a string that a terminal cannot be commanded with
 * @s: any bytes; names of files are up to whoever made them
 *
 * Control characters, what this locale cannot show, and what turns the
 * direction of writing become \xNN; a backslash becomes two.
 *
 * Return: the caller's to free(3).
 */
char *text_printable(const char *s);

/**
 * text_utf8() - a string that JSON can hold
 * @s: any bytes; in what is not UTF-8 every byte above 0x7f becomes U+FFFD
 *
 * Return: the caller's to free(3).
 */
char *text_utf8(const char *s);

/** text_width() - columns on a terminal of what text_printable() returned */
size_t text_width(const char *s);

/** text_time_local() - "2026-11-20 18:59:48"; "-" where @us is 0 */
void text_time_local(int64_t us, char buf[TEXT_TIME_LEN]);

/** text_time_utc() - RFC 3339, in UTC, with microseconds */
void text_time_utc(int64_t us, char buf[TEXT_TIME_LEN]);

/** text_bytes() - "512", "1.5K", "27M", of 1024 */
void text_bytes(uint64_t n, char buf[TEXT_TIME_LEN]);

/** text_duration() - "48s", "2m03s", "5h07m", "3d04h"; "-" below 0 */
void text_duration(int64_t us, char buf[TEXT_TIME_LEN]);

#endif
