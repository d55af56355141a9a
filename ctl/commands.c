/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/commands.c - isolatectl's commands: the table */
#include "ctl/commands.h"

#include "ctl/command.h"

static const struct command_option log_options[] = {
	[LOG_LAST] = { 'n', "last", "N", "only the last N launches" },
	[LOG_IDENTITY] = { '\0', "identity", "NAME", "only of this identity" },
	[LOG_JSON] = { '\0', "json", NULL, "for programs; times in UTC" },
	{ '\0', NULL, NULL, NULL },
};

static const struct command_option json_options[] = {
	[JSON_JSON] = { '\0', "json", NULL, "for programs; times in UTC" },
	{ '\0', NULL, NULL, NULL },
};

static const struct command_option newnym_options[] = {
	[NEWNYM_CLOSE] = { '\0', "close", NULL, "end its old circuits too" },
	{ '\0', NULL, NULL, NULL },
};

static const struct command_option circuits_options[] = {
	[CIRCUITS_WATCH] = { '\0', "watch", NULL,
			     "go on, and tell of each change" },
	[CIRCUITS_JSON] = { '\0', "json", NULL,
			    "for programs; --watch: an object a line" },
	{ '\0', NULL, NULL, NULL },
};

static const struct command_option top_options[] = {
	[TOP_ONCE] = { '\0', "once", NULL, "one look, of a second" },
	[TOP_JSON] = { '\0', "json", NULL, "for programs; one look" },
	{ '\0', NULL, NULL, NULL },
};

static const struct command_option start_options[] = {
	[START_PLAIN] = { '\0', "plain", NULL,
			  "not as a unit of the user's systemd" },
	{ '\0', NULL, NULL, NULL },
};

const struct command commands[] = {
	{ "log", NULL, "what was launched, when, and how it ended", log_options,
	  log_run },
	{ "identity list", NULL, "identities and how much they are used",
	  json_options, identity_list_run },
	{ "identity show", "NAME", "one identity: applications, homes",
	  json_options, identity_show_run },
	{ "newnym", "IDENTITY", "new circuits for what runs as an identity",
	  newnym_options, newnym_run },
	{ "circuits", NULL, "whose circuits there are, and are they apart",
	  circuits_options, circuits_run },
	{ "top", NULL, "what runs: streams, rates, memory", top_options,
	  top_run },
	{ "tor start", "[IDENTITY]", "start isolate's own tor, unless it runs",
	  start_options, tor_start_run },
	{ "tor stop", "[IDENTITY]", "stop isolate's own tor", NULL,
	  tor_stop_run },
	{ "tor restart", "[IDENTITY]", "stop it, if it runs, and start it",
	  start_options, tor_restart_run },
	{ "tor status", "[IDENTITY]",
	  "does isolate's own tor run, and how far is it", json_options,
	  tor_status_run },
	{ "tor log", "[IDENTITY]", "what isolate's own tor says", NULL,
	  tor_log_run },
	{ "tor config", "[IDENTITY]", "what isolate's own tor is told", NULL,
	  tor_config_run },
	{ "tor forget", "NAME", "take an identity's SocksPort and tor away",
	  NULL, tor_forget_run },
	{ "tor bridges add", "LINE", "reach Tor by this bridge; - reads lines",
	  NULL, bridges_add_run },
	{ "tor bridges list", NULL, "bridges that are set, and what others see",
	  json_options, bridges_list_run },
	{ "tor bridges remove", "WHICH", "by number, address, line; all", NULL,
	  bridges_remove_run },
	{ "tor bridges test", "[WHICH]", "try one, set or not, or all that are",
	  json_options, bridges_test_run },
	{ "profile list", NULL, "profiles and what they are for", json_options,
	  profile_list_run },
	{ "profile show", "NAME", "every key of a profile, and who set it",
	  NULL, profile_show_run },
	{ NULL, NULL, NULL, NULL, NULL },
};
