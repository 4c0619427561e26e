// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sample.h"

static int reader = -1;

void sample_mounts(const char *text)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");

	assert_non_null(file);
	assert_int_equal(mounts_read(file), 0);
	fclose(file);
}

/* A watch of all generic events. */
struct watch *sample_watch(int mount_id)
{
	const struct place place = {
		.wd = -1,
		.st = { .f_fsid = { { 0x11, 0x22 } } },
	};
	struct watch *w;

	sample_mounts(SAMPLE_MOUNTS);
	w = watch_alloc(&place, mount_find(mount_id));
	assert_non_null(w);
	watch_publish(w);
	notices_begin(w, true);
	w->types = FSE_TYPE_G;
	watch_set_events(w, BIT(FS_WARN_ENOSPC) | BIT(FS_WARN_ENOSPC_META) |
			 LASTING | ERRORS);
	return w;
}

struct figures sample_figures(u64 avail, u64 total)
{
	return (struct figures) {
		.st = {
			.f_bavail = avail,
			.f_bfree = avail,
			.f_blocks = total,
			.f_frsize = 4096,
			.f_bsize = 4096,
			.f_files = 1000,
			.f_ffree = 1000,
		},
		.begun_ns = now_ns(),
	};
}

/* Set the levels of space that a request has. */
void set_levels(struct watch *w, const char *request)
{
	struct fse_parser parser = { .text = request, .len = strlen(request) };
	static struct fse_request req;
	struct fse_error error;

	assert_int_equal(fse_parse_next(&parser, &req, &error), 1);
	w->types |= FSE_TYPE_T;
	watch_set_levels(w, SPACE, set_alloc(req.space, req.nr_space), true);
	watch_changed(w);
}

/* The next line without its newline; "" if there is none. */
const char *sample_line(void)
{
	static char line[LINE_MAX_SIZE + 1];
	size_t len = 0;
	int fds[2];

	if (reader < 0) {
		assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
		reader = fds[0];
		output.fd = fds[1];
	}
	assert_int_equal(output_write(&output), 0);
	while (len < sizeof(line) && read(reader, line + len, 1) == 1 &&
	       line[len] != '\n')
		len++;
	line[len] = '\0';
	return line;
}

/* No watch, and nothing more to read. */
void sample_end(void)
{
	while (watches)
		watch_remove(watches);
	output_drop(&output);
	while (*sample_line())
		;
	output.first = 0;
	output.end = 0;
}
