/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/test_onions.c - a sandbox's onion services, beside a tor that the
 * test plays
 */
#include "launcher/onions.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/radix.h"
#include "tor/deadline.h"
#include "tor/instance.h"
#include "tor/talk.h"
#include "tor/upstream.h"

/* What the fake tor does; in memory that it shares with us. */
static struct fake {
	int opens, adds, dels, keyed;
	int open_result; /* of the next ones */
	bool collide;    /* answer ADD_ONION with 550 */
	bool silent;     /* ... not at all */
	int slow_ms;     /* wait before that answer */
	bool mute;       /* answer DEL_ONION not at all */
	char command[4096];
} * fake;
static pid_t fake_pid;

static _Noreturn void be_tor(int fd)
{
	char line[4096], key[RADIX64_TEXT(GWMSG_ONION_KEY_BYTES)];
	uint8_t bytes[GWMSG_ONION_KEY_BYTES] = { 7 };
	FILE *in = fdopen(fd, "r");

	radix_encode64(bytes, sizeof(bytes), key);
	while (in && fgets(line, sizeof(line), in)) {
		if (strncmp(line, "ADD_ONION", 9) != 0) {
			bool is_del = strncmp(line, "DEL_ONION", 9) == 0;

			fake->dels += is_del;
			if (!is_del || !fake->mute)
				dprintf(fd, "250 OK\r\n");
			continue;
		}
		memcpy(fake->command, line, sizeof(line));
		fake->adds++;
		if (fake->silent)
			continue;
		usleep((useconds_t)fake->slow_ms * 1000);
		if (fake->collide) {
			dprintf(fd, "550 Onion address collision\r\n");
			continue;
		}
		/* each of another name, by a letter */
		dprintf(fd, "250-ServiceID=%c%.*s\r\n", 'a' + fake->adds,
			GWMSG_ONION_ID_LEN - 1,
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aa");
		if (strstr(line, "NEW:"))
			dprintf(fd, "250-PrivateKey=ED25519-V3:%s\r\n", key);
		else
			fake->keyed++;
		dprintf(fd, "250 OK\r\n");
	}
	_exit(0);
}

int __wrap_tor_instance_open(const struct tor_upstream *up, int timeout_ms,
			     struct tor_talk *t, struct fault *f);
int __wrap_tor_instance_open(const struct tor_upstream *up, int timeout_ms,
			     struct tor_talk *t, struct fault *f)
{
	int s[2];

	(void)up;
	fake->opens++;
	if (fake->open_result < 0)
		return fault_set(f, fake->open_result, "fake");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s),
			 0);
	fake_pid = fork();
	if (fake_pid == 0) {
		close(s[0]);
		be_tor(s[1]);
	}
	close(s[1]);
	fd_set_nonblock(s[0], 1);
	t->fd = s[0];
	tor_talk_limit(t, timeout_ms);
	return 0;
}

static void fake_dies(void)
{
	kill(fake_pid, SIGKILL);
	waitpid(fake_pid, NULL, 0);
}

static struct plan_listener listeners[] = {
	{ PLAN_SIDE_LOOPBACK, 9050, GWMSG_LISTEN_SOCKS, 0, 0 },
	{ PLAN_SIDE_GATEWAY, 9100, GWMSG_LISTEN_SOCKS, 0, 0 },
};
static const struct plan plan = { .listeners = listeners, .nlisteners = 2 };
static const struct gwmsg_onion web = {
	.nports = 1,
	.ports = { { 80, 8080, GWMSG_TARGET_LOOPBACK } },
};

struct world {
	struct onions o;
	struct tor_upstream up;
	char dir[32];
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct sockaddr_un *sun;

	if (!w)
		return -1;
	fake = mmap(NULL, sizeof(*fake), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	strcpy(w->dir, "/tmp/isolate-onions.XXXXXX");
	if (!mkdtemp(w->dir))
		return -1;
	sun = (struct sockaddr_un *)&w->up.addr;
	snprintf(sun->sun_path, sizeof(sun->sun_path), "%s/socks.a", w->dir);
	w->up.kind = TOR_UPSTREAM_UNIX;
	onions_init(&w->o, &plan);
	w->o.upstream = &w->up;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	onions_close(&w->o);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	/* no socket was left there */
	assert_int_equal(rmdir(w->dir), 0);
	free(w);
	munmap(fake, sizeof(*fake));
	return 0;
}

static struct gwmsg asked(struct world *w, uint32_t kind, uint32_t id,
			  const char *service)
{
	struct gwmsg m = { .type = GWMSG_ASK, .id = id }, answer;

	m.ask.kind = kind;
	m.ask.onion = web;
	if (service)
		memcpy(m.ask.service, service, sizeof(m.ask.service));
	assert_int_equal(onions_ask(&w->o, &m, &answer), kind != GWMSG_ASK_END);
	if (kind == GWMSG_ASK_END)
		return m;
	assert_int_equal(gwmsg_check(&answer, gwmsg_size(answer.type), 0), 0);
	assert_int_equal(answer.id, id);
	return answer;
}

static size_t count(const struct world *w)
{
	size_t n = 0;

	for (size_t i = 0; w->o.all && i < ONIONS_MAX; i++)
		n += w->o.all[i].used;
	return n;
}

static void test_onions_belong_to_who_asked(void **state)
{
	struct world *w = *state;
	struct gwmsg a = asked(w, GWMSG_ASK_ADD_ONION, 1, NULL), b;

	assert_int_equal(a.err, 0);
	assert_int_equal(a.answer.has_key, 1);
	assert_int_equal(a.answer.key[0], 7);
	b = asked(w, GWMSG_ASK_ADD_ONION, 2, NULL);
	assert_string_not_equal(a.answer.service, b.answer.service);
	/* another client's, nobody's */
	assert_int_equal(asked(w, GWMSG_ASK_DEL_ONION, 2, a.answer.service).err,
			 ENOENT);
	assert_int_equal(fake->dels, 0);
	assert_int_equal(asked(w, GWMSG_ASK_DEL_ONION, 1, a.answer.service).err,
			 0);
	assert_int_equal(fake->dels, 1);
	assert_int_equal(asked(w, GWMSG_ASK_DEL_ONION, 1, a.answer.service).err,
			 ENOENT);
	asked(w, GWMSG_ASK_END, 1, NULL);
	assert_int_equal(count(w), 1);
	/* the last one takes the conversation with tor along */
	asked(w, GWMSG_ASK_END, 2, NULL);
	assert_int_equal(fake->dels, 2);
	assert_int_equal(count(w), 0);
	assert_null(w->o.talk);
}

static void test_onions_of_the_profile(void **state)
{
	struct world *w = *state;
	struct fault f = { 0 };
	const struct onion *s = onions_add(&w->o, &web, NULL, &f);
	char service[GWMSG_ONION_ID_LEN + 1];

	assert_non_null(s);
	memcpy(service, s->service, sizeof(service));
	/* no client's, and it outlives all of them */
	assert_int_equal(asked(w, GWMSG_ASK_DEL_ONION, 0, service).err, ENOENT);
	asked(w, GWMSG_ASK_ADD_ONION, 0, NULL);
	asked(w, GWMSG_ASK_END, 0, NULL);
	asked(w, GWMSG_ASK_ADD_ONION, 0, NULL);
	onions_end_clients(&w->o);
	assert_int_equal(count(w), 1);
}

static void test_onions_refused(void **state)
{
	struct gwmsg_onion o = web;
	struct world *w = *state;
	struct fault f = { 0 };

	/* the gateway's own port on the sandbox's loopback */
	o.ports[0].target = 9050;
	assert_null(onions_add(&w->o, &o, NULL, &f));
	assert_int_equal(f.err, EACCES);
	o.ports[0].target = 9100;
	assert_non_null(onions_add(&w->o, &o, NULL, &f));
	fake->collide = true;
	assert_int_equal(asked(w, GWMSG_ASK_ADD_ONION, 1, NULL).err, EEXIST);
	fake->collide = false;
	/* a tor that hangs: what it may have made ends with the connection,
	 * and what there was is made again */
	fake->silent = true;
	assert_int_equal(asked(w, GWMSG_ASK_ADD_ONION, 1, NULL).err, ETIMEDOUT);
	assert_null(w->o.talk);
	assert_int_equal(count(w), 1);
	assert_false(w->o.all[0].up);
}

/* With another tor, or none. */
static void test_onions_not_with_this_tor(void **state)
{
	struct world *w = *state;
	struct fault f = { 0 };

	fake->open_result = -ENOENT;
	assert_null(onions_add(&w->o, &web, NULL, &f));
	assert_non_null(strstr(f.what, "isolate's own tor"));
	assert_non_null(strstr(f.hint, "--tor embedded"));
	assert_int_equal(asked(w, GWMSG_ASK_ADD_ONION, 1, NULL).err, ENOENT);
}

static void test_onions_limits(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < ONIONS_MAX; i++)
		assert_int_equal(asked(w, GWMSG_ASK_ADD_ONION, 1, NULL).err, 0);
	assert_int_equal(asked(w, GWMSG_ASK_ADD_ONION, 1, NULL).err, EBUSY);
	asked(w, GWMSG_ASK_END, 1, NULL);
	/* there is room again, but not at once */
	assert_int_equal(asked(w, GWMSG_ASK_ADD_ONION, 1, NULL).err, EBUSY);
	assert_int_equal(fake->adds, ONIONS_MAX);
	usleep(1100000);
	assert_int_equal(asked(w, GWMSG_ASK_ADD_ONION, 1, NULL).err, 0);
}

static void wait_for(struct world *w)
{
	struct pollfd p = onions_poll_fd(&w->o);

	assert_int_equal(poll(&p, 1, 5000), 1);
	onions_run(&w->o, -1);
}

/* Tor ends and comes back: the same service, by its key. */
static void test_onions_come_back_with_tor(void **state)
{
	struct world *w = *state;
	struct fault f = { 0 };
	const struct onion *s = onions_add(&w->o, &web, NULL, &f);

	assert_true(s && s->up);
	assert_int_equal(fake->keyed, 0);
	fake_dies();
	fake->open_result = -ECONNREFUSED;
	wait_for(w);
	assert_false(s->up);
	assert_int_equal(s->ports[0].fd, -1);
	/* not yet */
	wait_for(w);
	assert_false(s->up);
	assert_int_equal(fake->opens, 2);
	fake->open_result = 0;
	wait_for(w);
	assert_true(s->up);
	assert_int_equal(fake->keyed, 1);
}

/* Once, twice...: what is said meanwhile, on stderr. */
static void retry(struct world *w, int times, char said[512])
{
	const struct itimerspec now = { .it_value.tv_nsec = 1 };
	int old = fcntl(2, F_DUPFD_CLOEXEC, 3), p[2];
	ssize_t n;

	assert_int_equal(pipe2(p, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(dup2(p[1], 2), 2);
	while (times-- > 0) {
		timerfd_settime(w->o.timer, 0, &now, NULL);
		wait_for(w);
	}
	dup2(old, 2);
	n = read(p[0], said, 511);
	said[n > 0 ? n : 0] = '\0';
	close(p[0]);
	close(p[1]);
	close(old);
}

/* Another launch was faster after tor came back: that is said, once. */
static void test_onions_taken_by_another(void **state)
{
	struct world *w = *state;
	struct fault f = { 0 };
	const struct onion *s = onions_add(&w->o, &web, NULL, &f);
	char said[512], *at;

	assert_non_null(s);
	fake_dies();
	fake->collide = true;
	wait_for(w);
	/* our own, perhaps, that tor has not ended yet */
	retry(w, 1, said);
	assert_string_equal(said, "");
	retry(w, 3, said);
	at = strstr(said, s->service);
	assert_non_null(at);
	assert_non_null(strstr(at, ".onion: another launch serves it"));
	assert_int_equal(strcspn(said, "\n"), strlen(said) - 1);
	fake->collide = false;
	retry(w, 1, said);
	assert_true(s->up);
	assert_string_equal(said, "");
}

/* A launch can wait, and does; the supervisor cannot. */
static void test_onions_of_a_slow_tor(void **state)
{
	struct world *w = *state;
	struct fault f = { 0 };

	fake->slow_ms = 1500;
	assert_non_null(onions_add(&w->o, &web, NULL, &f));
	assert_int_equal(asked(w, GWMSG_ASK_ADD_ONION, 1, NULL).err, ETIMEDOUT);
}

/* Of the timer; in ms. */
static long retries_in(const struct world *w)
{
	struct itimerspec t;

	assert_int_equal(timerfd_gettime(w->o.timer, &t), 0);
	return t.it_value.tv_sec * 1000 + t.it_value.tv_nsec / 1000000;
}

/* A tor that hangs keeps the supervisor waiting once, not for each service,
 * nor at each application's wish. */
static void test_onions_of_a_tor_that_hangs(void **state)
{
	const struct itimerspec now = { .it_value.tv_nsec = 1 };
	struct world *w = *state;
	int64_t start;

	for (int i = 0; i < 4; i++)
		assert_int_equal(asked(w, GWMSG_ASK_ADD_ONION, 1, NULL).err, 0);
	fake_dies();
	fake->silent = true;
	wait_for(w);
	/* that it has ended is no reason to wait long */
	assert_in_range(retries_in(w), 1, 1000);
	start = tor_deadline_in(0);
	wait_for(w);
	assert_in_range(tor_deadline_in(0) - start, 1500, 2500);
	assert_int_equal(fake->adds, 5);
	assert_in_range(retries_in(w), 9000, 10000);
	start = tor_deadline_in(0);
	assert_int_equal(asked(w, GWMSG_ASK_ADD_ONION, 1, NULL).err, ETIMEDOUT);
	assert_in_range(tor_deadline_in(0) - start, 0, 100);
	assert_int_equal(fake->adds, 5);
	assert_int_equal(fake->opens, 2);
	/* it goes on */
	fake->silent = false;
	timerfd_settime(w->o.timer, 0, &now, NULL);
	wait_for(w);
	for (int i = 0; i < 4; i++)
		assert_true(w->o.all[i].up);
	w->o.hung_ms = 0;
	assert_int_equal(asked(w, GWMSG_ASK_ADD_ONION, 1, NULL).err, 0);
	/* nor is it waited for at the end of each of a client's services */
	fake->mute = true;
	start = tor_deadline_in(0);
	asked(w, GWMSG_ASK_END, 1, NULL);
	assert_in_range(tor_deadline_in(0) - start, 900, 1500);
	assert_int_equal(count(w), 0);
}

/* With no way in, a visitor is sent away; and only this user's come so far. */
static void test_onions_visitor_without_a_way_in(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct world *w = *state;
	struct fault f = { 0 };
	const struct onion *s = onions_add(&w->o, &web, NULL, &f);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte;

	assert_non_null(s);
	memcpy(sun.sun_path, s->ports[0].path, sizeof(sun.sun_path));
	assert_non_null(strstr(fake->command, sun.sun_path));
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	wait_for(w);
	assert_int_equal(read(fd, &byte, 1), 0);
	close(fd);
}

int main(void)
{
#define onions_test(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		onions_test(test_onions_belong_to_who_asked),
		onions_test(test_onions_of_the_profile),
		onions_test(test_onions_refused),
		onions_test(test_onions_not_with_this_tor),
		onions_test(test_onions_limits),
		onions_test(test_onions_come_back_with_tor),
		onions_test(test_onions_taken_by_another),
		onions_test(test_onions_of_a_slow_tor),
		onions_test(test_onions_of_a_tor_that_hangs),
		onions_test(test_onions_visitor_without_a_way_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
