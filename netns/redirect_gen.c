/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netns/redirect_gen.c - writes the rules of transparent mode, at build time */
/*
 * DOC: Theory of Operation
 *
 * The rules are messages to the kernel (nfnetlink) that are the same on every
 * launch, so a launch sends bytes that were made here; tests/data/redirect.nft
 * is what nft(8) makes of them.
 *
 * One chain decides about all that comes in, before routing does: what is for
 * other addresses has no route and would be dropped without a word, so that
 * programs wait for nothing. It comes after the redirection, which only sees
 * the first packet of each connection; `ct status dnat` is what that one took
 * in, and the way to the two redirected ports without it is closed. A reset in
 * answer to a packet that belongs to no state (`invalid`) could end a
 * connection that is alive, so these are dropped.
 *
 * Connections are tracked in G (and nowhere else): the kernel bounds how many
 * by netns, and what is over that is dropped (net.netfilter.nf_conntrack_max).
 *
 * No rule names an interface: in G there is one, beside a loopback that is
 * down. Nothing is forwarded, ip_forward is 0 and the chain drops. What the
 * gateway itself sends is answers; it has no way to send more. IPv6 is off
 * (netns_harden()); should it ever come on, its chains drop all.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <libnftnl/batch.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>

#include "base/attr.h"
#include "netns/redirect.h"

#define TABLE "isolate"
#define DNS_PORT 53

/* Of the destination's port in the headers of both TCP and UDP. */
#define PORT_OFFSET 2

static struct nftnl_expr *add(struct nftnl_rule *r, const char *kind)
{
	struct nftnl_expr *e = nftnl_expr_alloc(kind);

	if (!e)
		errx(1, "%s: no such expression", kind);
	nftnl_rule_add_expr(r, e);
	return e;
}

static void compare(struct nftnl_rule *r, uint32_t op, const void *data,
		    uint32_t len)
{
	struct nftnl_expr *e = add(r, "cmp");

	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, len);
}

static void match_payload(struct nftnl_rule *r, uint32_t base, uint32_t offset,
			  uint32_t op, const void *data, uint32_t len)
{
	struct nftnl_expr *e = add(r, "payload");

	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	compare(r, op, data, len);
}

static void match_protocol(struct nftnl_rule *r, uint8_t protocol)
{
	struct nftnl_expr *e = add(r, "meta");

	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_L4PROTO);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
	compare(r, NFT_CMP_EQ, &protocol, sizeof(protocol));
}

static void match_port(struct nftnl_rule *r, uint32_t op, uint16_t port)
{
	port = htons(port);
	match_payload(r, NFT_PAYLOAD_TRANSPORT_HEADER, PORT_OFFSET, op, &port,
		      sizeof(port));
}

static void match_gateway(struct nftnl_rule *r, uint32_t op)
{
	struct in_addr gateway;

	if (inet_pton(AF_INET, REDIRECT_GATEWAY, &gateway) != 1)
		errx(1, "%s: no address", REDIRECT_GATEWAY);
	match_payload(r, NFT_PAYLOAD_NETWORK_HEADER,
		      offsetof(struct iphdr, daddr), op, &gateway,
		      sizeof(gateway));
}

/* Is any of @bits set? */
static void match_ct(struct nftnl_rule *r, uint32_t key, uint32_t bits)
{
	struct nftnl_expr *e = add(r, "ct");
	const uint32_t zero = 0;

	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
	e = add(r, "bitwise");
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, sizeof(bits));
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, &bits, sizeof(bits));
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, &zero, sizeof(zero));
	compare(r, NFT_CMP_NEQ, &zero, sizeof(zero));
}

static void redirect_to(struct nftnl_rule *r, uint16_t port)
{
	struct nftnl_expr *e = add(r, "immediate");

	port = htons(port);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, &port, sizeof(port));
	e = add(r, "redir");
	nftnl_expr_set_u32(e, NFTNL_EXPR_REDIR_REG_PROTO_MIN, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_REDIR_FLAGS,
			   NF_NAT_RANGE_PROTO_SPECIFIED);
}

static void verdict(struct nftnl_rule *r, uint32_t what)
{
	struct nftnl_expr *e = add(r, "immediate");

	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, what);
}

static void reject(struct nftnl_rule *r, uint32_t type, uint8_t code)
{
	struct nftnl_expr *e = add(r, "reject");

	nftnl_expr_set_u32(e, NFTNL_EXPR_REJECT_TYPE, type);
	nftnl_expr_set_u8(e, NFTNL_EXPR_REJECT_CODE, code);
}

static void take_dns(struct nftnl_rule *r, uint8_t protocol)
{
	match_protocol(r, protocol);
	match_port(r, NFT_CMP_EQ, DNS_PORT);
	redirect_to(r, REDIRECT_DNS_PORT);
}

static void take_udp_dns(struct nftnl_rule *r)
{
	take_dns(r, IPPROTO_UDP);
}

static void take_tcp_dns(struct nftnl_rule *r)
{
	take_dns(r, IPPROTO_TCP);
}

static void take_tcp(struct nftnl_rule *r)
{
	match_gateway(r, NFT_CMP_NEQ);
	match_protocol(r, IPPROTO_TCP);
	redirect_to(r, REDIRECT_TCP_PORT);
}

static void accept_taken(struct nftnl_rule *r)
{
	match_ct(r, NFT_CT_STATUS, IPS_DST_NAT);
	verdict(r, NF_ACCEPT);
}

static void accept_listeners(struct nftnl_rule *r)
{
	match_gateway(r, NFT_CMP_EQ);
	match_protocol(r, IPPROTO_TCP);
	match_port(r, NFT_CMP_NEQ, REDIRECT_TCP_PORT);
	match_port(r, NFT_CMP_NEQ, REDIRECT_DNS_PORT);
	verdict(r, NF_ACCEPT);
}

static void drop_invalid(struct nftnl_rule *r)
{
	match_ct(r, NFT_CT_STATE, NF_CT_STATE_INVALID_BIT);
	verdict(r, NF_DROP);
}

static void reject_tcp(struct nftnl_rule *r)
{
	match_protocol(r, IPPROTO_TCP);
	reject(r, NFT_REJECT_TCP_RST, 0);
}

static void reject_all(struct nftnl_rule *r)
{
	reject(r, NFT_REJECT_ICMP_UNREACH, ICMP_PKT_FILTERED);
}

/* What one message makes: a table, a base chain or a rule. */
struct row {
	const char *chain;  /* NULL: the table */
	const char *type;   /* NULL: a rule of @chain, by @fill */
	const char *module; /* of the kernel, where @fill or the type is */
	uint32_t hook;
	int32_t priority;
	uint32_t policy;
	void (*fill)(struct nftnl_rule *r);
};

static const struct row ip6[] = {
	{ .module = "nf_tables" },
	{ "arrive", "filter", "nf_tables", NF_INET_PRE_ROUTING, NF_IP6_PRI_RAW,
	  NF_DROP, NULL },
	{ "leave", "filter", "nf_tables", NF_INET_LOCAL_OUT, NF_IP6_PRI_RAW,
	  NF_DROP, NULL },
};

static const struct row ip[] = {
	{ .module = "nf_tables" },
	{ "dstnat", "nat", "nft_chain_nat", NF_INET_PRE_ROUTING,
	  NF_IP_PRI_NAT_DST, NF_ACCEPT, NULL },
	{ "dstnat", .module = "nft_redir", .fill = take_udp_dns },
	{ "dstnat", .module = "nft_redir", .fill = take_tcp_dns },
	{ "dstnat", .module = "nft_redir", .fill = take_tcp },
	{ "arrive", "filter", "nf_tables", NF_INET_PRE_ROUTING,
	  NF_IP_PRI_FILTER, NF_DROP, NULL },
	{ "arrive", .module = "nft_ct", .fill = accept_taken },
	{ "arrive", .module = "nf_tables", .fill = accept_listeners },
	{ "arrive", .module = "nft_ct", .fill = drop_invalid },
	{ "arrive", .module = "nft_reject_ipv4", .fill = reject_tcp },
	{ "arrive", .module = "nft_reject_ipv4", .fill = reject_all },
	{ "forward", "filter", "nf_tables", NF_INET_FORWARD, NF_IP_PRI_FILTER,
	  NF_DROP, NULL },
};

static void put_table(struct nlmsghdr *nlh, uint32_t family)
{
	struct nftnl_table *t = nftnl_table_alloc();

	if (!t)
		err(1, "a table");
	nftnl_table_set_u32(t, NFTNL_TABLE_FAMILY, family);
	nftnl_table_set_str(t, NFTNL_TABLE_NAME, TABLE);
	nftnl_table_nlmsg_build_payload(nlh, t);
	nftnl_table_free(t);
}

static void put_chain(struct nlmsghdr *nlh, uint32_t family,
		      const struct row *row)
{
	struct nftnl_chain *c = nftnl_chain_alloc();

	if (!c)
		err(1, "a chain");
	nftnl_chain_set_u32(c, NFTNL_CHAIN_FAMILY, family);
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, TABLE);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, row->chain);
	nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, row->type);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, row->hook);
	nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, row->priority);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, row->policy);
	nftnl_chain_nlmsg_build_payload(nlh, c);
	nftnl_chain_free(c);
}

static void put_rule(struct nlmsghdr *nlh, uint32_t family,
		     const struct row *row)
{
	struct nftnl_rule *r = nftnl_rule_alloc();

	if (!r)
		err(1, "a rule");
	nftnl_rule_set_u32(r, NFTNL_RULE_FAMILY, family);
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, TABLE);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, row->chain);
	row->fill(r);
	nftnl_rule_nlmsg_build_payload(nlh, r);
	nftnl_rule_free(r);
}

static void print_bytes(const char *name, const void *bytes, size_t len)
{
	printf("static const unsigned char redirect_%s[] = {", name);
	for (size_t i = 0; i < len; i++)
		printf("%s0x%02x,", i % 12 ? " " : "\n\t",
		       ((const unsigned char *)bytes)[i]);
	printf("\n};\n");
}

/* A message's number is the place of its row in redirect_rows[]. */
static uint32_t sequence;

static void print_part(const char *name, uint32_t family,
		       const struct row *rows, size_t n)
{
	static char bytes[65536];
	struct nlmsghdr *nlh;
	size_t used = 0;

	/* libmnl leaves what it pads with as it is */
	memset(bytes, 0, sizeof(bytes));
	for (size_t i = 0; i < n; i++) {
		uint16_t type = !rows[i].chain ? NFT_MSG_NEWTABLE
				: rows[i].type ? NFT_MSG_NEWCHAIN
					       : NFT_MSG_NEWRULE;
		uint16_t flags = NLM_F_CREATE;

		/* rules in the order of their rows */
		if (type == NFT_MSG_NEWRULE)
			flags |= NLM_F_APPEND;
		nlh = nftnl_nlmsg_build_hdr(bytes + used, type,
					    (uint16_t)family, flags,
					    sequence++);
		if (type == NFT_MSG_NEWTABLE)
			put_table(nlh, family);
		else if (type == NFT_MSG_NEWCHAIN)
			put_chain(nlh, family, &rows[i]);
		else
			put_rule(nlh, family, &rows[i]);
		/* the last one is answered, and so all are */
		if (rows == ip && i == n - 1)
			nlh->nlmsg_flags |= NLM_F_ACK;
		used += NLMSG_ALIGN(nlh->nlmsg_len);
	}
	print_bytes(name, bytes, used);
}

static void print_end(const char *name,
		      struct nlmsghdr *(*build)(char *, uint32_t))
{
	char bytes[256] = "";
	struct nlmsghdr *nlh = build(bytes, sequence++);

	print_bytes(name, bytes, NLMSG_ALIGN(nlh->nlmsg_len));
}

static void print_rows(const char *family, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("\t{ \"%s %s%s%s\", \"%s\" },\n",
		       rows[i].fill   ? "a rule of chain"
		       : rows[i].type ? "chain"
				      : "table",
		       family, rows[i].chain ? " " : "",
		       rows[i].chain ? rows[i].chain : "", rows[i].module);
}

int main(void)
{
	print_end("begin", nftnl_batch_begin);
	print_part("ip6", NFPROTO_IPV6, ip6, ARRAY_SIZE(ip6));
	print_part("ip", NFPROTO_IPV4, ip, ARRAY_SIZE(ip));
	print_end("end", nftnl_batch_end);
	printf("static const struct {\n\tconst char *what, *module;\n"
	       "} redirect_rows[] = {\n\t{ \"the batch\", \"nf_tables\" },\n");
	print_rows("ip6", ip6, ARRAY_SIZE(ip6));
	print_rows("ip", ip, ARRAY_SIZE(ip));
	printf("};\n");
	if (fflush(stdout) != 0)
		err(1, "cannot write");
	return 0;
}
