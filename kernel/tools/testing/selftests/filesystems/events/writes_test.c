// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of a write, and the system calls: a write is one transaction,
 * whichever the call, and only the bytes of the grammar are special.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "control.h"
#include "filesystem.h"
#include "harness.h"
#include "refusal.h"

#define W "/mnt/w"
#define O "/mnt/o"

/* Limits of the interface. */
#define MAX_BYTES	65536
#define MAX_REQUESTS	1024

/* Always watched. */
#define WATCHED W " G\n" O " T 5\n"
#define LISTED W FSE_TMPFS "(G)\n" O FSE_TMPFS "(T 5)\n"

static char text[MAX_BYTES * 2];

FIXTURE(writes)
{
	struct fse_fs fs;
	struct fse_fs other;
	int fd;
};

FIXTURE_SETUP(writes)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->fs, "tmpfs", "w", 8, ""));
	ASSERT_EQ(0, fse_fs_make(&self->other, "tmpfs", "o", 8, ""));
	ASSERT_EQ(0, fse_config("%s", WATCHED));
	self->fd = open(FSE_DIR "/config", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(writes)
{
	close(self->fd);
	fse_config("\n");
	fse_fs_remove(&self->fs);
	fse_fs_remove(&self->other);
}

TEST_F(writes, nul_and_control_bytes_are_refused)
{
	static const struct {
		struct fse_bad bad;
		size_t len;
	} t[] = {
		{ { "\0", EINVAL, "\\000", "NUL byte" }, 1 },
		{ { "\n\0", EINVAL, "\\000", "NUL byte" }, 2 },
		{ { W " T 5\0", EINVAL, "\\000", "NUL byte" }, 11 },
		{ { W " T 5\n\0", EINVAL, "\\000", "NUL byte" }, 12 },
		{ { W " T\0005", EINVAL, "\\0005", "NUL byte" }, 10 },
		{ { W "\0 T 5", EINVAL, "\\000 T 5", "NUL byte" }, 11 },
		{ { W " T 5;\0 G", EINVAL, "\\000 G", "NUL byte" }, 14 },
		{ { "\0" W " T 5", EINVAL, "\\000" W " T 5", "NUL" }, 11 },
		{ { W " G\r", EINVAL, "G\\015", "unknown type" }, 9 },
		{ { W " T 5\r\n", EINVAL, "5\\015", "a number" }, 12 },
		{ { W "\v T 5", ENOENT, W "\\013 T 5", "no such path" }, 11 },
		{ { "\f", EINVAL, "\\014", "expected a path" }, 1 },
		{ { W " \x7fG", EINVAL, "\\177G", "unknown type" }, 9 },
		{ { W " G\xff", EINVAL, "G\\377", "unknown type" }, 9 },
		/*
		 * Valid UTF-8 is shown, terminal control characters are
		 * escaped.
		 */
		{ { W " T 5\xc2\xa0", EINVAL, "5\xc2\xa0", "number" }, 12 },
		{ { W " T 5\xc2\x9b", EINVAL, "5\\302\\233", "number" }, 12 },
		{ { "\xef\xbb\xbf" W " T 5", EINVAL,
		    "\xef\xbb\xbf" W " T 5", "expected a path" }, 13 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(t); i++)
		EXPECT_STREQ("", fse_refused(&t[i].bad, t[i].len));
}

TEST_F(writes, every_byte_value_is_refused_as_a_type)
{
	unsigned int c;

	for (c = 1; c < 256; c++) {
		/* Separators leave a request without a type. */
		char request[] = W " \0";

		request[strlen(W) + 1] = c;
		if (c != 'G')
			EXPECT_EQ(-EINVAL, fse_config("%s", request));
	}
	EXPECT_STREQ(LISTED, fse_read("config"));
}

TEST_F(writes, sixty_four_kib_and_no_more)
{
	static const struct fse_bad bad = {
		text, E2BIG, "X", "more than 64 KiB"
	};

	/* Blanks between words, newlines between requests. */
	memset(text, ' ', MAX_BYTES);
	memset(text + 20000, '\n', 20000);
	memcpy(text, W, strlen(W));
	memcpy(text + 10000, "T", 1);
	memcpy(text + 19999, "7", 1);
	memcpy(text + MAX_BYTES - strlen(O " T 6"), O " T 6", strlen(O " T 6"));
	EXPECT_EQ(0, fse_config_raw(text, MAX_BYTES));
	EXPECT_STREQ(W FSE_TMPFS "(G,T 7)\n" O FSE_TMPFS "(T 6)\n",
		     fse_read("config"));

	memset(text, '\n', MAX_BYTES);
	memcpy(text, W " T 3", strlen(W " T 3"));
	text[MAX_BYTES] = 'X';
	EXPECT_STREQ("", fse_refused(&bad, MAX_BYTES + 1));
	EXPECT_STREQ("", fse_refused(&bad, 2 * MAX_BYTES));
	/* Not even if the remaining bytes are blank, or all of them. */
	text[MAX_BYTES] = '\n';
	EXPECT_EQ(-E2BIG, fse_config_raw(text, MAX_BYTES + 1));
	memset(text, '\n', MAX_BYTES);
	EXPECT_EQ(-E2BIG, fse_config_raw(text, MAX_BYTES + 1));
	EXPECT_STREQ(W FSE_TMPFS "(G,T 7)\n" O FSE_TMPFS "(T 6)\n",
		     fse_read("config"));
}

TEST_F(writes, a_thousand_and_twenty_four_requests_and_no_more)
{
	static const struct fse_bad bad = {
		text, E2BIG, O " I 3", "more than 1024 requests"
	};
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < MAX_REQUESTS; i++)
		len += sprintf(text + len, W " T %u:9999%s", MAX_REQUESTS - i,
			       i & 1 ? ";\n" : "\n;");
	EXPECT_EQ(0, fse_config_raw(text, len));
	EXPECT_STREQ(W FSE_TMPFS "(G,T 1:9999)\n" O FSE_TMPFS "(T 5)\n",
		     fse_read("config"));
	len += sprintf(text + len, O " I 3");
	EXPECT_STREQ("", fse_refused(&bad, len));
}

/* Regression: a write was cut after 4,095 bytes, applying half a request. */
TEST_F(writes, more_than_a_page_applies_whole)
{
	static const size_t len[] = { 4090, 4095, 4096, 4097, 8192, 40000 };
	static const struct fse_bad bad = {
		text, EINVAL, "X", "unknown type"
	};
	char want[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(len); i++) {
		size_t last = len[i] - strlen("12345");

		memset(text, ' ', len[i]);
		memcpy(text, W " T 77;" O " T", strlen(W " T 77;" O " T"));
		memcpy(text + last, "12345", strlen("12345"));
		EXPECT_EQ(0, fse_config("\n"));
		EXPECT_EQ(0, fse_config_raw(text, len[i]));
		snprintf(want, sizeof(want), W FSE_TMPFS "(T 77)\n"
			 O FSE_TMPFS "(T 12345)\n");
		EXPECT_STREQ(want, fse_read("config"));

		/* An error at the end undoes all of it. */
		memcpy(text + last, "1   X", strlen("1   X"));
		text[strlen(W " T ")] = '6';
		EXPECT_STREQ("", fse_refused(&bad, len[i]));
		EXPECT_STREQ(want, fse_read("config"));
	}
}

TEST_F(writes, more_than_a_page_of_blanks_clears)
{
	memset(text, ' ', 50000);
	EXPECT_EQ(0, fse_config_raw(text, 50000));
	EXPECT_STREQ("", fse_read("config"));
}

/* Regression: this succeeded and removed all watches of the machine. */
TEST_F(writes, a_trailing_separator_wipes_nothing)
{
	EXPECT_EQ(0, fse_config(W " G T 700 300;"));
	EXPECT_STREQ(W FSE_TMPFS "(G,T 700 300)\n" O FSE_TMPFS "(T 5)\n",
		     fse_read("config"));
	EXPECT_EQ(0, fse_config("!" O ";\n;"));
	EXPECT_STREQ(W FSE_TMPFS "(G,T 700 300)\n", fse_read("config"));
	/* A separator alone is not a blank write. */
	EXPECT_EQ(0, fse_config(";"));
	EXPECT_EQ(0, fse_config(" ;\n;;\t"));
	EXPECT_STREQ(W FSE_TMPFS "(G,T 700 300)\n", fse_read("config"));
}

TEST_F(writes, only_blanks_clear_and_an_empty_write_does_nothing)
{
	static const char * const blank[] = { " ", "\n", "\t", "\n\t \t\n" };
	size_t i;

	EXPECT_EQ(0, write(self->fd, "", 0));
	EXPECT_EQ(0, fse_sh(": > " FSE_DIR "/config"));
	EXPECT_STREQ(LISTED, fse_read("config"));
	for (i = 0; i < ARRAY_SIZE(blank); i++) {
		EXPECT_EQ(0, fse_config("%s", WATCHED));
		EXPECT_EQ(0, fse_config("%s", blank[i]));
		EXPECT_STREQ("", fse_read("config"));
		EXPECT_EQ(0, fse_stat("watches"));
	}
}

TEST_F(writes, the_pieces_of_writev_are_one_write)
{
	char a[] = W " G:eno", b[] = "spc T 1", c[] = "2", d[] = ";" O " ";
	struct iovec iov[] = {
		{ a, strlen(a) }, { b, strlen(b) }, { NULL, 0 },
		{ c, strlen(c) }, { d, strlen(d) }, { c, strlen(c) },
	};

	/*
	 * Without the last piece the write would be valid; with it, it is not.
	 */
	EXPECT_EQ(-1, writev(self->fd, iov, ARRAY_SIZE(iov)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_STREQ("2", fse_last_word());
	EXPECT_STREQ(LISTED, fse_read("config"));
	iov[4].iov_len = 1;
	iov[5].iov_len = 0;
	EXPECT_EQ(strlen(W " G:enospc T 12;"),
		  writev(self->fd, iov, ARRAY_SIZE(iov)));
	EXPECT_STREQ(W FSE_TMPFS "(G:enospc,T 12)\n" O FSE_TMPFS "(T 5)\n",
		     fse_read("config"));
	/* Blank pieces of a write that is not blank. */
	memset(a, '\n', strlen(a));
	memset(b, ' ', strlen(b));
	EXPECT_EQ(-1, writev(self->fd, iov, 4));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(2, fse_watches());
}

TEST_F(writes, a_bad_address_changes_nothing)
{
	char good[] = W " T 9;";
	struct iovec iov[] = { { good, strlen(good) }, { (void *)8, 100 } };

	EXPECT_EQ(-1, writev(self->fd, iov + 1, 1));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, writev(self->fd, iov, 2));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_STREQ(LISTED, fse_read("config"));
}

TEST_F(writes, the_position_does_not_matter)
{
	int fd;

	EXPECT_EQ(10, pwrite(self->fd, W " T 1", 10, 0));
	EXPECT_STREQ(W FSE_TMPFS "(G,T 1)", fse_listed(W));
	EXPECT_EQ(10, pwrite(self->fd, W " T 2", 10, 5000));
	EXPECT_STREQ(W FSE_TMPFS "(G,T 2)", fse_listed(W));
	EXPECT_EQ(300, lseek(self->fd, 300, SEEK_SET));
	EXPECT_EQ(10, write(self->fd, W " T 3", 10));
	EXPECT_STREQ(W FSE_TMPFS "(G,T 3)", fse_listed(W));
	/* Two writes are separate: the second doesn't continue the first. */
	EXPECT_EQ(10, write(self->fd, W " T 4", 10));
	EXPECT_EQ(-1, write(self->fd, "5", 1));
	EXPECT_STREQ(W FSE_TMPFS "(G,T 4)", fse_listed(W));

	fd = open(FSE_DIR "/config", O_WRONLY | O_APPEND | O_TRUNC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(2, fse_watches());
	EXPECT_EQ(10, write(fd, W " T 6", 10));
	EXPECT_STREQ(W FSE_TMPFS "(G,T 6)", fse_listed(W));
	close(fd);
}

TEST_HARNESS_MAIN
