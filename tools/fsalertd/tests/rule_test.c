// SPDX-License-Identifier: GPL-2.0-only
/* The mount table, and which rules are about a file system. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <systemd/sd-device.h>
#include <time.h>

#include "mounts.h"
#include "rule.h"
#include "test.h"
#include "../../fsalert/array.h"

static const char sample[] =
	"20 1 0:30 /@ / rw - btrfs /dev/sda2 rw,subvol=/@\n"
	"21 20 0:4 / /proc rw - proc none rw\n"
	"22 20 0:30 /@home /home rw - btrfs /dev/sda2 rw,subvol=/@home\n"
	"23 20 8:17 / /srv rw - ext4 /dev/sdb1 rw\n"
	"24 23 8:33 / /srv/data rw - xfs /dev/mapper/vg0-data rw\n"
	"25 20 8:17 /x /bind ro - ext4 /dev/sdb1 rw\n"
	"26 20 0:31 / /tmp rw - tmpfs none rw\n"
	"27 20 0:32 / /net rw - nfs4 server:/export rw\n"
	"28 20 7:0 / /snap ro - squashfs /dev/loop0 ro\n"
	"29 20 0:33 / /ct rw - overlay none rw\n"
	"30 20 8:49 / /mnt rw - ext4 /dev/sdd1 rw\n"
	"31 30 8:50 / /mnt rw - ext4 /dev/sdd2 rw\n"
	"32 20 8:51 / /a/b rw - ext4 /dev/sdd3 rw\n"
	"33 20 8:52 / /a rw - ext4 /dev/sdd4 rw\n"
	"34 20 0:34 / /tank rw - zfs tank rw\n"
	"35 34 0:35 / /tank/a rw - zfs tank/a rw\n"
	"36 20 0:36 / /user rw - fuse.sshfs user@host: rw\n"
	"37 27 8:53 / /net/data rw - ext4 /dev/sdd5 rw\n"
	"38 20 0:37 / /home/eve/a rw - fuse /dev/sdb1 rw\n"
	"39 20 0:38 / /home/eve/b rw - fuse.x server:/export rw\n"
	"40 20 8:18 / /win rw - fuseblk /dev/sdb2 rw\n";

static struct mounts table;

/* --- devices --------------------------------------------------------------- */

/* The paths of devices, with the links that udev makes. */
static const struct {
	const char *path;
	unsigned int minor;
} devices[] = {
	{ "/dev/sda2", 2 },
	{ "/dev/sdb1", 17 },
	{ "/dev/sdd1", 49 },
	{ "/dev/disk/by-id/ata-DISK_1-part1", 17 },
	{ "/dev/disk/by-id/usb-STICK-part1", 18 },
	{ "/dev/disk/by-id/gone", 99 },
};

/* In place of the C library's. */
int stat(const char *path, struct stat *st)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		if (strcmp(path, devices[i].path))
			continue;
		*st = (struct stat){
			.st_mode = S_IFBLK,
			.st_rdev = makedev(8, devices[i].minor),
		};
		return 0;
	}
	errno = ENOENT;
	return -1;
}

/* What udev has found on devices. */
struct sd_device {
	unsigned int minor;
	const char *label;
	const char *uuid;
};

static struct sd_device found[] = {
	{ 2, "system", "77aa-CC" },
	{ 17, "my\\x20data", "0b5e-AA" },
	{ 18, "stick", "1F2E" },
	{ 49, "backup", "9c1d-BB" },
	{ 50, "odd\\x2", NULL },
};

/* In place of those of libsystemd, which read the database of udev. */
int sd_device_new_from_devnum(sd_device **device, char type, dev_t number)
{
	size_t i;

	assert_int_equal(type, 'b');
	for (i = 0; i < ARRAY_SIZE(found); i++) {
		if (number != makedev(8, found[i].minor))
			continue;
		*device = &found[i];
		return 0;
	}
	return -ENODEV;
}

int sd_device_get_property_value(sd_device *device, const char *key,
				 const char **value)
{
	*value = strcmp(key, "ID_FS_LABEL_ENC") ? device->uuid : device->label;
	return *value ? 0 : -ENOENT;
}

sd_device *sd_device_unref(sd_device *device)
{
	(void)device;
	return NULL;
}

/* --- the table ------------------------------------------------------------- */

static int set_up(void **state)
{
	FILE *file = fmemopen((void *)sample, strlen(sample), "r");
	int err = mounts_read(&table, file);

	(void)state;
	fclose(file);
	return err;
}

static int tear_down(void **state)
{
	(void)state;
	mounts_free(&table);
	return 0;
}

static const struct mount *mount(int id)
{
	size_t i;

	for (i = 0; i < table.nr; i++) {
		if (table.list[i].id == id)
			return &table.list[i];
	}
	fail();
	return NULL;
}

TEST(test_classes)
{
	assert_int_equal(mount(20)->class, MOUNT_LOCAL);
	assert_int_equal(mount(21)->class, MOUNT_PSEUDO);
	assert_int_equal(mount(24)->class, MOUNT_LOCAL);
	assert_int_equal(mount(26)->class, MOUNT_MEMORY);
	assert_int_equal(mount(27)->class, MOUNT_REMOTE);
	assert_int_equal(mount(29)->class, MOUNT_REMOTE);
	assert_int_equal(mount(34)->class, MOUNT_LOCAL);
	assert_int_equal(mount(36)->class, MOUNT_REMOTE);
	assert_true(mount(28)->read_only);
	/* read-only here alone */
	assert_false(mount(25)->read_only);
}

/* The path of a local disk may lead through a server's file system. */
TEST(test_may_hang)
{
	assert_false(mount(20)->may_hang);
	assert_false(mount(23)->may_hang);
	assert_false(mount(26)->may_hang);
	assert_true(mount(27)->may_hang);
	assert_true(mount(36)->may_hang);
	assert_int_equal(mount(37)->class, MOUNT_LOCAL);
	assert_true(mount(37)->may_hang);
}

/* A mount that another one covers can't be reached. */
TEST(test_hidden)
{
	assert_true(mount(30)->hidden);
	assert_false(mount(31)->hidden);
	assert_true(mount(32)->hidden);
	assert_false(mount(33)->hidden);
	assert_false(mount(24)->hidden);
	assert_false(mount(20)->hidden);
}

/* As where the initramfs stays the root */
TEST(test_first_mount)
{
	static const char text[] =
		"1 1 0:2 / / rw - rootfs none rw\n"
		"20 1 8:1 / /data rw - ext4 /dev/sda1 rw\n";
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	struct mounts t;

	assert_int_equal(mounts_read(&t, file), 0);
	fclose(file);
	assert_int_equal(t.nr, 2);
	assert_int_equal(t.list[0].class, MOUNT_MEMORY);
	assert_false(t.list[1].hidden);
	assert_false(t.list[1].may_hang);
	mounts_free(&t);
}

/* --- large tables ---------------------------------------------------------- */

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return !strcmp(folder, "/") ||
	       (!strncmp(path, folder, len) && (!path[len] || path[len] == '/'));
}

/* As path_resolution(7) has it: what is mounted over a path hides it. */
static bool is_hidden(const struct mounts *t, const struct mount *m)
{
	const struct mount *through = NULL, *c;

	for (; m; m = m->on == m ? NULL : m->on) {
		for (c = t->list; c < t->list + t->nr; c++) {
			if (c == m || c == through)
				continue;
			if (c->parent == m->id && !strcmp(c->target, m->target))
				return true;
			if (c->parent == m->parent &&
			    strcmp(c->target, m->target) &&
			    is_below(m->target, c->target))
				return true;
		}
		through = m;
	}
	return false;
}

static void random_line(FILE *out, unsigned int id)
{
	unsigned int depth = rand() % 4;

	fprintf(out, "%u %u 8:%u / ", id, 1 + rand() % (id - 1), id % 7);
	do {
		fprintf(out, "/%c%s", 'a' + rand() % 2, rand() % 8 ? "" : "-b");
	} while (depth--);
	fputs(" rw - ext4 /dev/sda rw\n", out);
}

/* The same as by comparing each mount with each other. */
TEST(test_random)
{
	unsigned int round, id;
	struct mounts t;
	size_t i, len;
	char *text;
	FILE *file;

	for (round = 0; round < 300; round++) {
		srand(round);
		file = open_memstream(&text, &len);
		fputs("1 0 8:1 / / rw - ext4 /dev/sda rw\n", file);
		for (id = 2; id < 12; id++)
			random_line(file, id);
		fclose(file);
		file = fmemopen(text, len, "r");
		assert_int_equal(mounts_read(&t, file), 0);
		fclose(file);
		for (i = 0; i < t.nr; i++)
			assert_int_equal(t.list[i].hidden,
					 is_hidden(&t, &t.list[i]));
		mounts_free(&t);
		free(text);
	}
}

static double cpu_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

/* A user can mount thousands of file systems, with fusermount3(1). */
TEST(test_many)
{
	const struct mount * const *list;
	double begin = cpu_seconds();
	struct mounts t;
	size_t i, nr;
	FILE *file = tmpfile();

	fputs("1 0 8:1 / / rw - ext4 /dev/sda rw\n", file);
	for (i = 2; i < 20000; i++)
		fprintf(file, "%zu 1 0:%zu / /m/%zu rw - fuse.x x rw\n", i, i, i);
	rewind(file);
	assert_int_equal(mounts_read(&t, file), 0);
	fclose(file);
	for (i = 0; i < t.nr; i++) {
		list = mounts_gather(&t, t.list[i].key, &nr);
		assert_int_equal(nr, 1);
		assert_ptr_equal(list[0], &t.list[i]);
	}
	mounts_free(&t);
	assert_true(cpu_seconds() - begin < 4);
}

static void key(int id, const char *expected)
{
	assert_string_equal(mount(id)->key, expected);
}

/* What shares its space has one key. */
TEST(test_keys)
{
	key(20, "0:30");
	key(22, "0:30");
	key(23, "8:17");
	key(25, "8:17");
	key(34, "zfs:tank");
	key(35, "zfs:tank");
}

/* A rule with one list, which has up to two words. */
static bool fits(int id, enum rule_list list, const char *word,
		 const char *word2)
{
	const char * const words[] = { word, word2, NULL };
	struct rule rule = {
		.name = (char *)"test", .texts[RULE_SPACE] = (char *)"5%",
	};
	struct config c = { .rules = &rule, .nr = 1 };
	const struct mount *m = mount(id);
	struct wanted w;
	bool result;

	if (word)
		rule.lists[list] = (char **)words;
	assert_int_equal(rule_match(&w, &c, &m, 1), 0);
	result = w.nr;
	assert_int_equal(w.watch, result);
	rule_release(&w);
	return result;
}

TEST(test_path)
{
	assert_true(fits(23, RULE_PATH, "/srv", NULL));
	assert_false(fits(24, RULE_PATH, "/srv", NULL));
	assert_true(fits(24, RULE_PATH, "/srv/data", NULL));
	/* A path that is no mount point fits no file system, not even its own. */
	assert_false(fits(24, RULE_PATH, "/srv/data/db", NULL));
	assert_false(fits(20, RULE_PATH, "/var/lib", NULL));
	assert_true(fits(24, RULE_PATH, "/srv/*", NULL));
	assert_false(fits(23, RULE_PATH, "/srv/*", NULL));
	assert_true(fits(23, RULE_PATH, "*", "!/srv/data"));
	assert_false(fits(24, RULE_PATH, "*", "!/srv/data"));
	assert_true(fits(23, RULE_PATH, "!/home", NULL));
	assert_false(fits(22, RULE_PATH, "!/home", NULL));
}

TEST(test_type)
{
	assert_true(fits(23, RULE_TYPE, "ext[234]", NULL));
	assert_false(fits(24, RULE_TYPE, "ext[234]", NULL));
	assert_true(fits(20, RULE_TYPE, "local", NULL));
	assert_false(fits(26, RULE_TYPE, "local", NULL));
	assert_true(fits(26, RULE_TYPE, "memory", NULL));
	assert_true(fits(27, RULE_TYPE, "local", "remote"));
	assert_false(fits(20, RULE_TYPE, "local", "!btrfs"));
}

TEST(test_device)
{
	assert_true(fits(24, RULE_DEVICE, "/dev/mapper/vg0-*", NULL));
	assert_false(fits(23, RULE_DEVICE, "/dev/mapper/vg0-*", NULL));
	assert_true(fits(27, RULE_DEVICE, "server:*", NULL));
}

/* A user gives the source any name: fusermount3 -o fsname=/dev/sdb1 */
TEST(test_fuse)
{
	assert_true(fits(23, RULE_DEVICE, "/dev/sdb*", NULL));
	assert_false(fits(38, RULE_DEVICE, "/dev/sdb*", NULL));
	assert_false(fits(38, RULE_DEVICE, "/dev/sdb1", NULL));
	assert_false(fits(39, RULE_DEVICE, "server:*", NULL));
	assert_false(fits(39, RULE_DEVICE, "*", NULL));
	/* The kernel has opened this one. */
	assert_true(fits(40, RULE_DEVICE, "/dev/sdb*", NULL));
	assert_true(fits(40, RULE_DEVICE, "/dev/disk/by-id/usb-STICK-part1",
			 NULL));
	assert_true(fits(40, RULE_LABEL, "stick", NULL));
	assert_true(fits(40, RULE_UUID, "1F2E", NULL));
	assert_false(fits(38, RULE_LABEL, "*", NULL));
}

/* A device has other names, as those of its links. */
TEST(test_links)
{
	assert_true(fits(23, RULE_DEVICE, "/dev/disk/by-id/ata-DISK_1-part1", NULL));
	assert_false(fits(30, RULE_DEVICE, "/dev/disk/by-id/ata-DISK_1-part1", NULL));
	assert_false(fits(23, RULE_DEVICE, "/dev/disk/by-id/gone", NULL));
	assert_false(fits(23, RULE_DEVICE, "/dev/disk/by-id/nothing", NULL));
	/* No device of its own */
	assert_false(fits(26, RULE_DEVICE, "/dev/disk/by-id/gone", NULL));
	assert_true(fits(30, RULE_DEVICE, "*", "!/dev/disk/by-id/ata-DISK_1-part1"));
	assert_false(fits(23, RULE_DEVICE, "*", "!/dev/disk/by-id/ata-DISK_1-part1"));
}

/* udev writes the blank as \x20. */
TEST(test_label)
{
	assert_true(fits(23, RULE_LABEL, "my data", NULL));
	assert_true(fits(23, RULE_LABEL, "my*", NULL));
	assert_false(fits(23, RULE_LABEL, "my\\x20data", NULL));
	assert_false(fits(30, RULE_LABEL, "my data", NULL));
	assert_true(fits(30, RULE_LABEL, "my data", "back*"));
	assert_false(fits(23, RULE_LABEL, "!my data", NULL));
	assert_true(fits(30, RULE_LABEL, "!my data", NULL));
	/* A mount without a device has no label. */
	assert_false(fits(26, RULE_LABEL, "*", NULL));
	assert_true(fits(25, RULE_LABEL, "my data", NULL));
	/* udev knows nothing of the device. */
	assert_false(fits(32, RULE_LABEL, "*", NULL));
	/* A file system of several devices */
	assert_true(fits(20, RULE_LABEL, "system", NULL));
	/* Not a whole byte */
	assert_true(fits(31, RULE_LABEL, "odd?x2", NULL));
}

TEST(test_uuid)
{
	assert_true(fits(23, RULE_UUID, "0b5e-AA", NULL));
	assert_false(fits(23, RULE_UUID, "9c1d-BB", NULL));
	assert_true(fits(30, RULE_UUID, "9c*", NULL));
	assert_true(fits(20, RULE_UUID, "77aa-CC", NULL));
	/* The device has none. */
	assert_false(fits(31, RULE_UUID, "*", NULL));
}

/* A rule that names nothing is about local disks. */
TEST(test_nothing)
{
	assert_true(fits(23, RULE_PATH, NULL, NULL));
	assert_false(fits(26, RULE_PATH, NULL, NULL));
	assert_false(fits(27, RULE_PATH, NULL, NULL));
}

/* The last rule that has a key decides; each starts its own units. */
TEST(test_merge)
{
	static const char * const home[] = { "/home", NULL };
	struct rule rules[] = {
		{ .name = (char *)"local", .at_most = 20, .has_at_most = true,
		  .texts = { (char *)"10%", (char *)"5%", (char *)"all" } },
		{ .name = (char *)"home", .lists[RULE_PATH] = (char **)home,
		  .texts = { (char *)"20%", NULL, (char *)"none" } },
		{ .name = (char *)"off", .lists[RULE_PATH] = (char **)home,
		  .has_watch = true, .watch = false },
	};
	const struct mount *pool[] = { mount(20), mount(22) };
	struct config c = { .rules = rules, .nr = 2 };
	struct wanted w;

	assert_int_equal(rule_match(&w, &c, pool, 2), 0);
	assert_int_equal(w.nr, 2);
	assert_string_equal(w.texts[RULE_SPACE], "20%");
	assert_string_equal(w.texts[RULE_INODES], "5%");
	assert_null(w.texts[RULE_EVENTS]);
	assert_int_equal(w.at_most, 0);
	assert_true(w.watch);
	rule_release(&w);
	assert_int_equal(rule_match(&w, &c, pool, 1), 0);
	assert_int_equal(w.nr, 1);
	assert_string_equal(w.texts[RULE_SPACE], "10%");
	assert_int_equal(w.at_most, 20);
	rule_release(&w);
	c.nr = 3;
	assert_int_equal(rule_match(&w, &c, pool, 2), 0);
	assert_false(w.watch);
	rule_release(&w);
	/* A rule that asks for something turns watching on again. */
	rules[0].has_watch = true;
	c.nr = 2;
	assert_int_equal(rule_match(&w, &c, pool, 2), 0);
	assert_true(w.watch);
	rule_release(&w);
	assert_int_equal(rule_match(&w, &c, pool, 1), 0);
	assert_false(w.watch);
	rule_release(&w);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_may_hang),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_first_mount),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_type),
		cmocka_unit_test(test_device),
		cmocka_unit_test(test_fuse),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_label),
		cmocka_unit_test(test_uuid),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_merge),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
