/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/clock.c - is the clock of this computer right; it is never set */
#include "tor/clock.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "tor/home.h"
#include "tor/talk.h"

/* in the data directory: "SKEW OFFSET BOOT_ID", seconds */
#define RECORD_NAME "isolate.clock"
#define BOOT_ID_LEN 36
/* tor asks for a newer consensus at once, and again after seconds */
#define SETTLED_AFTER_S 120
#define SKEW_MAX 10000000000LL

bool tor_clock_is_off(long skew_s)
{
	return skew_s >= TOR_CLOCK_NOTEWORTHY_S ||
	       skew_s <= -TOR_CLOCK_NOTEWORTHY_S;
}

void tor_clock_say(long skew_s, char *text, size_t len)
{
	long away = skew_s < 0 ? -skew_s : skew_s;
	bool hours = away >= 2L * 3600;

	snprintf(text, len,
		 "the clock of this computer is %ld %s %s of Tor's: set it, "
		 "with sudo timedatectl set-ntp true or sudo chronyc makestep; "
		 "date shows it and its time zone",
		 hours ? (away + 1800) / 3600 : (away + 30) / 60,
		 hours ? "hours" : "minutes", skew_s > 0 ? "ahead" : "behind");
}

int tor_clock_parse(const char *text, time_t *when)
{
	struct tm tm = { .tm_sec = 0 };
	char again[32];

	if (strlen(text) != strlen("2000-01-01 00:00:00"))
		return -EPROTO;
	if (!strptime(text, "%Y-%m-%d %H:%M:%S", &tm))
		return -EPROTO;
	/* it takes less than two digits, and spaces */
	*when = timegm(&tm);
	if (!gmtime_r(when, &tm) ||
	    strftime(again, sizeof(again), "%Y-%m-%d %H:%M:%S", &tm) == 0 ||
	    strcmp(text, again) != 0)
		return -EPROTO;
	return 0;
}

long tor_clock_judge(time_t now, time_t valid_after, time_t valid_until,
		     time_t arrived)
{
	if (now < valid_after)
		return (long)(now - valid_after);
	/* the clock may have been set since */
	if (arrived > now)
		arrived = now;
	return arrived > valid_until ? (long)(arrived - valid_until) : 0;
}

/* seconds from the boot's zero to the clock's; changes when that is set */
static int64_t clock_offset(void)
{
	struct timespec real, boot;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (int64_t)real.tv_sec - boot.tv_sec;
}

static int read_boot_id(char id[BOOT_ID_LEN + 1])
{
	autoclose int fd =
		open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_full(fd, id, BOOT_ID_LEN) != BOOT_ID_LEN)
		return -ENOENT;
	id[BOOT_ID_LEN] = '\0';
	return 0;
}

void tor_clock_record(const struct tor_home *h, long skew_s)
{
	char id[BOOT_ID_LEN + 1], text[128];

	if (read_boot_id(id) < 0)
		return;
	snprintf(text, sizeof(text), "%ld %lld %s\n", skew_s,
		 (long long)clock_offset(), id);
	tor_home_write(h, RECORD_NAME, text, NULL);
}

static int take_number(char **rest, long *number)
{
	const char *word = strsep(rest, " \n");
	const char *error;

	if (!word)
		return -EPROTO;
	*number = (long)strtonum(word, -SKEW_MAX, SKEW_MAX, &error);
	return error ? -EPROTO : 0;
}

/* what the record means now; 0 where there is none of this boot */
static long recorded(const struct tor_home *h)
{
	autoclose int fd = path_open_beneath(h->fd, RECORD_NAME, O_RDONLY, 0);
	autofree char *text = NULL;
	char id[BOOT_ID_LEN + 1], *rest;
	const char *word;
	long skew, offset;

	if (fd < 0 || fd_read_text(fd, 128, &text, NULL) < 0 ||
	    read_boot_id(id) < 0)
		return 0;
	rest = text;
	if (take_number(&rest, &skew) < 0 || take_number(&rest, &offset) < 0)
		return 0;
	word = strsep(&rest, " \n");
	if (!word || strcmp(word, id) != 0)
		return 0;
	/* without it a change may be a virtual machine that was paused */
	return skew ? skew + (long)(clock_offset() - offset) : 0;
}

static int ask_time(struct tor_talk *t, const char *key, time_t *when,
		    struct fault *f)
{
	char value[64];
	int rc = tor_talk_getinfo(t, key, value, sizeof(value), f);

	*when = 0;
	if (rc < 0 || !value[0])
		return rc;
	if (tor_clock_parse(value, when) < 0)
		return fault_set(f, EPROTO, "understand tor's %s", key);
	return 0;
}

static int is_settled(struct tor_talk *t, bool *settled, struct fault *f)
{
	char uptime[24], live[16], dormant[16];
	const char *error;
	int rc = tor_talk_getinfo(t, "uptime", uptime, sizeof(uptime), f);

	if (rc == 0)
		rc = tor_talk_getinfo(t, "network-liveness", live, sizeof(live),
				      f);
	if (rc == 0)
		rc = tor_talk_getinfo(t, "dormant", dormant, sizeof(dormant),
				      f);
	if (rc < 0)
		return rc;
	*settled = strtonum(uptime, SETTLED_AFTER_S, LLONG_MAX, &error) > 0 &&
		   strcmp(live, "up") == 0 && strcmp(dormant, "0") == 0;
	return 0;
}

/* when tor's consensus came: it writes the file then; 0: not known */
static time_t consensus_arrived(const struct tor_home *h)
{
	static const char *const names[] = { "cached-microdesc-consensus",
					     "cached-consensus" };
	time_t newest = 0;
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (fstatat(h->fd, names[i], &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_mtime > newest)
			newest = st.st_mtime;
	return newest;
}

int tor_clock_read(const struct tor_home *h, struct tor_talk *t, long *skew_s,
		   struct fault *f)
{
	time_t after = 0, until = 0;
	bool settled = false;
	long skew;
	int rc = ask_time(t, "consensus/valid-after", &after, f);

	if (rc == 0)
		rc = ask_time(t, "consensus/valid-until", &until, f);
	if (rc == 0)
		rc = is_settled(t, &settled, f);
	if (rc < 0)
		return rc;
	/* relays know how much it is, a consensus the least only */
	skew = recorded(h);
	if (!tor_clock_is_off(skew) && after && until)
		skew = tor_clock_judge(time(NULL), after, until,
				       settled ? consensus_arrived(h) : 0);
	*skew_s = tor_clock_is_off(skew) ? skew : 0;
	return 0;
}
