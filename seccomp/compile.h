/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp/compile.h - from a spec to a BPF program (libseccomp) */
#ifndef SECCOMP_COMPILE_H
#define SECCOMP_COMPILE_H

#include <linux/filter.h>
#include <stdint.h>

#include "base/fault.h"
#include "seccomp/policy.h"

struct seccomp_program {
	struct sock_filter *insns;
	unsigned short len; /* instructions */
};

/* What else than spec and tables decides the program's bytes. */
struct seccomp_compiler {
	uint32_t major, minor, micro; /* of libseccomp at run time */
	uint32_t arch;                /* AUDIT_ARCH_* of this process */
};

/**
 * seccomp_compile() - compile @spec with the policy tables
 * @spec: groups and families that exist, else -EINVAL
 * @prog: set on success; free it with seccomp_program_free()
 * @f: says what failed
 *
 * Takes milliseconds: seccomp_get() keeps the result.
 *
 * Return: 0 or -errno (-ENOTSUP: the tables are not for this architecture).
 */
int seccomp_compile(const struct seccomp_spec *spec,
		    struct seccomp_program *prog, struct fault *f);

/**
 * seccomp_compiler_get() - which libseccomp this is; initialises nothing
 */
void seccomp_compiler_get(struct seccomp_compiler *c);

/**
 * seccomp_program_free() - free and make it empty; fine on an empty one
 */
void seccomp_program_free(struct seccomp_program *prog);

#endif
