/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/torrc.c - the configuration of our own tor */
#include "tor/torrc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tor/control.h"
#include "tor/ports.h"

/* of one drop-in: room for some thousand bridge lines */
#define DROPIN_MAX (1024 * 1024)
/* of one quoted path: each byte may become four */
#define QUOTED_MAX (4 * PATH_MAX + 3)

/*
 * Options that a drop-in may not set, without leading underscores
 * ("__SocksPort" is the same list as SocksPort).
 */
static const struct {
	const char *name;
	const char *why;
} refused[] = {
	{ "ControlListenAddress", "opens a port" },
	{ "ControlPort", "opens a port" },
	{ "DNSListenAddress", "opens a port" },
	{ "DNSPort", "opens a port" },
	{ "DirListenAddress", "opens a port" },
	{ "DirPort", "opens a port" },
	{ "ExtORPort", "opens a port" },
	{ "HTTPTunnelPort", "opens a port" },
	{ "MetricsPort", "opens a port" },
	{ "NATDListenAddress", "opens a port" },
	{ "NATDPort", "opens a port" },
	{ "ORListenAddress", "opens a port" },
	{ "ORPort", "opens a port" },
	{ "ServerTransportListenAddr", "opens a port" },
	{ "ServerTransportPlugin", "opens a port" },
	{ "SocksListenAddress", "opens a port" },
	{ "SocksPort", "opens a port" },
	{ "TransListenAddress", "opens a port" },
	{ "TransPort", "opens a port" },
	{ "ClientDNSRejectInternalAddresses", "is a protection" },
	{ "ClientOnly", "is a protection" },
	{ "ClientRejectInternalAddresses", "is a protection" },
	{ "ControlPortFileGroupReadable", "is isolate's to set" },
	{ "ControlPortWriteToFile", "is isolate's to set" },
	{ "ControlSocket", "is isolate's to set" },
	{ "ControlSocketsGroupWritable", "is isolate's to set" },
	{ "CookieAuthFile", "is isolate's to set" },
	{ "CookieAuthFileGroupReadable", "is isolate's to set" },
	{ "CookieAuthentication", "is isolate's to set" },
	{ "DataDirectory", "is isolate's to set" },
	{ "DataDirectoryGroupReadable", "is isolate's to set" },
	{ "DisableNetwork", "is isolate's to set" },
	{ "DisableSignalHandlers", "is isolate's to set" },
	{ "HashedControlPassword", "lets others control this tor" },
	{ "HashedControlSessionPassword", "lets others control this tor" },
	{ "LeaveStreamsUnattached", "leaves every stream unattached" },
	{ "OwningControllerFD", "is isolate's to set" },
	{ "OwningControllerProcess", "is isolate's to set" },
	{ "PidFile", "is isolate's to set" },
	{ "RunAsDaemon", "is isolate's to set" },
	{ "UnixSocksGroupWritable", "lets others use this tor" },
	{ "User", "is isolate's to set" },
};

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static const char *why_refused(const char *name, size_t len)
{
	while (len > 0 && *name == '_') {
		name++;
		len--;
	}
	if (len == 0)
		return "is no option";
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (len <= strlen(refused[i].name) &&
		    strncasecmp(name, refused[i].name, len) == 0)
			return refused[i].why;
	return NULL;
}

static int check_line(const char *file, unsigned int number, const char *s,
		      size_t len, struct fault *f)
{
	const char *why;
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if (((unsigned char)s[i] < ' ' && s[i] != '\t') ||
		    s[i] == '\x7f')
			return fault_set(f, 0, "%s:%u: a control character",
					 file, number);
	while (len > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		len--;
	}
	/* also in comments: tor's rules for those have exceptions */
	if (len > 0 && s[len - 1] == '\\')
		return fault_set(f, 0, "%s:%u: a line cannot be continued here",
				 file, number);
	if (len == 0 || *s == '#')
		return 0;
	while (n < len && is_name_char(s[n]))
		n++;
	if (n == 0 || (n < len && s[n] != ' ' && s[n] != '\t'))
		return fault_set(f, 0, "%s:%u: an option's name is expected",
				 file, number);
	why = why_refused(s, n);
	if (why)
		return fault_set(f, 0, "%s:%u: %.*s %s: not allowed here", file,
				 number, n > 40 ? 40 : (int)n, s, why);
	return 0;
}

int tor_torrc_check(const char *file, const char *text, size_t len,
		    struct fault *f)
{
	const char *end = text + len;

	for (unsigned int number = 1; text < end; number++) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));
		const char *stop = lf ? lf : end;
		int rc = check_line(file, number, text, (size_t)(stop - text),
				    f);

		if (rc < 0)
			return rc;
		text = stop + 1;
	}
	return 0;
}

static int quote_in(const char *before, const char *dir, const char *name,
		    char *quoted, size_t len)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s%s/%s", before, dir, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return tor_control_quote(path, quoted, len);
}

/* the common SocksPort, and those of the identities */
static int make_ports(const char *socket_dir, const struct tor_ports *ports,
		      char **text)
{
	size_t len = 0, each = sizeof("SocksPort \n") + TOR_PORT_VALUE_MAX;
	char value[TOR_PORT_VALUE_MAX];

	*text = malloc((ports->n + 1) * each);
	if (!*text)
		return -ENOMEM;
	for (size_t i = 0; i <= ports->n; i++) {
		int rc = tor_port_value(socket_dir,
					i ? ports->names[i - 1] : NULL, value);

		if (rc < 0)
			return rc;
		len += (size_t)sprintf(*text + len, "SocksPort %s\n", value);
	}
	return 0;
}

int tor_torrc_compose(const char *data_dir, const char *socket_dir,
		      const struct tor_ports *ports, const char *dropins,
		      char **text)
{
	struct {
		char data[QUOTED_MAX], log[QUOTED_MAX], cookie[QUOTED_MAX];
		char control[QUOTED_MAX];
	} *q = malloc(sizeof(*q));
	autofree void *owner = q;
	autofree char *socks = NULL;
	int rc;

	if (!q)
		return -ENOMEM;
	rc = tor_control_quote(data_dir, q->data, QUOTED_MAX);
	if (rc == 0)
		rc = quote_in("notice file ", data_dir, TOR_LOG_NAME, q->log,
			      QUOTED_MAX);
	if (rc == 0)
		rc = quote_in("", data_dir, TOR_COOKIE_NAME, q->cookie,
			      QUOTED_MAX);
	if (rc == 0)
		rc = make_ports(socket_dir, ports, &socks);
	if (rc == 0)
		rc = quote_in("", socket_dir, TOR_CONTROL_NAME, q->control,
			      QUOTED_MAX);
	if (rc < 0)
		return rc;
	rc = asprintf(text,
		      "# written by isolate at each start: change torrc.d\n"
		      "%s\n"
		      "DataDirectory %s\n"
		      "%s"
		      "ControlPort 0\n"
		      "ControlSocket unix:%s\n"
		      "CookieAuthentication 1\n"
		      "CookieAuthFile %s\n"
		      "ClientOnly 1\n"
		      "ClientRejectInternalAddresses 1\n"
		      "ClientDNSRejectInternalAddresses 1\n"
		      /* where the leg of a set that has the credentials
		       * closes, tor 0.4.9.11 gives the other one, with the
		       * streams that are open on it, to anybody */
		      "ConfluxEnabled 0\n"
		      /* it is started because somebody waits for it */
		      "DormantCanceledByStartup 1\n"
		      "AvoidDiskWrites 1\n"
		      "SafeLogging 1\n"
		      "TruncateLogFile 1\n"
		      "Log %s\n"
		      /* tor's own seccomp filter refuses the chmod of a
		       * unix SocksPort that is added at run time */
		      "Sandbox 0\n"
		      /* its keeper waits for it */
		      "RunAsDaemon 0\n",
		      dropins, q->data, socks, q->control, q->cookie, q->log);
	return rc < 0 ? -ENOMEM : 0;
}

static int is_dropin(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 5 &&
	       strcmp(d->d_name + len - 5, ".conf") == 0;
}

/* appends the checked lines of @name to @text */
static int add_dropin(const char *dir, const char *name, char **text,
		      struct fault *f)
{
	autofree char *lines = NULL;
	char path[PATH_MAX], *longer;
	autoclose int fd = -1;
	struct stat st;
	size_t len;
	int rc;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    (int)sizeof(path))
		return fault_set(f, ENAMETOOLONG, "read %s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fault_set(f, errno, "read %s", path);
	if (!S_ISREG(st.st_mode))
		return fault_set(f, 0, "%s is not a regular file", path);
	if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & 022)) {
		fault_set(f, EPERM, "%s", path);
		fault_hint(f, "it must be yours, and only you may write to it");
		return -EPERM;
	}
	rc = fd_read_text(fd, DROPIN_MAX, &lines, &len);
	if (rc < 0)
		return fault_set(f, rc, "read %s", path);
	rc = tor_torrc_check(path, lines, len, f);
	if (rc < 0)
		return rc;
	if (asprintf(&longer, "%s%s\n", *text, lines) < 0)
		return fault_set(f, ENOMEM, "read %s", path);
	free(*text);
	*text = longer;
	return 0;
}

int tor_torrc_read_dropins(const char *dir, char **text, struct fault *f)
{
	struct dirent **names = NULL;
	char *all = strdup("");
	int n, rc = 0;

	if (!all)
		return fault_set(f, ENOMEM, "read %s", dir);
	n = scandir(dir, &names, is_dropin, alphasort);
	if (n < 0 && errno != ENOENT)
		rc = fault_set(f, errno, "read directory %s", dir);
	for (int i = 0; i < n; i++) {
		if (rc == 0)
			rc = add_dropin(dir, names[i]->d_name, &all, f);
		free(names[i]);
	}
	free(names);
	if (rc < 0)
		free(all);
	else
		*text = all;
	return rc;
}
