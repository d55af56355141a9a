/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/data/probe_net.c - probes that send something, or reach a socket */
#include "tests/data/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int target_addr(const struct probe_target *t, int family,
		       struct sockaddr_storage *ss, socklen_t *len)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	const char *text = family == AF_INET ? t->v4 : t->v6;
	in_port_t port = htons((in_port_t)strtoul(t->port, NULL, 10));

	memset(ss, 0, sizeof(*ss));
	if (!text)
		return PROBE_UNASKED;
	ss->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		in->sin_port = port;
		*len = sizeof(*in);
		return inet_pton(family, text, &in->sin_addr) == 1 ? 0 : EINVAL;
	}
	in6->sin6_port = port;
	*len = sizeof(*in6);
	return inet_pton(family, text, &in6->sin6_addr) == 1 ? 0 : EINVAL;
}

/* Out and back: an answer is the only proof that a byte got anywhere. */
static int echo(int fd)
{
	char buf[4];

	if (write(fd, "ping", 4) != 4)
		return errno;
	return read(fd, buf, sizeof(buf)) > 0 ? 0 : errno ? errno : ECONNRESET;
}

static int echo_over(const struct probe_target *t, int family, int type,
		     int protocol)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd, rc = target_addr(t, family, &ss, &len);

	if (rc)
		return rc;
	fd = socket(family, type, protocol);
	if (fd < 0 || connect(fd, (struct sockaddr *)&ss, len))
		return errno;
	return echo(fd);
}

static int try_tcp4(const struct probe_target *t)
{
	return echo_over(t, AF_INET, SOCK_STREAM, 0);
}

static int try_tcp6(const struct probe_target *t)
{
	return echo_over(t, AF_INET6, SOCK_STREAM, 0);
}

static int try_udp4(const struct probe_target *t)
{
	return echo_over(t, AF_INET, SOCK_DGRAM, 0);
}

static int try_udp6(const struct probe_target *t)
{
	return echo_over(t, AF_INET6, SOCK_DGRAM, 0);
}

/* TCP_FASTOPEN sends data without connect(2). */
static int try_fastopen4(const struct probe_target *t)
{
	struct sockaddr_storage ss;
	socklen_t len;
	char buf[4];
	int fd, rc = target_addr(t, AF_INET, &ss, &len);

	if (rc)
		return rc;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || sendto(fd, "ping", 4, MSG_FASTOPEN,
			     (struct sockaddr *)&ss, len) != 4)
		return errno;
	return read(fd, buf, sizeof(buf)) > 0 ? 0 : errno;
}

static int ping(const struct probe_target *t, int family, int type)
{
	struct sockaddr_storage ss;
	unsigned char msg[16] = { 0 }, buf[128];
	socklen_t len;
	int fd, rc = target_addr(t, family, &ss, &len);

	if (rc)
		return rc;
	/* raw sockets take a protocol where a port stands */
	if (family == AF_INET)
		((struct sockaddr_in *)&ss)->sin_port = 0;
	else
		((struct sockaddr_in6 *)&ss)->sin6_port = 0;
	fd = socket(family, type | SOCK_CLOEXEC,
		    family == AF_INET ? (int)IPPROTO_ICMP : IPPROTO_ICMPV6);
	if (fd < 0)
		return errno;
	msg[0] = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	if (family == AF_INET)
		msg[2] = 0xf7, msg[3] = 0xff; /* checksum of 08 and zeros */
	if (sendto(fd, msg, sizeof(msg), 0, (struct sockaddr *)&ss, len) < 0)
		return errno;
	return recv(fd, buf, sizeof(buf), 0) > 0 ? 0 : errno;
}

static int try_ping4(const struct probe_target *t)
{
	return ping(t, AF_INET, SOCK_DGRAM);
}

static int try_ping6(const struct probe_target *t)
{
	return ping(t, AF_INET6, SOCK_DGRAM);
}

static int try_icmp4(const struct probe_target *t)
{
	return ping(t, AF_INET, SOCK_RAW);
}

static int try_icmp6(const struct probe_target *t)
{
	return ping(t, AF_INET6, SOCK_RAW);
}

static int try_raw(const struct probe_target *t)
{
	(void)t;
	return probe_result(socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
}

static int try_packet(const struct probe_target *t)
{
	(void)t;
	return probe_result(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
}

/* Datagrams to all nodes of each link but lo: no address is needed for that. */
static int flood_links(int family)
{
	struct sockaddr_in6 all6 = { .sin6_family = AF_INET6,
				     .sin6_port = htons(7) };
	struct sockaddr_in all4 = { .sin_family = AF_INET,
				    .sin_port = htons(7),
				    .sin_addr.s_addr = INADDR_BROADCAST };
	struct if_nameindex *links = if_nameindex(), *l;
	int fd = socket(family, SOCK_DGRAM, 0), on = 1, rc = ENODEV;

	if (!links || fd < 0)
		return errno ? errno : ENODEV;
	inet_pton(AF_INET6, "ff02::1", &all6.sin6_addr);
	setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
	for (l = links; l->if_name; l++) {
		ssize_t n;

		if (strcmp(l->if_name, "lo") == 0)
			continue;
		all6.sin6_scope_id = l->if_index;
		n = family == AF_INET6
			    ? sendto(fd, "x", 1, 0, (struct sockaddr *)&all6,
				     sizeof(all6))
			    : sendto(fd, "x", 1, 0, (struct sockaddr *)&all4,
				     sizeof(all4));
		if (n == 1)
			return 0;
		rc = errno;
	}
	return rc;
}

static int try_multicast6(const struct probe_target *t)
{
	(void)t;
	return flood_links(AF_INET6);
}

static int try_broadcast4(const struct probe_target *t)
{
	(void)t;
	return flood_links(AF_INET);
}

static int try_linklocal6(const struct probe_target *t)
{
	struct ifaddrs *list, *a;

	(void)t;
	if (getifaddrs(&list))
		return errno;
	for (a = list; a; a = a->ifa_next)
		if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET6 &&
		    strcmp(a->ifa_name, "lo") != 0)
			return 0;
	return ENODEV;
}

static int vsock_connect(unsigned int cid, const char *port)
{
	struct sockaddr_vm vm = { .svm_family = AF_VSOCK, .svm_cid = cid };
	int fd = socket(AF_VSOCK, SOCK_STREAM, 0);

	if (fd < 0)
		return errno;
	vm.svm_port = (unsigned int)strtoul(port, NULL, 10);
	return probe_result(connect(fd, (struct sockaddr *)&vm, sizeof(vm)));
}

static int try_vsock_host(const struct probe_target *t)
{
	(void)t;
	return vsock_connect(VMADDR_CID_HOST, "1024");
}

static int try_vsock_local(const struct probe_target *t)
{
	return t->vsock ? vsock_connect(1, t->vsock) : PROBE_UNASKED;
}

/* Families that pay no heed to network namespaces, or are rarely watched. */
static int try_families(const struct probe_target *t)
{
	static const int families[] = { AF_VSOCK,     AF_ALG,     AF_BLUETOOTH,
					AF_TIPC,      AF_XDP,     AF_CAN,
					AF_RDS,       AF_KEY,     AF_PPPOX,
					AF_NFC,       AF_QIPCRTR, AF_SMC,
					AF_IEEE802154 };
	size_t i;

	(void)t;
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (socket(families[i], SOCK_STREAM, 0) >= 0 ||
		    socket(families[i], SOCK_DGRAM, 0) >= 0 ||
		    socket(families[i], SOCK_SEQPACKET, 0) >= 0)
			return 0;
	return errno;
}

static int unix_connect(const char *name, size_t len, int type)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type, 0);

	if (fd < 0)
		return errno;
	if (len > sizeof(un.sun_path))
		return ENAMETOOLONG;
	memcpy(un.sun_path, name, len);
	return probe_result(connect(
		fd, (struct sockaddr *)&un,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)));
}

static int try_abstract(const struct probe_target *t)
{
	char name[sizeof(((struct sockaddr_un *)NULL)->sun_path)] = "";
	size_t len;

	if (!t->abstract)
		return PROBE_UNASKED;
	len = strlen(t->abstract);
	if (len + 1 > sizeof(name))
		return ENAMETOOLONG;
	memcpy(name + 1, t->abstract, len);
	return unix_connect(name, len + 1, SOCK_STREAM);
}

static int try_unix_path(const struct probe_target *t)
{
	int rc = PROBE_UNASKED;
	size_t i;

	for (i = 0; i < t->n_unix; i++) {
		rc = unix_connect(t->unix_paths[i], strlen(t->unix_paths[i]),
				  SOCK_STREAM);
		if (rc == EPROTOTYPE)
			rc = unix_connect(t->unix_paths[i],
					  strlen(t->unix_paths[i]), SOCK_DGRAM);
		if (rc == 0)
			return 0;
	}
	return rc;
}

static int try_io_uring(const struct probe_target *t)
{
	struct io_uring_params params = { .sq_entries = 0 };

	(void)t;
	return probe_result(syscall(SYS_io_uring_setup, 4, &params));
}

static int uring_one(int ring, const struct io_uring_params *p,
		     const struct io_uring_sqe *op)
{
	size_t len =
		p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqe;
	char *rings;

	if (len < p->sq_off.array + p->sq_entries * sizeof(unsigned int))
		len = p->sq_off.array + p->sq_entries * sizeof(unsigned int);
	rings = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		     IORING_OFF_SQ_RING);
	sqes = mmap(NULL, p->sq_entries * sizeof(*sqes), PROT_READ | PROT_WRITE,
		    MAP_SHARED, ring, IORING_OFF_SQES);
	if (rings == MAP_FAILED || sqes == MAP_FAILED)
		return -errno;
	sqes[0] = *op;
	*(unsigned int *)(void *)(rings + p->sq_off.array) = 0;
	__atomic_store_n((unsigned int *)(void *)(rings + p->sq_off.tail), 1,
			 __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS,
		    NULL, 0) < 0)
		return -errno;
	cqe = (void *)(rings + p->cq_off.cqes);
	return cqe->res;
}

/* A socket and its connection made by the kernel, not by system calls. */
static int try_io_uring_connect(const struct probe_target *t)
{
	struct io_uring_params p1 = { .sq_entries = 0 }, p2 = p1;
	struct io_uring_sqe op = { .opcode = IORING_OP_SOCKET };
	struct sockaddr_storage ss;
	socklen_t len;
	int ring, fd, rc = target_addr(t, AF_INET, &ss, &len);

	if (rc)
		return rc;
	ring = (int)syscall(SYS_io_uring_setup, 4, &p1);
	if (ring < 0)
		return errno;
	op.fd = AF_INET;
	op.off = SOCK_STREAM;
	fd = uring_one(ring, &p1, &op);
	if (fd < 0)
		return -fd;
	memset(&op, 0, sizeof(op));
	op.opcode = IORING_OP_CONNECT;
	op.fd = fd;
	op.addr = (unsigned long)&ss;
	op.off = len;
	ring = (int)syscall(SYS_io_uring_setup, 4, &p2);
	if (ring < 0)
		return errno;
	rc = uring_one(ring, &p2, &op);
	return rc < 0 ? -rc : echo(fd);
}

static int try_descriptors(const struct probe_target *t)
{
	int fd;

	(void)t;
	for (fd = 3; fd < 4096; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 0;
	return EBADF;
}

const struct probe probe_net[] = {
	{ "tcp4", try_tcp4 },
	{ "tcp6", try_tcp6 },
	{ "udp4", try_udp4 },
	{ "udp6", try_udp6 },
	{ "fastopen4", try_fastopen4 },
	{ "ping4", try_ping4 },
	{ "ping6", try_ping6 },
	{ "icmp4-raw", try_icmp4 },
	{ "icmp6-raw", try_icmp6 },
	{ "raw", try_raw },
	{ "packet", try_packet },
	{ "multicast6", try_multicast6 },
	{ "broadcast4", try_broadcast4 },
	{ "linklocal6", try_linklocal6 },
	{ "vsock-host", try_vsock_host },
	{ "vsock-local", try_vsock_local },
	{ "families", try_families },
	{ "unix-abstract", try_abstract },
	{ "unix-path", try_unix_path },
	{ "io-uring", try_io_uring },
	{ "io-uring-connect", try_io_uring_connect },
	{ "descriptors", try_descriptors },
	{ NULL, NULL },
};
