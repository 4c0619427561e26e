// SPDX-License-Identifier: GPL-2.0-only
/* The mount table: what may wait for a server. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>

#include "sample.h"

static void check(int id, const char *target, const char *fstype, bool remote)
{
	const struct mount *m = mount_find(id);

	assert_non_null(m);
	assert_string_equal(m->target, target);
	assert_string_equal(m->fstype, fstype);
	assert_int_equal(m->remote, remote);
}

TEST(remote)
{
	sample_mounts(SAMPLE_MOUNTS);
	check(20, "/", "ext4", false);
	check(21, "/proc", "proc", true);
	check(30, "/net", "nfs4", true);
	/* its path leads through the one above */
	check(31, "/net/disk", "ext4", true);
	check(32, "/tmp", "tmpfs", false);
	check(33, "/win", "fuseblk", true);
	check(34, "/b c", "btrfs", false);
	check(35, "/home", "fuse.sshfs", true);
	check(36, "/tmp/over", "overlay", true);
}

/* libmount calls some of these local. */
TEST(types)
{
	sample_mounts("1 1 0:2 / / rw - rootfs none rw\n"
		      "2 1 0:50 / /ceph rw - ceph mon:/ rw\n"
		      "3 1 0:51 / /lustre rw - lustre mgs:/a rw\n"
		      "4 1 0:52 / /gpfs rw - gpfs nsd rw\n"
		      "5 1 8:2 / /ocfs2 rw - ocfs2 /dev/sdb rw\n"
		      "6 1 0:53 / /run rw - tmpfs none rw\n"
		      "7 1 8:3 / /srv rw - xfs /dev/sdc rw\n");
	check(1, "/", "rootfs", false);
	check(2, "/ceph", "ceph", true);
	check(3, "/lustre", "lustre", true);
	check(4, "/gpfs", "gpfs", true);
	check(5, "/ocfs2", "ocfs2", true);
	check(6, "/run", "tmpfs", false);
	check(7, "/srv", "xfs", false);
}

TEST(found)
{
	sample_mounts(SAMPLE_MOUNTS);
	assert_null(mount_find(1));
	assert_null(mount_find(99));
	assert_true(mount_find(32)->read_only);
	assert_false(mount_find(20)->read_only);
	assert_string_equal(mount_find(30)->source, "server:/export");
	assert_int_equal(mount_find(31)->dev, makedev(8, 17));
	assert_true(mounts_have(makedev(8, 17)));
	assert_false(mounts_have(makedev(8, 18)));
}

/* Mounts that are each other's parents would be a fault of the kernel's. */
TEST(circle)
{
	sample_mounts("5 6 8:1 / /a rw - ext4 /dev/sda rw\n"
		      "6 5 8:1 / /b rw - ext4 /dev/sda rw\n"
		      "7 7 8:1 / / rw - ext4 /dev/sda rw\n");
	assert_false(mount_find(5)->remote);
	assert_false(mount_find(7)->remote);
}

/* A thousand times as many as a path has parts: all wait for the first of them. */
TEST(deep)
{
	size_t size = 64 * 100000, len;
	char *text = malloc(size);
	int id;

	len = snprintf(text, size, "1 1 0:9 / / rw - nfs4 server: rw\n");
	for (id = 2; id <= 100000; id++)
		len += snprintf(text + len, size - len,
				"%d %d 8:1 / / rw - ext4 /dev/sda rw\n", id,
				id - 1);
	sample_mounts(text);
	free(text);
	assert_true(mount_find(100000)->remote);
	assert_true(mount_find(2)->remote);
	sample_mounts("1 1 8:1 / / rw - ext4 a rw\n2 1 8:1 / /a rw - ext4 a rw\n"
		      "3 2 0:9 / /a/b rw - nfs4 s: rw\n4 3 8:1 / /a/b/c rw - ext4 a rw\n"
		      "5 2 8:1 / /a/d rw - ext4 a rw\n");
	assert_false(mount_find(5)->remote);
	assert_true(mount_find(4)->remote);
}

/* Two dead servers would keep each other busy, as each answer wakes the loop. */
TEST(dead_servers)
{
	struct figures f = { .err = -ENOTCONN };
	struct watch *w;
	u64 now;

	mounts_distrust();
	mounts_refresh(now_ns());
	assert_true(mounts_fresh());
	w = sample_watch(30);
	w->blind = true;
	now = now_ns();
	ask_take(w, &f, now);
	assert_int_equal(w->due_ns, now + FSE_INTERVAL_REMOTE_REST_NS);
	mounts_refresh(now_ns());
	assert_int_equal(w->due_ns, now + FSE_INTERVAL_REMOTE_REST_NS);
	sample_end();
}

/* No file can be opened. */
TEST(unreadable)
{
	struct rlimit before, none;
	u64 now;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	mounts_distrust();
	/* The last read had a pause as well. */
	do {
		now = now_ns();
	} while (now < mounts_due());
	setrlimit(RLIMIT_NOFILE, &none);
	mounts_refresh(now);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_false(mounts_fresh());
	assert_in_range(mounts_due(), now + 100 * NS_PER_MS, now + NS_PER_S);
	now = mounts_due();
	mounts_refresh(now - 1);
	assert_false(mounts_fresh());
	mounts_refresh(now);
	assert_true(mounts_fresh());
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(remote),
		cmocka_unit_test(types),
		cmocka_unit_test(found),
		cmocka_unit_test(circle),
		cmocka_unit_test(deep),
		cmocka_unit_test(dead_servers),
		cmocka_unit_test(unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
