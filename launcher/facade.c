/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher/facade.c - what every sandbox shows: the same for everybody */
#include "launcher/facade.h"

#include <stddef.h>

const char *const facade_dirs[] = {
	/* what mounts go on */
	"usr",
	"proc",
	"dev",
	"dev/pts",
	"dev/shm",
	"home",
	"home/user",
	"tmp",
	"run",
	"run/user",
	"run/user/1000",
	"var",
	"var/tmp",
	"etc",
	"etc/alternatives",
	"etc/fonts",
	"etc/ssl",
	"etc/ssl/certs",
	/* ours */
	"etc/ssh",
	"run/isolate",
	/* expected to exist, and empty */
	"media",
	"mnt",
	"var/lib",
	"var/log",
	NULL,
};

const struct facade_link facade_links[] = {
	{ "var/run", "../run" },
	{ "var/lock", "../run/lock" },
	{ "dev/fd", "/proc/self/fd" },
	{ "dev/stdin", "/proc/self/fd/0" },
	{ "dev/stdout", "/proc/self/fd/1" },
	{ "dev/stderr", "/proc/self/fd/2" },
	{ "dev/ptmx", "pts/ptmx" },
	{ "etc/mtab", "/proc/self/mounts" },
	{ "etc/localtime", "/usr/share/zoneinfo/UTC" },
	{ "etc/os-release", "../usr/lib/os-release" },
	{ NULL, NULL },
};

const struct facade_file facade_files[] = {
	{ "etc/passwd", 0644,
	  "root:x:0:0:root:/root:/bin/sh\n"
	  "user:x:1000:1000::/home/user:/bin/bash\n"
	  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n" },
	{ "etc/group", 0644,
	  "root:x:0:\n"
	  "tty:x:5:\n"
	  "user:x:1000:\n"
	  "nogroup:x:65534:\n" },
	{ "etc/hosts", 0644,
	  "127.0.0.1 localhost\n"
	  "127.0.1.1 " FACADE_HOSTNAME "." FACADE_DOMAIN " " FACADE_HOSTNAME
	  "\n" },
	{ "etc/hostname", 0644, FACADE_HOSTNAME "\n" },
	{ "etc/machine-id", 0444, FACADE_MACHINE_ID "\n" },
	/* files only: no module that would talk to a daemon of the host */
	{ "etc/nsswitch.conf", 0644,
	  "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"
	  "networks: files\nprotocols: files\nservices: files\n"
	  "ethers: files\nrpc: files\n" },
	/* the gateway, and nobody else; it answers in transparent mode only.
	 * With `dns = resolve` tor is asked, which may first have to build a
	 * circuit: half a minute, in which a datagram that was lost is sent
	 * again */
	{ "etc/resolv.conf", 0644,
	  "nameserver " FACADE_GATEWAY "\noptions timeout:10 attempts:3\n" },
	{ "etc/bash.bashrc", 0644,
	  "[ -z \"$PS1\" ] || PS1='[isolate] \\w\\$ '\n" },
	{ "etc/services", 0644,
	  "ftp 21/tcp\nssh 22/tcp\ntelnet 23/tcp\nsmtp 25/tcp\n"
	  "domain 53/tcp\ndomain 53/udp\nhttp 80/tcp www\npop3 110/tcp\n"
	  "nntp 119/tcp\nntp 123/udp\nimap2 143/tcp imap\nhttps 443/tcp\n"
	  "submissions 465/tcp smtps\nsubmission 587/tcp\nimaps 993/tcp\n"
	  "pop3s 995/tcp\nsocks 1080/tcp\nxmpp-client 5222/tcp\n"
	  "ircd 6667/tcp\nircs-u 6697/tcp\ngit 9418/tcp\n" },
	/* irssi speaks no SOCKS: it asks the gateway with HTTP CONNECT. In
	 * every mode: it copies this into the home, which outlives the mode */
	{ "etc/irssi.conf", 0644,
	  "settings = {\n"
	  "  core = {\n"
	  "    real_name = \"user\"; user_name = \"user\"; nick = \"user\";\n"
	  "    use_proxy = \"yes\";\n"
	  "    proxy_address = \"" FACADE_GATEWAY "\";\n"
	  "    proxy_port = \"9190\";\n"
	  "    proxy_string = \"CONNECT %s:%d HTTP/1.0\\n\\n\";\n"
	  "  };\n"
	  "  \"fe-common/core\" = { timestamps = \"no\"; };\n"
	  "};\n"
	  "ignores = ( { level = \"CTCPS\"; } );\n" },
	{ NULL, 0, NULL },
};

#define SSH_SETTINGS                                                           \
	"    CanonicalizeHostname no\n"                                        \
	"    ForwardAgent no\n"                                                \
	"    ForwardX11 no\n"                                                  \
	"    HashKnownHosts yes\n"

const struct facade_file facade_proxied_files[] = {
	/* ssh has no proxy setting of its own; names go to the gateway */
	{ "etc/ssh/ssh_config", 0644,
	  "Host *\n"
	  "    ProxyCommand " FACADE_CONNECT " %h %p\n" SSH_SETTINGS },
	{ NULL, 0, NULL },
};

const struct facade_file facade_transparent_files[] = {
	{ "etc/ssh/ssh_config", 0644, "Host *\n" SSH_SETTINGS },
	{ NULL, 0, NULL },
};

const char *const facade_host_dirs[] = {
	"etc/alternatives",
	"etc/fonts",
	NULL,
};

const char *const facade_devices[] = {
	"null", "zero", "full", "random", "urandom", "tty", NULL,
};

/* Processes have numbers and are always visible. */
const char *const facade_proc_visible[] = {
	"cpuinfo",            /* cpuid tells the same */
	"filesystems",        /* of the kernel's build */
	"meminfo",            /* sysinfo(2) tells the same */
	"mounts",             /* link to self */
	"net",                /* link to self: of this netns */
	"self",        "sys", /* replaced as a whole: see facade_proc_files */
	"sysvipc",            /* of this ipc namespace */
	"thread-self", "uptime", /* of this time namespace */
	"version",               /* uname(2) tells the same */
	NULL,
};

const char *const facade_proc_dirs[] = {
	"sys",
	"sys/fs",
	"sys/fs/inotify",
	"sys/kernel",
	"sys/kernel/random",
	"sys/net",
	"sys/net/core",
	"sys/user",
	"sys/vm",
	/* what masked directories show */
	"empty-dir",
	NULL,
};

/*
 * Values are the kernel's defaults or what a fresh machine shows. Those that
 * differ by launch (boot_id, btime) are written by launcher/proc.c.
 */
const struct facade_file facade_proc_files[] = {
	{ "cmdline", 0444, "quiet\n" },
	{ "loadavg", 0444, "0.00 0.00 0.00 1/1 1\n" },
	{ "swaps", 0444, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n" },
	{ "partitions", 0444, "major minor  #blocks  name\n\n" },
	{ "sys/fs/file-max", 0444, "1048576\n" },
	{ "sys/fs/nr_open", 0444, "1048576\n" },
	{ "sys/fs/pipe-max-size", 0444, "1048576\n" },
	{ "sys/fs/inotify/max_user_watches", 0444, "65536\n" },
	{ "sys/kernel/cap_last_cap", 0444, "40\n" },
	{ "sys/kernel/hostname", 0444, FACADE_HOSTNAME "\n" },
	{ "sys/kernel/ngroups_max", 0444, "65536\n" },
	{ "sys/kernel/ostype", 0444, "Linux\n" },
	{ "sys/kernel/overflowgid", 0444, "65534\n" },
	{ "sys/kernel/overflowuid", 0444, "65534\n" },
	{ "sys/kernel/pid_max", 0444, "4194304\n" },
	{ "sys/kernel/randomize_va_space", 0444, "2\n" },
	{ "sys/net/core/somaxconn", 0444, "4096\n" },
	{ "sys/user/max_user_namespaces", 0444, "0\n" },
	{ "sys/vm/max_map_count", 0444, "65530\n" },
	{ "sys/vm/overcommit_memory", 0444, "0\n" },
	/* the kernel's own is bound to it */
	{ "sys/kernel/random/uuid", 0444, "" },
	/* what masked files show */
	{ "empty-file", 0444, "" },
	{ NULL, 0, NULL },
};
