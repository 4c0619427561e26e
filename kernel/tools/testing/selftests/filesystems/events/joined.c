// SPDX-License-Identifier: GPL-2.0-only
/* File systems that account for their space. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "control.h"
#include "joined.h"

#define MIB	67108864	/* 64 TiB */

bool fse_joined_there(void)
{
	return !fse_sh("modprobe -q " FSE_TESTFS);
}

int fse_joined_begin(struct fse_watched *w, unsigned int cap,
		     unsigned int flags)
{
	char options[64];

	snprintf(options, sizeof(options), "-o cap=%u,flags=%u", cap, flags);
	return fse_begin(w, FSE_TESTFS, MIB, "", options);
}

void fse_joined_end(struct fse_watched *w)
{
	if (w->l.nl)
		fse_end(w);
	fse_sh("modprobe -qr " FSE_TESTFS);
}

__u64 fse_watch_far(struct fse_watched *w)
{
	__u64 level = fse_avail(&w->fs) - FSE_FAR;

	if (fse_watch(w, "T %llu", level) || !fse_sampled("%s", w->request))
		return 0;
	return level;
}

int fse_run_on(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

int fse_move(unsigned int who, void *mover)
{
	struct fse_mover *m = mover;
	unsigned int i;

	if (!m->anywhere && fse_run_on(who % sysconf(_SC_NPROCESSORS_ONLN)))
		return 1;
	for (i = 0; i < m->moves; i++) {
		if (fse_tell(m->fs, "alloc %u", m->blocks) ||
		    fse_tell(m->fs, "free %u", m->blocks))
			return 2;
	}
	return 0;
}
