/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tor/dropin.c - what the user adds to the torrc of our own tor */
#include "tor/dropin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

/* of one drop-in: room for some thousand bridge lines */
#define DROPIN_MAX (1024 * 1024)

/*
 * What a client may need: which network, by which way, by which relays, how
 * fast. Of what is not here: every ...Port, ...ListenAddress and ...Socket
 * opens one; ...Plugin and AccelDir run somebody's code; HiddenService... leads
 * to the host; MapAddress and Automap... change where a stream goes; Log tells
 * a file more than isolate's own line does; the rest is isolate's to set or is
 * a relay's.
 */
static const char *const allowed[] = {
	"AlternateBridgeAuthority",
	"AlternateDirAuthority",
	"BandwidthBurst",
	"BandwidthRate",
	"Bridge",
	"CircuitBuildTimeout",
	"CircuitPadding",
	"CircuitsAvailableTimeout",
	"CircuitStreamTimeout",
	"ClientBootstrapConsensusAuthorityDownloadInitialDelay",
	"ClientBootstrapConsensusAuthorityOnlyDownloadInitialDelay",
	"ClientBootstrapConsensusFallbackDownloadInitialDelay",
	"ClientBootstrapConsensusMaxInProgressTries",
	"ClientOnionAuthDir",
	"ClientPreferIPv6DirPort",
	"ClientPreferIPv6ORPort",
	"ClientUseIPv4",
	"ClientUseIPv6",
	"ConfluxClientUX",
	"ConfluxEnabled",
	"ConnectionPadding",
	"ConnLimit",
	"ConstrainedSockets",
	"ConstrainedSockSize",
	"DirAuthority",
	"DirAuthorityFallbackRate",
	"DormantClientTimeout",
	"DormantTimeoutDisabledByIdleStreams",
	"DormantTimeoutEnabled",
	"DownloadExtraInfo",
	"EntryNodes",
	"ExcludeExitNodes",
	"ExcludeNodes",
	"ExitNodes",
	"FallbackDir",
	"FascistFirewall",
	"FetchDirInfoEarly",
	"FetchDirInfoExtraEarly",
	"FetchHidServDescriptors",
	"FetchServerDescriptors",
	"FetchUselessDescriptors",
	"FirewallPorts",
	"GeoIPExcludeUnknown",
	"GeoIPFile",
	"GeoIPv6File",
	"GuardLifetime",
	"HeartbeatPeriod",
	"HSLayer2Nodes",
	"HSLayer3Nodes",
	"HTTPProxy",
	"HTTPProxyAuthenticator",
	"HTTPSProxy",
	"HTTPSProxyAuthenticator",
	"KeepalivePeriod",
	"KISTSchedRunInterval",
	"KISTSockBufSizeFactor",
	"LearnCircuitBuildTimeout",
	"LongLivedPorts",
	"MaxCircuitDirtiness",
	"MaxClientCircuitsPending",
	"MaxConsensusAgeForDiffs",
	"MaxMemInQueues",
	"MiddleNodes",
	"NewCircuitPeriod",
	"NodeFamily",
	"NumCPUs",
	"NumDirectoryGuards",
	"NumEntryGuards",
	"NumPrimaryGuards",
	"OutboundBindAddress",
	"OutboundBindAddressOR",
	"OutboundBindAddressPT",
	"PathBiasCircThreshold",
	"PathBiasDropGuards",
	"PathBiasExtremeRate",
	"PathBiasExtremeUseRate",
	"PathBiasNoticeRate",
	"PathBiasNoticeUseRate",
	"PathBiasScaleThreshold",
	"PathBiasScaleUseThreshold",
	"PathBiasUseThreshold",
	"PathBiasWarnRate",
	"PathsNeededToBuildCircuits",
	"PerConnBWBurst",
	"PerConnBWRate",
	"ReachableAddresses",
	"ReachableDirAddresses",
	"ReachableORAddresses",
	"ReducedCircuitPadding",
	"ReducedConnectionPadding",
	"RejectPlaintextPorts",
	"SafeSocks",
	"Schedulers",
	"Socks4Proxy",
	"Socks5Proxy",
	"Socks5ProxyPassword",
	"Socks5ProxyUsername",
	"SocksTimeout",
	"StrictNodes",
	"TCPProxy",
	"TestingClientConsensusDownloadInitialDelay",
	"TestingClientDownloadInitialDelay",
	"TestingClientMaxIntervalWithoutRequest",
	"TestingDirConnectionMaxStall",
	"TestingTorNetwork",
	"TestSocks",
	"TokenBucketRefillInterval",
	"UpdateBridgesFromAuthority",
	"UseBridges",
	"UseDefaultFallbackDirs",
	"UseEntryGuards",
	"UseMicrodescriptors",
	"VanguardsLiteEnabled",
	"WarnPlaintextPorts",
};

static bool is_allowed(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		if (strlen(allowed[i]) == len &&
		    strncasecmp(name, allowed[i], len) == 0)
			return true;
	return false;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static int check_line(const char *file, unsigned int number, const char *s,
		      size_t len, struct fault *f)
{
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
	if (is_allowed(s, n))
		return 0;
	fault_set(f, 0, "%s:%u: %.*s is not an option for a drop-in", file,
		  number, n > 40 ? 40 : (int)n, s);
	fault_hint(f, "isolatectl(1) says which are, by their whole names");
	return -EINVAL;
}

int tor_dropin_check(const char *file, const char *text, size_t len,
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

/* Is what was opened as @fd ours alone. */
static int check_owner(int fd, const char *path, mode_t type, struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fault_set(f, errno, "look at %.200s", path);
	if ((st.st_mode & S_IFMT) != type)
		return fault_set(f, 0, "%.200s is not a %s", path,
				 S_ISDIR(type) ? "directory" : "regular file");
	if ((st.st_uid == geteuid() || st.st_uid == 0) &&
	    (st.st_mode & 022) == 0)
		return 0;
	fault_set(f, EPERM, "read %.200s", path);
	fault_hint(f, "it must be yours, and only you may write to it");
	return -EPERM;
}

/* appends the checked lines of @name in @dirfd to @text */
static int add_dropin(int dirfd, const char *path, const char *name,
		      char **text, struct fault *f)
{
	autofree char *lines = NULL;
	char *longer;
	autoclose int fd = path_open_beneath(
		dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	size_t len;
	int rc;

	if (fd < 0) {
		rc = fault_set(f, fd, "read %.200s", path);
		if (rc == -ELOOP)
			fault_hint(f, "a symlink is not followed here");
		return rc;
	}
	rc = check_owner(fd, path, S_IFREG, f);
	if (rc < 0)
		return rc;
	rc = fd_read_text(fd, DROPIN_MAX, &lines, &len);
	if (rc < 0)
		return fault_set(f, rc, "read %.200s", path);
	rc = tor_dropin_check(path, lines, len, f);
	if (rc < 0)
		return rc;
	if (asprintf(&longer, "%s%s\n", *text, lines) < 0)
		return fault_set(f, ENOMEM, "read %.200s", path);
	free(*text);
	*text = longer;
	return 0;
}

static int is_dropin(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 5 &&
	       strcmp(d->d_name + len - 5, ".conf") == 0;
}

static int add_all(int dirfd, const char *dir, char **text, struct fault *f)
{
	struct dirent **names = NULL;
	int rc = 0, n = scandirat(dirfd, ".", &names, is_dropin, alphasort);

	if (n < 0)
		rc = fault_set(f, errno, "read directory %.200s", dir);
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%.*s/%s",
			 (int)(sizeof(path) - sizeof(names[i]->d_name) - 2),
			 dir, names[i]->d_name);
		if (rc == 0)
			rc = add_dropin(dirfd, path, names[i]->d_name, text, f);
		free(names[i]);
	}
	free(names);
	return rc;
}

int tor_dropin_read_all(const char *dir, char **text, struct fault *f)
{
	autoclose int fd =
		open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc = fd < 0 ? -errno : 0;
	char *all = NULL;

	if (rc < 0 && rc != -ENOENT) {
		fault_set(f, rc, "read directory %.200s", dir);
		fault_hint(f, "it must be a directory, and no symlink");
		return rc;
	}
	if (rc == 0)
		rc = check_owner(fd, dir, S_IFDIR, f);
	else
		rc = 0;
	if (rc < 0)
		return rc;
	all = strdup("");
	if (!all)
		return fault_set(f, ENOMEM, "read %.200s", dir);
	if (fd >= 0)
		rc = add_all(fd, dir, &all, f);
	if (rc < 0)
		free(all);
	else
		*text = all;
	return rc;
}
