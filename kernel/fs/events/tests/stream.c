// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text streams: content of a line, reads of any size, and lost records.
 */
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "../grammar.h"
#include "../internal.h"
#include "tests.h"

#define BUFFER	(4 * FSE_LINE_MAX)

/* Output of make_reader() for "/a b" and "/dev/x". */
#define HEAD(seq, event) "seq=" seq " time=5.000006 event=" event \
	" dev=7:3 mount=/a\\040b fstype=ext4 source=/dev/x"
#define TAIL " pid=0 count=2 entry=9 fsid=0000000000001234"

struct reader {
	struct kunit *test;
	struct fse_stream *s;
	struct fse_record r;
	char *buf;
};

static struct reader *make_reader(struct kunit *test, const char *mount,
				  const char *source)
{
	struct reader *reader = kunit_kzalloc(test, sizeof(*reader),
					      GFP_KERNEL);
	struct fse_record *r = &reader->r;

	KUNIT_ASSERT_NOT_NULL(test, reader);
	reader->test = test;
	reader->s = fse_stream_alloc(&fse_init_owner);
	reader->buf = kunit_kzalloc(test, BUFFER, GFP_KERNEL);
	r->identity = fse_identity_alloc(kstrdup("ext4", GFP_KERNEL),
					 kstrdup(source, GFP_KERNEL));
	r->mount = fse_string_alloc(mount, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, reader->s);
	KUNIT_ASSERT_NOT_NULL(test, reader->buf);
	KUNIT_ASSERT_NOT_NULL(test, r->identity);
	KUNIT_ASSERT_NOT_NULL(test, r->mount);
	r->identity->dev = MKDEV(7, 3);
	r->identity->fsid = 0x1234;
	r->time_ns = 5000006000ULL;
	r->count = 2;
	r->entry = 9;
	return reader;
}

/* The stream must not have kept a reference. */
static void free_reader(struct reader *reader)
{
	fse_stream_close(reader->s);
	KUNIT_EXPECT_EQ(reader->test, 1,
			refcount_read(&reader->r.identity->refs));
	KUNIT_EXPECT_EQ(reader->test, 1,
			refcount_read(&reader->r.mount->refs));
	fse_identity_put(reader->r.identity);
	fse_string_put(reader->r.mount);
}

static void send_error(struct reader *reader, u32 error)
{
	reader->r.id = FS_ERR_IO;
	reader->r.has_error = true;
	reader->r.error = error;
	KUNIT_ASSERT_EQ(reader->test, 0,
			fse_stream_send(reader->s, &reader->r));
}

/* Reads up to @size bytes to @buf, non-blocking. */
static ssize_t read_to(struct reader *reader, char *buf, size_t size)
{
	struct kvec vec = { .iov_base = buf, .iov_len = size };
	struct file *file = kunit_kzalloc(reader->test, sizeof(*file),
					  GFP_KERNEL);
	struct kiocb iocb = { .ki_filp = file };
	struct iov_iter to;

	KUNIT_ASSERT_NOT_NULL(reader->test, file);
	file->f_flags = O_NONBLOCK;
	iov_iter_kvec(&to, ITER_DEST, &vec, 1, size);
	return fse_stream_read(reader->s, &iocb, &to);
}

/* Reads everything available. */
static const char *read_all(struct reader *reader)
{
	ssize_t len = read_to(reader, reader->buf, BUFFER - 1);

	reader->buf[max_t(ssize_t, len, 0)] = '\0';
	return reader->buf;
}

void fse_test_stream_lines(struct kunit *test)
{
	struct reader *reader = make_reader(test, "/a b", "/dev/x");
	struct fse_record *r = &reader->r;

	r->id = FS_THR_LRBELOW;
	r->is_level = true;
	r->avail = 1;
	r->trigger = 2;
	r->level_nr = 3;
	r->total = 4;
	r->frsize = 512;
	KUNIT_EXPECT_EQ(test, 0, fse_stream_send(reader->s, r));
	r->id = FS_INO_BELOW;
	r->frsize = 0;
	KUNIT_EXPECT_EQ(test, 0, fse_stream_send(reader->s, r));
	r->id = FS_ERR_IO;
	r->is_level = false;
	r->has_error = true;
	r->error = 5;
	r->ino = 77;
	r->last = true;
	r->of = FS_WARN_ENOSPC;
	KUNIT_EXPECT_EQ(test, 0, fse_stream_send(reader->s, r));
	KUNIT_EXPECT_STREQ(test, read_all(reader),
			   HEAD("1", "thr_lrbelow")
			   " avail=1 level=2 level_nr=3 total=4 frsize=512"
			   TAIL "\n"
			   HEAD("2", "ino_below")
			   " avail=1 level=2 level_nr=3 total=4" TAIL "\n"
			   HEAD("3", "io_error") " errno=5 ino=77" TAIL
			   " last=1 of=enospc\n");
	KUNIT_EXPECT_EQ(test, -EAGAIN, read_to(reader, reader->buf, 1));
	free_reader(reader);
}

/* Only a path and a source that are too long are cut. */
void fse_test_stream_long_values(struct kunit *test)
{
	char *longest = kunit_kzalloc(test, PATH_MAX, GFP_KERNEL);
	struct reader *reader;
	const char *line, *source;

	KUNIT_ASSERT_NOT_NULL(test, longest);
	memset(longest, '\n', PATH_MAX - 1);
	reader = make_reader(test, longest, longest);
	send_error(reader, 5);
	line = read_all(reader);
	KUNIT_EXPECT_LE(test, strlen(line), FSE_LINE_MAX);
	KUNIT_EXPECT_GT(test, strlen(line), FSE_LINE_MAX - 512);
	source = strstr(line, "\\ fstype=ext4 source=\\012");
	KUNIT_EXPECT_NOT_NULL(test, source);
	KUNIT_EXPECT_NOT_NULL(test, strstr(source ?: "", "\\ errno=5 pid=0"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(line, TAIL "\n"));
	free_reader(reader);

	/* A path without escapes fits. */
	memset(longest, '/', PATH_MAX - 1);
	reader = make_reader(test, longest, "none");
	send_error(reader, 5);
	KUNIT_EXPECT_NOT_NULL(test, strstr(read_all(reader), longest));
	free_reader(reader);
}

/* The output does not depend on the size of reads. */
void fse_test_stream_sizes(struct kunit *test)
{
	struct reader *reader = make_reader(test, "/srv", "/dev/x");
	char *whole = kunit_kzalloc(test, BUFFER, GFP_KERNEL);
	size_t size, len = 0, done;
	ssize_t n;

	KUNIT_ASSERT_NOT_NULL(test, whole);
	for (size = 0; size < 400; size++) {
		/* Always two digits. */
		reader->s->first = 10;
		reader->s->end = 10;
		send_error(reader, 5);
		send_error(reader, 28);
		if (!size) {
			strscpy(whole, read_all(reader), BUFFER);
			len = strlen(whole);
			continue;
		}
		for (done = 0; done < len; done += n) {
			n = read_to(reader, reader->buf + done, size);
			KUNIT_ASSERT_GT(test, n, 0);
			/* A read returns a part of a line only alone. */
			KUNIT_EXPECT_TRUE(test, reader->buf[done + n - 1] == '\n' ||
					  !memchr(reader->buf + done, '\n', n));
		}
		reader->buf[done] = '\0';
		KUNIT_EXPECT_STREQ(test, whole, reader->buf);
	}
	free_reader(reader);
}

void fse_test_stream_losses(struct kunit *test)
{
	struct reader *reader = make_reader(test, "/srv", "/dev/x");
	const char *lost;
	unsigned int i;

	send_error(reader, 1);
	/* This line has been partly read. */
	KUNIT_ASSERT_EQ(test, 10, read_to(reader, reader->buf, 10));
	for (i = 0; i < FSE_STREAM_RECORDS + 3; i++)
		send_error(reader, 2);
	KUNIT_ASSERT_GT(test, read_to(reader, reader->buf + 10, BUFFER - 11), 0);
	KUNIT_EXPECT_EQ(test, 0, memcmp(reader->buf, "seq=1 time=", 11));
	lost = strstr(reader->buf, "\n") ?: reader->buf;
	KUNIT_EXPECT_NOT_NULL(test, strnstr(reader->buf, " errno=1 ",
					    lost - reader->buf));
	KUNIT_EXPECT_EQ(test, 0, strncmp(lost, "\nlost=3\nseq=5 ", 14));
	free_reader(reader);
}

/* Refusals come first, but not within a line that is partly read. */
void fse_test_stream_refusals(struct kunit *test)
{
	const struct fse_error error = {
		.err = -EINVAL,
		.word = { .off = 7, .len = 1 },
		.why = "not a mount point",
	};
	static const char refused[] =
		"refused errno=22 at=7 why=not\\040a\\040mount\\040point\n";
	struct reader *reader = make_reader(test, "/srv", "/dev/x");
	char *next;
	unsigned int i;

	send_error(reader, 1);
	send_error(reader, 2);
	KUNIT_ASSERT_EQ(test, 5, read_to(reader, reader->buf, 5));
	for (i = 0; i < FSE_STREAM_REFUSALS + 2; i++)
		fse_stream_refuse(reader->s, &error);
	read_all(reader);
	next = strchr(reader->buf, '\n');
	KUNIT_ASSERT_NOT_NULL(test, next);
	for (i = 0, next++; i < FSE_STREAM_REFUSALS; i++) {
		KUNIT_EXPECT_EQ(test, 0,
				strncmp(next, refused, strlen(refused)));
		next += strlen(refused);
	}
	KUNIT_EXPECT_EQ(test, 0, strncmp(next, "seq=2 ", 6));
	free_reader(reader);
}
