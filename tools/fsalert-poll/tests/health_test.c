// SPDX-License-Identifier: GPL-2.0-only
/* Failures: what is seen by asking, and what fanotify reports. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "sample.h"

static struct watch *ext4_watch(void)
{
	struct watch *w = sample_watch(20);
	const struct figures f = sample_figures(5000, 10000);

	w->marked = false;
	health_begin(w, &f.st);
	w->health.is_ext4 = true;
	return w;
}

static void take(struct watch *w, struct figures *f)
{
	ask_take(w, f, now_ns());
	watch_deliver(w, now_ns() + NS_PER_S);
}

/* It has to be seen twice: a remount makes the mount read-only a bit later. */
TEST(flag)
{
	struct watch *w = sample_watch(20);
	struct figures f = sample_figures(5000, 10000);

	f.st.f_flags = ST_RDONLY;
	take(w, &f);
	assert_no_line();
	w->read_only = true;
	take(w, &f);
	take(w, &f);
	assert_no_line();

	w->read_only = false;
	f.st.f_flags = 0;
	take(w, &f);
	f.st.f_flags = ST_RDONLY;
	take(w, &f);
	take(w, &f);
	assert_line("event=remount_ro", "errno=30", "count=1");
	take(w, &f);
	assert_no_line();
	f.st.f_flags = 0;
	take(w, &f);
	assert_line("event=cleared", "of=remount_ro");
	sample_end();
}

/* An administrator's remount through another mount of the file system. */
TEST(flag_of_another_mount)
{
	struct watch *w = sample_watch(20);
	struct figures late = sample_figures(5000, 10000);
	struct figures f;

	sample_mounts(SAMPLE_MOUNTS
		      "40 20 8:1 / /bind rw - ext4 /dev/sda1 rw\n");
	sample_mounts(SAMPLE_MOUNTS
		      "40 20 8:1 / /bind ro - ext4 /dev/sda1 ro\n");
	/* asked before that */
	take(w, &late);
	f = sample_figures(5000, 10000);
	f.st.f_flags = ST_RDONLY;
	take(w, &f);
	take(w, &f);
	assert_no_line();

	/* The next time it fails, while that mount stays read-only. */
	f = sample_figures(5000, 10000);
	take(w, &f);
	sample_mounts(SAMPLE_MOUNTS
		      "40 20 8:1 / /bind ro - ext4 /dev/sda1 ro\n");
	f.st.f_flags = ST_RDONLY;
	take(w, &f);
	take(w, &f);
	assert_line("event=remount_ro");
	sample_end();
}

/* ext4 of Linux 6.12 says nothing; its counter does. */
TEST(ext4_counter)
{
	struct watch *w = ext4_watch();
	struct figures f = sample_figures(5000, 10000);

	f.ext4 = (struct ext4_state) { .known = true, .errors_ro = true };
	take(w, &f);
	assert_no_line();
	f.ext4.errors = 2;
	f.ext4.code = 5;
	f.ext4.ino = 12;
	take(w, &f);
	assert_line("event=corrupted", "errno=117", "ino=12", "count=2");
	take(w, &f);
	assert_line("event=remount_ro");
	take(w, &f);
	assert_no_line();
	sample_end();
}

/* Where it sets the flag, an administrator's remount ends it. */
TEST(ext4_flag)
{
	struct watch *w = ext4_watch();
	struct figures f = sample_figures(5000, 10000);

	f.ext4 = (struct ext4_state) { .known = true, .errors_ro = true };
	take(w, &f);
	f.ext4.errors = 1;
	f.ext4.code = 2;
	take(w, &f);
	assert_line("event=io_error", "errno=5");
	f.st.f_flags = ST_RDONLY;
	take(w, &f);
	assert_line("event=remount_ro");
	f.st.f_flags = 0;
	take(w, &f);
	assert_line("event=cleared", "of=remount_ro");
	sample_end();
}

TEST(ext4_says)
{
	struct watch *w = ext4_watch();
	struct figures f = sample_figures(5000, 10000);

	f.ext4 = (struct ext4_state) { .known = true, .emergency_ro = true };
	take(w, &f);
	take(w, &f);
	assert_line("event=remount_ro");
	assert_no_line();
	f.ext4.shutdown = true;
	take(w, &f);
	take(w, &f);
	assert_line("event=shutdown", "errno=108");
	assert_no_line();
	sample_end();
}

/* What can't be read, for want of descriptors or memory, is neither good nor bad. */
TEST(ext4_unknown)
{
	struct watch *w = ext4_watch();
	struct figures f = sample_figures(5000, 10000);

	/* Errors of long ago, seen late. */
	f.ext4 = (struct ext4_state) { .known = false };
	take(w, &f);
	f.ext4 = (struct ext4_state) {
		.known = true, .errors_ro = true, .errors = 3, .code = 2,
	};
	take(w, &f);
	take(w, &f);
	assert_no_line();

	f.ext4.emergency_ro = true;
	take(w, &f);
	take(w, &f);
	assert_line("event=remount_ro");
	f.ext4.known = false;
	take(w, &f);
	take(w, &f);
	assert_no_line();
	f.ext4.known = true;
	take(w, &f);
	assert_no_line();
	f.ext4.emergency_ro = false;
	take(w, &f);
	assert_line("event=cleared", "of=remount_ro");
	sample_end();
}

TEST(disk_gone)
{
	struct watch *w = sample_watch(20);
	struct figures f = sample_figures(5000, 10000);

	f.disk_gone = true;
	take(w, &f);
	take(w, &f);
	assert_line("event=shutdown");
	assert_no_line();
	/* What can't be read ends nothing. */
	f.disk_gone = false;
	f.disk_unknown = true;
	take(w, &f);
	assert_no_line();
	sample_end();
}

/* What fanotify_mark(2) answers, and what it was asked for. */
static int mark_error;
static unsigned int mark_flags, init_flags;

int fanotify_init(unsigned int flags, unsigned int event_flags)
{
	init_flags = flags;
	return open("/dev/null", event_flags);
}

int fanotify_mark(int fd, unsigned int flags, uint64_t mask, int dir,
		  const char *path)
{
	(void)fd;
	(void)mask;
	(void)dir;
	(void)path;
	mark_flags = flags;
	errno = mark_error;
	return mark_error ? -1 : 0;
}

static bool capabilities_have(const char *words)
{
	struct text t = { .len = 0 };

	capabilities_add(&t);
	t.buf[t.len] = '\0';
	return strstr(t.buf, words);
}

#define BY_COUNTERS	"ext4,\\040by\\040its\\040counters"

/* Linux before 5.16 has fanotify, and no errors of file systems. */
TEST(old_fanotify)
{
	privileged = true;
	mark_error = EINVAL;
	notices_init();
	assert_int_equal(fanotify_fd, -1);
	assert_true(capabilities_have(BY_COUNTERS));
	assert_true(mark_flags & FAN_MARK_REMOVE);
	mark_error = ENOENT;
	notices_init();
	assert_true(fanotify_fd >= 0);
	assert_false(capabilities_have(BY_COUNTERS));
	assert_true(init_flags & FAN_UNLIMITED_MARKS);
}

/* No mark was left for it: ext4 counts its errors. */
TEST(no_mark)
{
	struct watch *w = ext4_watch();
	struct figures f = sample_figures(5000, 10000);
	struct place place = { .wd = -1 };
	int fd = open("/", O_PATH);

	mark_error = ENOSPC;
	mark_place(&place, fd, true);
	assert_false(place.marked);
	mark_error = 0;
	mark_place(&place, fd, true);
	assert_true(place.marked);
	close(fd);

	w->marked = false;
	watch_set_events(w, ERRORS);
	assert_true(health_wanted(w));
	f.ext4 = (struct ext4_state) { .known = true, .code = 2 };
	take(w, &f);
	assert_int_not_equal(w->due_ns, NEVER);
	f.ext4.errors = 1;
	take(w, &f);
	assert_line("event=io_error", "count=1");
	sample_end();
}

/* An event of fanotify as the kernel makes it, of the first watch. */
struct report {
	struct fanotify_event_metadata event;
	struct fanotify_event_info_error error;
	struct fanotify_event_info_fid fid;
	u32 handle_bytes;
	int handle_type;
	u32 handle[2];
} __packed;

static struct report report(int error, unsigned int count)
{
	return (struct report) {
		.event = {
			.event_len = sizeof(struct report),
			.vers = FANOTIFY_METADATA_VERSION,
			.metadata_len = sizeof(struct fanotify_event_metadata),
			.mask = FAN_FS_ERROR,
			.fd = FAN_NOFD,
		},
		.error = {
			.hdr = {
				.info_type = FAN_EVENT_INFO_TYPE_ERROR,
				.len = sizeof(struct fanotify_event_info_error),
			},
			.error = error,
			.error_count = count,
		},
		.fid = {
			.hdr = {
				.info_type = FAN_EVENT_INFO_TYPE_FID,
				.len = sizeof(struct fanotify_event_info_fid) +
				       16,
			},
			.fsid = { { 0x11, 0x22 } },
		},
		.handle_bytes = 8,
		.handle_type = 1,
		.handle = { 77, 1 },
	};
}

TEST(fanotify)
{
	struct watch *w = sample_watch(20);
	struct report r[3] = {
		report(EUCLEAN, 4), report(EIO, 1), report(EUCLEAN, 1),
	};

	r[2].fid.fsid.val[0] = 0x12;
	fanotify_take((char *)r, sizeof(r));
	watch_deliver(w, now_ns());
	assert_line("event=corrupted", "errno=117", "ino=77", "count=4");
	assert_line("event=io_error", "errno=5", "ino=77", "count=1");
	assert_no_line();
	sample_end();
}

/* A snapshot has the f_fsid of its origin: only counters tell them apart. */
TEST(fanotify_twins)
{
	const struct place place = {
		.wd = -1,
		.st = { .f_fsid = { { 0x11, 0x22 } } },
	};
	struct report r = report(EIO, 1);
	struct watch *w = sample_watch(20), *twin;
	struct figures f = sample_figures(5000, 10000);

	twin = watch_alloc(&place, mount_find(31));
	assert_non_null(twin);
	watch_publish(twin);
	notices_begin(twin, true);
	watch_set_events(twin, ERRORS);
	fanotify_take((char *)&r, sizeof(r));
	watch_deliver(w, now_ns());
	watch_deliver(twin, now_ns());
	assert_no_line();

	w->health.is_ext4 = true;
	twin->health.is_ext4 = true;
	f.ext4 = (struct ext4_state) { .known = true, .code = 2 };
	take(w, &f);
	take(twin, &f);
	f.ext4.errors = 1;
	take(twin, &f);
	assert_line("event=io_error", "mount=/net/disk", "count=1");
	f.ext4.errors = 0;
	take(w, &f);
	assert_no_line();
	sample_end();
}

/* What is cut short or says wrong lengths is left out. */
TEST(fanotify_broken)
{
	struct watch *w = sample_watch(20);
	struct report r = report(EUCLEAN, 1), broken;
	u64 seed = 1;
	size_t i;

	for (i = 0; i < sizeof(r.event) + sizeof(r.error); i++)
		fanotify_take((char *)&r, i);
	watch_deliver(w, now_ns());
	assert_no_line();
	for (i = 0; i < 100000; i++) {
		broken = r;
		((char *)&broken)[random_below(&seed, sizeof(broken))] =
			random_u64(&seed);
		((char *)&broken)[random_below(&seed, sizeof(broken))] =
			random_u64(&seed);
		fanotify_take((char *)&broken, sizeof(broken));
	}
	sample_end();
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(flag),
		cmocka_unit_test(flag_of_another_mount),
		cmocka_unit_test(ext4_counter),
		cmocka_unit_test(ext4_flag),
		cmocka_unit_test(ext4_says),
		cmocka_unit_test(ext4_unknown),
		cmocka_unit_test(disk_gone),
		cmocka_unit_test(old_fanotify),
		cmocka_unit_test(no_mark),
		cmocka_unit_test(fanotify),
		cmocka_unit_test(fanotify_twins),
		cmocka_unit_test(fanotify_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
