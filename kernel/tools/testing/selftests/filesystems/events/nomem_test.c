// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of fstrace with failing allocations: whichever fails, a request is
 * refused and changes nothing, or is carried out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control.h"
#include "harness.h"
#include "nomem.h"
#include "process.h"
#include "stream.h"
#include "watched.h"

#define W	FSE_MNT "/watched"
#define O	FSE_MNT "/other"
#define INNER	FSE_MNT "/inner"

/* All tests use both file systems. */
static int make_both(struct fse_watched *w, struct fse_fs *other)
{
	return fse_begin(w, "tmpfs", 8, "", "") ?:
	       fse_fs_make(other, "tmpfs", "other", 8, "");
}

/* --- writes --------------------------------------------------------------- */

FIXTURE(writes)
{
	struct fse_watched w;
	struct fse_fs other;
	int fd;
};

FIXTURE_VARIANT(writes)
{
	const char *before;
	const char *text;
	const char *after;
	/*
	 * Allocations that the request needs. The actual number is higher:
	 * unrelated ones may fail as well.
	 */
	int least;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(writes, make) {
	"", W " G T 10% I 5", W FSE_TMPFS "(G,T 10%,I 5)\n", 8 };
FIXTURE_VARIANT_ADD(writes, change) {
	W " G T 10% I 5", W " T 20%:30% 5%", W FSE_TMPFS "(G,T 20%:30% 5%,I 5)\n", 6 };
FIXTURE_VARIANT_ADD(writes, remove) {
	W " G T 10%", "!" W, "", 1 };
FIXTURE_VARIANT_ADD(writes, remove_a_type) {
	W " G T 10%", "!" W " G", W FSE_TMPFS "(T 10%)\n", 1 };
FIXTURE_VARIANT_ADD(writes, several) {
	W " T 10%\n" O " I 5", W " T 5%;" O " G;!" O ";" O " I 7",
	W FSE_TMPFS "(T 5%)\n" O FSE_TMPFS "(I 7)\n", 18 };
FIXTURE_VARIANT_ADD(writes, one_goes_another_comes) {
	W " T 10%", "!" W ";" O " G", O FSE_TMPFS "(G)\n", 6 };
FIXTURE_VARIANT_ADD(writes, clear) {
	W " T 10%\n" O " G", "\n", "", 1 };
/* clang-format on */

FIXTURE_SETUP(writes)
{
	if (!fse_nomem_begin())
		SKIP(return, FSE_NO_FAULTS);
	ASSERT_EQ(0, make_both(&self->w, &self->other));
	self->fd = open(FSE_DIR "/config", O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(writes)
{
	fse_nomem_end();
	close(self->fd);
	fse_fs_remove(&self->other);
	fse_end(&self->w);
}

struct text {
	const char *text;
	int fd;
};

static int write_text(void *arg)
{
	const struct text *t = arg;
	ssize_t len = strlen(t->text);

	return write(t->fd, t->text, len) == len ? 0 : -errno;
}

TEST_F(writes, whole_or_not_at_all)
{
	struct text text = { .text = variant->text, .fd = self->fd };
	const struct fse_trial t = {
		.before = variant->before,
		.after = variant->after,
		.act = write_text,
		.arg = &text,
	};

	EXPECT_LE(variant->least, fse_trial_run(&t));
}

/* --- the state of levels -------------------------------------------------- */

FIXTURE(nomem)
{
	struct fse_watched w;
	struct fse_fs other;
};

FIXTURE_SETUP(nomem)
{
	if (!fse_nomem_begin())
		SKIP(return, FSE_NO_FAULTS);
	ASSERT_EQ(0, make_both(&self->w, &self->other));
}

FIXTURE_TEARDOWN(nomem)
{
	fse_nomem_end();
	fse_fs_remove(&self->other);
	fse_end(&self->w);
}

/* State survives writes, both failed and successful. */
TEST_F(nomem, levels_keep_their_state)
{
	struct text text = { .text = W " T 1500 500" };
	unsigned int nth = 0, failed = 0;
	bool refused;

	ASSERT_EQ(0, fse_watch(&self->w, "T 1500"));
	ASSERT_EQ(0, fse_leave(&self->w, 1000));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	text.fd = open(FSE_DIR "/config", O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, text.fd);
	do {
		ASSERT_EQ(0, fse_nomem_nth(++nth));
		failed += !!write_text(&text);
		refused = fse_nomem_reached();
		ASSERT_EQ(0, fse_config(W " T 1500"));
	} while (refused);
	close(text.fd);
	EXPECT_LT(0, failed);
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 1800));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event_now(&self->w));
	EXPECT_EQ(1, self->w.ev.count);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* --- reading -------------------------------------------------------------- */

static int read_file(void *name)
{
	char path[64], buf[4096];
	int fd, err = 0;
	ssize_t n;

	snprintf(path, sizeof(path), FSE_DIR "/%s", (char *)name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, sizeof(buf));
	if (n <= 0)
		err = n ? -errno : -ENODATA;
	close(fd);
	return err;
}

TEST_F(nomem, reading)
{
	struct fse_trial t = { .before = W " G T 10%", .act = read_file };

	t.arg = "config";
	EXPECT_LE(1, fse_trial_run(&t));
	t.arg = "stats";
	EXPECT_LE(1, fse_trial_run(&t));
	EXPECT_EQ(-EINVAL, fse_config("nonsense"));
	t.arg = "error_log";
	EXPECT_LE(1, fse_trial_run(&t));
}

/* --- the stream ----------------------------------------------------------- */

static int open_events(void *arg)
{
	int *fd = arg;

	*fd = fse_stream_open(O_NONBLOCK);
	return *fd < 0 ? *fd : 0;
}

static int close_events(void *arg)
{
	int *fd = arg;

	return close(*fd) ? -errno : 0;
}

/* An opened stream delivers events. */
static int close_that_tells(void *fd)
{
	static unsigned int level;
	const char *line;

	/* This level is crossed when it is set. */
	if (fse_config(W " T %uG", ++level))
		return -EIO;
	line = fse_stream_line(*(int *)fd);
	if (strcmp(fse_field(line, "event"), "thr_lrbelow"))
		return -ENODATA;
	return close_events(fd);
}

TEST_F(nomem, opening_a_stream)
{
	int fd;
	const struct fse_trial t = {
		.before = W " G",
		.act = open_events,
		.undo = close_that_tells,
		.arg = &fd,
	};

	EXPECT_LE(1, fse_trial_run(&t));
}

/* After a failed write the file has no watch. */
static int open_to_ask(void *arg)
{
	struct text *t = arg;

	if (t->fd >= 0 && (fse_stat("watches") != 1 || close(t->fd)))
		return -EEXIST;
	t->fd = fse_private_open(O_NONBLOCK);
	return t->fd < 0 ? t->fd : 0;
}

/* The first line must be the event, not a refusal. */
static int close_private(void *arg)
{
	struct text *t = arg;
	const char *line = fse_stream_line(t->fd);

	if (strcmp(fse_field(line, "event"), "thr_lrbelow") ||
	    fse_number(line, "seq") != 1 || close(t->fd))
		return -ENODATA;
	t->fd = -1;
	return 0;
}

TEST_F(nomem, first_private_write)
{
	struct text text = { .text = W " T 1T", .fd = -1 };
	const struct fse_trial t = {
		.before = O " G",
		.ready = open_to_ask,
		.act = write_text,
		.undo = close_private,
		.arg = &text,
	};

	EXPECT_LE(1, fse_trial_run(&t));
	EXPECT_EQ(1, fse_stat("watches"));
}

/* --- mounting ------------------------------------------------------------- */

static int mount_inner(void *arg)
{
	(void)arg;
	return mount("none", INNER, "fstrace", 0, "mode=0700") ? -errno : 0;
}

static int umount_inner(void *arg)
{
	(void)arg;
	if (access(INNER "/stats", F_OK))
		return -errno;
	return umount2(INNER, 0) ? -errno : 0;
}

static const struct fse_trial mounting = {
	.before = "",
	.act = mount_inner,
	.undo = umount_inner,
};

TEST_F(nomem, mounting)
{
	ASSERT_EQ(0, mkdir(INNER, 0755));
	EXPECT_LE(1, fse_trial_run(&mounting));
	ASSERT_EQ(0, rmdir(INNER));
}

/* A user namespace's first mount also allocates its log and counters. */
static int mount_in_container(void *arg)
{
	unsigned int nth = 0, failed = 0;
	bool refused;
	int err;

	do {
		if (fse_nomem_nth(++nth))
			return 1;
		err = mount_inner(arg);
		refused = fse_nomem_reached();
		if (err && (err != -ENOMEM || !refused))
			return 2;
		failed += !!err;
		if (!err && umount_inner(arg))
			return 3;
	} while (refused);
	return failed ? 0 : 4;
}

TEST_F(nomem, mounting_in_a_user_namespace)
{
	ASSERT_EQ(0, mkdir(INNER, 0755));
	EXPECT_EQ(0, fse_container(FSE_NOBODY, mount_in_container, NULL));
	ASSERT_EQ(0, rmdir(INNER));
}

TEST_HARNESS_MAIN
