/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/commands.h - what each row of isolatectl's table runs */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

struct call;
struct fault;

/* The rows of log_options, json_options and so on, as call->options has them.
 */
enum {
	LOG_LAST = 0,
	LOG_IDENTITY,
	LOG_JSON
};
enum {
	JSON_JSON = 0
};

enum {
	NEWNYM_CLOSE = 0
};
enum {
	CIRCUITS_WATCH = 0,
	CIRCUITS_JSON
};
enum {
	TOP_ONCE = 0,
	TOP_JSON
};

enum {
	START_PLAIN = 0
};

/* Each: see struct command. */
int log_run(const struct call *call, struct fault *f);
int identity_list_run(const struct call *call, struct fault *f);
int identity_show_run(const struct call *call, struct fault *f);
int newnym_run(const struct call *call, struct fault *f);
int circuits_run(const struct call *call, struct fault *f);
int top_run(const struct call *call, struct fault *f);
int tor_start_run(const struct call *call, struct fault *f);
int tor_restart_run(const struct call *call, struct fault *f);
int tor_log_run(const struct call *call, struct fault *f);
int tor_config_run(const struct call *call, struct fault *f);
int tor_stop_run(const struct call *call, struct fault *f);
int tor_forget_run(const struct call *call, struct fault *f);
int tor_status_run(const struct call *call, struct fault *f);
int bridges_add_run(const struct call *call, struct fault *f);
int bridges_list_run(const struct call *call, struct fault *f);
int bridges_remove_run(const struct call *call, struct fault *f);
int bridges_test_run(const struct call *call, struct fault *f);
int profile_list_run(const struct call *call, struct fault *f);
int profile_show_run(const struct call *call, struct fault *f);

#endif
