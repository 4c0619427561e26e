/* SPDX-License-Identifier: GPL-2.0-only */
/* A sample of the space budget as account.c takes it, for tests. */
#ifndef _TESTS_UNIT_BUDGET_CPUS_H
#define _TESTS_UNIT_BUDGET_CPUS_H

#include "budget.h"

#define CPUS_MAX	64
#define ALL_ONLINE	U64_MAX

static inline void sample_begins(struct fse_budget_cpu *cpu, unsigned int cpus)
{
	unsigned int i;

	for (i = 0; i < cpus; i++)
		fse_budget_see(&cpu[i]);
}

static inline unsigned int nr_online(u64 online, unsigned int cpus)
{
	unsigned int i, nr = 0;

	for (i = 0; i < cpus; i++)
		nr += online >> i & 1;
	return nr;
}

/* Return: another sample is due. */
static inline bool sample_ends(struct fse_budget *b, struct fse_budget_cpu *cpu,
			       unsigned int cpus, u64 online, u64 down, u64 up)
{
	unsigned int i, nr = nr_online(online, cpus);
	bool spent = false;

	fse_budget_share(b, FSE_WAY_DOWN, down, nr);
	fse_budget_share(b, FSE_WAY_UP, up, nr);
	for (i = 0; i < cpus; i++)
		spent |= fse_budget_give(b, &cpu[i], online >> i & 1);
	return spent;
}

/* All blocks that a CPU ever moved. */
static inline unsigned long moved(const struct fse_budget_cpu *c,
				  enum fse_way way)
{
	return c->due[way] + atomic_long_read(&c->past[way]);
}

#endif /* _TESTS_UNIT_BUDGET_CPUS_H */
