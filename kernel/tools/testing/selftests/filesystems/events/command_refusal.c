// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink commands that are refused: errno, message, and attribute at fault.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command_refusal.h"

unsigned int fse_at;

void fse_here(const struct nlmsghdr *nlh)
{
	fse_at = nlh->nlmsg_len;
}

void fse_put_watched(struct nlmsghdr *nlh)
{
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, FSE_WATCHED);
}

void fse_put_good_level(struct nlmsghdr *nlh, __u32 kind, __u64 trigger,
			__u32 unit)
{
	fse_end_level(nlh, fse_put_level(nlh, kind, trigger, unit));
}

static int as_it_was(void)
{
	const char *config = fse_read("config");

	if (!strcmp(config, FSE_LISTED))
		return 0;
	printf("# config is %s", config);
	return -EINVAL;
}

int fse_refusals_begin(struct fse_refusals *r)
{
	return fse_begin(&r->w, "tmpfs", 8, "", "") ?:
	       fse_listen_to(&r->c, NULL) ?: fse_config("%s", FSE_REQUEST) ?:
	       as_it_was();
}

int fse_refusals_end(struct fse_refusals *r)
{
	int err = as_it_was();

	fse_unlisten(&r->c);
	fse_end(&r->w);
	return err;
}

unsigned int fse_not_refused(struct fse_refusals *r,
			     const struct fse_bad_command *bad,
			     unsigned int nr)
{
	unsigned int i, wrong = 0;
	struct fse_answer a;
	struct nlmsghdr *nlh;

	for (i = 0; i < nr; i++) {
		nlh = fse_command(&r->c, bad[i].cmd);
		fse_at = 0;
		bad[i].build(nlh);
		fse_run(&r->c, nlh, &a, NULL);
		/* For the kernel's own messages, a part is enough. */
		if (a.err == -bad[i].err && strstr(a.why, bad[i].why) &&
		    a.offset == fse_at && a.missing == bad[i].missing)
			continue;
		printf("# %s: %d, \"%s\" at %u, missing %u\n", bad[i].name,
		       a.err, a.why, a.offset, a.missing);
		wrong++;
	}
	return wrong;
}
