/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/facade.h - what every sandbox shows: the same for everybody */
#ifndef LAUNCHER_FACADE_H
#define LAUNCHER_FACADE_H

#include <stdint.h>
#include <sys/types.h>

/* Whonix's values: an application made for it feels at home (and learns
 * nothing, for everybody has them). */
#define FACADE_HOSTNAME "host"
#define FACADE_DOMAIN "localdomain"
#define FACADE_USER "user"
#define FACADE_UID 1000
#define FACADE_GID 1000
#define FACADE_HOME "/home/user"
#define FACADE_MACHINE_ID "b08dfa6083e7567a1921a715000001fb"
#define FACADE_GATEWAY "10.152.152.10"
#define FACADE_GATEWAY_MAC "02:00:0a:98:98:0a"
#define FACADE_GATEWAY_DEVICE "gw0"
#define FACADE_SELF "10.152.152.11"
#define FACADE_SELF_MAC "02:00:0a:98:98:0b"
#define FACADE_SELF_DEVICE "eth0"
#define FACADE_SOCKS_PORT 9050
#define FACADE_HTTP_PORT 9190
#define FACADE_CONTROL_PORT 9051
/* relative to /, where Debian's and Whonix's tor has them */
#define FACADE_CONTROL_DIR "run/tor"
#define FACADE_CONTROL_PATH FACADE_CONTROL_DIR "/control"
/* relative to / on both sides */
#define FACADE_CERTIFICATES "etc/ssl/certs/ca-certificates.crt"
#define FACADE_CONNECT "/run/isolate/socks-connect"

/* A file whose content is the same in every sandbox. */
struct facade_file {
	const char *path; /* relative to the root of the sandbox */
	mode_t mode;
	const char *text;
};

struct facade_link {
	const char *path;
	const char *target;
};

/* A directory of the host that is shown read-only where it exists. */
struct facade_host_dir {
	const char *path; /* relative to / on both sides */
};

extern const struct facade_file facade_files[]; /* ends with NULL */
/* ... of one network mode: where programs must be told of the gateway, and
 * where they need not; each ends with NULL */
extern const struct facade_file facade_proxied_files[];
extern const struct facade_file facade_transparent_files[];
extern const struct facade_link facade_links[]; /* ends with NULL */
extern const char *const facade_dirs[];         /* ends with NULL */
extern const char *const facade_host_dirs[];    /* ends with NULL */
extern const char *const facade_devices[];      /* ends with NULL */
/* What stays visible in /proc; everything else there is masked. */
extern const char *const facade_proc_visible[]; /* ends with NULL */
/* Directories that those need, each after the one it is in. */
extern const char *const facade_proc_dirs[]; /* ends with NULL */
/* Files of /proc with a text of their own; below the mask otherwise. */
extern const struct facade_file facade_proc_files[]; /* ends with NULL */

#endif
