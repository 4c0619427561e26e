// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink commands with failing allocations: whichever fails, the command is
 * refused and changes nothing, or is carried out. If the reply's allocation
 * fails, the sender gets ENOBUFS.
 */
#include <errno.h>
#include <string.h>

#include "command.h"
#include "control.h"
#include "harness.h"
#include "nomem.h"
#include "watched.h"

#define W	FSE_MNT "/watched"

FIXTURE(nomem_commands)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(nomem_commands)
{
	const char *before;
	int (*run)(struct fse_listener *c);
	const char *after;
};

static int set(struct fse_listener *c)
{
	static struct fse_facts facts;
	struct nlmsghdr *nlh = fse_command(c, FS_NL_C_ENTRY_SET);
	int err;

	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, W);
	fse_end_level(nlh, fse_put_level(nlh, FS_NL_KIND_SPACE, 10,
					 FS_NL_UNIT_PERCENT));
	fse_end_level(nlh, fse_put_level(nlh, FS_NL_KIND_INODES, 5, 0));
	err = fse_run(c, nlh, NULL, &facts);
	if (err)
		return err;
	return fse_has_fact(&facts, FS_NL_ENTRY_A_ID) &&
	       fse_has_fact(&facts, FS_NL_ENTRY_A_GENERATION) ? 0 : -ENODATA;
}

static int del(struct fse_listener *c)
{
	return fse_del(c, W);
}

static int del_levels(struct fse_listener *c)
{
	struct nlmsghdr *nlh = fse_command(c, FS_NL_C_ENTRY_DEL);

	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, W);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_TYPES, FS_NL_TYPES_SPACE);
	return fse_run(c, nlh, NULL, NULL);
}

static int get(struct fse_listener *c)
{
	static struct fse_facts facts;
	int err = fse_get(c, W, &facts);

	return err ?: strcmp(W, facts.mount) ? -ENODATA : 0;
}

static int dump(struct fse_listener *c)
{
	static struct fse_facts facts;
	int n = fse_dump_find(c, W, &facts, NULL);

	if (n < 0)
		return n;
	return n == 1 && facts.nr_level == 1 ? 0 : -ENODATA;
}

static int stats(struct fse_listener *c)
{
	__u64 number[FS_NL_STATS_A_MAX + 1];
	__u32 has = 0;
	int err;

	err = fse_run_numbers(c, fse_command(c, FS_NL_C_STATS_GET), NULL,
			      number, &has);
	if (err)
		return err;
	return has & 1U << FS_NL_STATS_A_WATCHES &&
	       number[FS_NL_STATS_A_WATCHES] == 1 ? 0 : -ENODATA;
}

/* clang-format off */
FIXTURE_VARIANT_ADD(nomem_commands, set_new) {
	"", set, W FSE_TMPFS "(T 10%,I 5)\n" };
FIXTURE_VARIANT_ADD(nomem_commands, set_old) {
	W " G T 20%", set, W FSE_TMPFS "(G,T 10%,I 5)\n" };
FIXTURE_VARIANT_ADD(nomem_commands, del) {
	W " G T 20%", del, "" };
FIXTURE_VARIANT_ADD(nomem_commands, del_levels) {
	W " G T 20%", del_levels, W FSE_TMPFS "(G)\n" };
FIXTURE_VARIANT_ADD(nomem_commands, get) {
	W " G T 20%", get, NULL };
FIXTURE_VARIANT_ADD(nomem_commands, dump) {
	W " G T 20%", dump, NULL };
FIXTURE_VARIANT_ADD(nomem_commands, stats) {
	W " G T 20%", stats, NULL };
/* clang-format on */

FIXTURE_SETUP(nomem_commands)
{
	if (!fse_nomem_begin())
		SKIP(return, FSE_NO_FAULTS);
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 8, "", ""));
}

FIXTURE_TEARDOWN(nomem_commands)
{
	fse_nomem_end();
	fse_end(&self->w);
}

/* Ignores messages that a failed command left on its socket. */
struct command {
	struct fse_listener c;
	int (*run)(struct fse_listener *c);
};

static int connect_anew(void *arg)
{
	struct command *cmd = arg;

	fse_unlisten(&cmd->c);
	return fse_listen_to(&cmd->c, NULL);
}

static int run(void *arg)
{
	struct command *cmd = arg;

	return cmd->run(&cmd->c);
}

TEST_F(nomem_commands, whole_or_not_at_all)
{
	struct command cmd = { .run = variant->run };
	const struct fse_trial t = {
		.before = variant->before,
		.after = variant->after,
		.ready = connect_anew,
		.act = run,
		.arg = &cmd,
	};

	/* At least the message and the reply. */
	EXPECT_LE(2, fse_trial_run(&t));
	fse_unlisten(&cmd.c);
}

TEST_HARNESS_MAIN
