// SPDX-License-Identifier: GPL-2.0-only
/*
 * Refused requests: the right errno, the word at fault in error_log, and no
 * change.
 */
#include <errno.h>

#include "control.h"
#include "filesystem.h"
#include "harness.h"
#include "refusal.h"

#define R "/mnt/r"

/* Always watched. */
#define WATCHED R " T 9 3\n/mnt/o G\n"

FIXTURE(refusals)
{
	struct fse_fs fs;
	struct fse_fs other;
};

FIXTURE_SETUP(refusals)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->fs, "tmpfs", "r", 64, ""));
	ASSERT_EQ(0, fse_fs_make(&self->other, "tmpfs", "o", 8, ""));
	ASSERT_EQ(0, fse_config("%s", WATCHED));
}

FIXTURE_TEARDOWN(refusals)
{
	fse_config("\n");
	fse_fs_remove(&self->fs);
	fse_fs_remove(&self->other);
}

TEST_F(refusals, types_and_names)
{
	static const struct fse_bad bad[] = {
		{ R, EINVAL, R, "expected G, T or I after the path" },
		{ R " ;", EINVAL, R, "expected G, T or I after the path" },
		{ R " X", EINVAL, "X", "unknown type" },
		{ R " g", EINVAL, "g", "unknown type" },
		{ R " GT 10", EINVAL, "GT 10", "unknown type" },
		{ R " G,T 10", EINVAL, "G,T 10", "unknown type" },
		{ R " (", EINVAL, "(", "unknown type" },
		{ R " (G)", EINVAL, "(G)", "unknown type" },
		{ R " G # x", EINVAL, "# x", "unknown type" },
		{ R " G X 10", EINVAL, "X 10", "unknown type" },
		{ R " G /mnt/o G", EINVAL, "/mnt/o G", "unknown type" },
		{ R " T:10", EINVAL, "T:10", "unknown type" },
		{ R " I: 10", EINVAL, "I: 10", "unknown type" },
		{ R " G:enospc G", EINVAL, "G", "same type twice" },
		{ R " T 10 T 5", EINVAL, "T 5", "same type twice" },
		{ R " I 10 T 7 I 5", EINVAL, "I 5", "same type twice" },
		{ R " G:", EINVAL, ":", "expected the name of an event" },
		{ R " G: T 5", EINVAL, ": T 5", "expected the name" },
		{ R " G:enospc,", EINVAL, ",", "expected the name" },
		{ R " G:,enospc", EINVAL, ":,enospc", "expected the name" },
		{ R " G:enospc,,io_error", EINVAL, ",,io_error",
		  "expected the name" },
		{ R " G:foo", EINVAL, "foo", "unknown generic event" },
		{ R " G:enospc,foo T 5", EINVAL, "foo T 5", "unknown generic" },
		{ R " G:ENOSPC", EINVAL, "ENOSPC", "unknown generic event" },
		{ R " G:enosp", EINVAL, "enosp", "unknown generic event" },
		{ R " G:enospc_", EINVAL, "enospc_", "unknown generic event" },
		{ R " G:thr_lrbelow", EINVAL, "thr_lrbelow", "unknown" },
		{ R " G:unmount", EINVAL, "unmount", "unknown generic event" },
		{ R " G:enospc ,io_error", EINVAL, ",io_error",
		  "unknown type" },
		{ "!" R " X", EINVAL, "X", "unknown type" },
		{ "!" R " T T", EINVAL, "T", "same type twice" },
		{ "!" R " T 9", EINVAL, "9", "level" },
		{ "!/mnt/o G:enospc", EINVAL, "G:enospc",
		  "single events cannot be removed" },
		{ "!" R " G", ENOENT, "G", "this type is not watched" },
		{ "!" R " T I", ENOENT, "I", "this type is not watched" },
	};

	EXPECT_STREQ("", fse_refused_all(bad, ARRAY_SIZE(bad)));
}

TEST_F(refusals, amounts)
{
	static const struct fse_bad bad[] = {
		{ R " 100", EINVAL, "100", "expected T or I before a level" },
		{ R " G 100", EINVAL, "100", "expected T or I before" },
		{ R " T", EINVAL, "T", "expected levels" },
		{ R " T ;", EINVAL, "T", "expected levels" },
		{ R " T G", EINVAL, "T G", "expected levels" },
		{ R " T many", EINVAL, "many", "expected a level" },
		{ R " I many G", EINVAL, "many G", "expected a level" },
		{ R " T -5", EINVAL, "-5", "expected a level" },
		{ R " T +5", EINVAL, "+5", "expected a level" },
		{ R " T :5", EINVAL, ":5", "expected a level" },
		{ R " T %", EINVAL, "%", "expected a level" },
		{ R " G I", EINVAL, "I", "expected levels" },
		{ R " T 0x10", EINVAL, "0x10", "expected a number, and K" },
		{ R " T 10k", EINVAL, "10k", "expected a number, and K" },
		{ R " T 10KB", EINVAL, "10KB", "expected a number, and K" },
		{ R " T 10P", EINVAL, "10P", "expected a number, and K" },
		{ R " T 10%%", EINVAL, "10%%", "expected a number, and K" },
		{ R " T 1.5G", EINVAL, "1.5G", "expected a number, and K" },
		{ R " T 10,5", EINVAL, "10,5", "expected a number, and K" },
		{ R " T 9 8 7x", EINVAL, "7x", "expected a number, and K" },
		{ R " T 5:", EINVAL, ":", "expected an amount after this" },
		{ R " T 5: 6", EINVAL, ": 6", "expected an amount after" },
		{ R " T 5:x", EINVAL, "x", "expected a number, and K" },
		{ R " T 5:6:7", EINVAL, "6:7", "expected a number, and K" },
		{ R " I 5K", EINVAL, "5K", "expected a number of inodes" },
		{ R " I 5:6M", EINVAL, "6M", "expected a number of inodes" },
		{ R " T 18446744073709551616", ERANGE, "18446744073709551616",
		  "number too large" },
		{ R " T 1000000000000000000000000000000 5", ERANGE,
		  "1000000000000000000000000000000 5", "number too large" },
		{ R " T 5:18446744073709551616", ERANGE,
		  "18446744073709551616", "number too large" },
		{ R " I 99999999999999999999", ERANGE,
		  "99999999999999999999", "number too large" },
		{ R " T 20000000T", ERANGE, "20000000T", "too many bytes" },
		{ R " T 16777216T", ERANGE, "16777216T", "too many bytes" },
		{ R " T 17179869184G", ERANGE, "17179869184G", "too many" },
		{ R " T 17592186044416M", ERANGE, "17592186044416M",
		  "too many bytes" },
		{ R " T 18014398509481984K", ERANGE, "18014398509481984K",
		  "too many bytes" },
		{ R " T 5:16777216T", ERANGE, "16777216T", "too many bytes" },
		{ R " T 101%", ERANGE, "101%", "more than 100 percent" },
		{ R " T 5:101%", ERANGE, "101%", "more than 100 percent" },
		{ R " T 4294967297%", ERANGE, "4294967297%", "more than 100" },
		{ R " I 101%", ERANGE, "101%", "more than 100 percent" },
	};

	EXPECT_STREQ("", fse_refused_all(bad, ARRAY_SIZE(bad)));
}

/* Of 16384 blocks of 4 KiB. */
TEST_F(refusals, order_of_levels)
{
	static const struct fse_bad bad[] = {
		{ R " T 500 700", ERANGE, "700", "not smaller" },
		{ R " T 500 500", ERANGE, "500", "not smaller" },
		{ R " T 9 8 7 7 6", ERANGE, "7 6", "not smaller" },
		{ R " T 0 0", ERANGE, "0", "not smaller" },
		{ R " T 10% 1638", ERANGE, "1638", "not smaller" },
		{ R " T 1638 10%", ERANGE, "10%", "not smaller" },
		{ R " T 4M 1024", ERANGE, "1024", "not smaller" },
		{ R " T 1G 25% 16M", ERANGE, "16M", "not smaller" },
		{ R " I 100 200", ERANGE, "200", "not smaller" },
		{ R " T 9 8 I 5 6", ERANGE, "6", "not smaller" },
		{ R " T 100:99", ERANGE, "100:99", "re-arm smaller" },
		{ R " T 10%:9%", ERANGE, "10%:9%", "re-arm smaller" },
		{ R " T 1M:255", ERANGE, "1M:255", "re-arm smaller" },
		{ R " T 900 10:9", ERANGE, "10:9", "re-arm smaller" },
		{ R " I 10:9", ERANGE, "10:9", "re-arm smaller" },
	};

	ASSERT_EQ(16384, fse_total(&self->fs));
	EXPECT_STREQ("", fse_refused_all(bad, ARRAY_SIZE(bad)));
}

/* A file system can't be watched for what it does not count. */
TEST_F(refusals, abilities)
{
	static const struct fse_bad bad[] = {
		{ "/proc T 5", EOPNOTSUPP, "T 5", "does not tell its size" },
		{ "/proc G T 5%", EOPNOTSUPP, "T 5%", "does not tell its" },
		{ "/proc I 5", EOPNOTSUPP, "I 5", "does not count inodes" },
		{ "/mnt/endless G I 7", EOPNOTSUPP, "I 7", "does not count" },
		{ "/mnt/btrfs T 5 I 5", EOPNOTSUPP, "I 5", "does not count" },
	};
	struct fse_fs endless, btrfs;

	ASSERT_EQ(0, fse_fs_make(&btrfs, "btrfs", "btrfs", 128, ""));
	ASSERT_EQ(0, fse_fs_make(&endless, "tmpfs", "endless", 0,
				 "-o nr_inodes=0"));
	EXPECT_STREQ("", fse_refused_all(bad, ARRAY_SIZE(bad)));
	/* Any file system can be watched for errors. */
	EXPECT_EQ(0, fse_config("/mnt/btrfs G\n/mnt/endless G\n/proc G"));
	fse_fs_remove(&btrfs);
	fse_fs_remove(&endless);
}

/*
 * A tmpfs without a size limit has no available space that could fall: a level
 * would never fire.
 */
TEST_F(refusals, levels_of_tmpfs_without_size)
{
	static const struct fse_bad bad = {
		"/mnt/endless G T 5", EOPNOTSUPP, "T 5",
		"does not tell its size"
	};
	struct fse_fs endless;

	ASSERT_EQ(0, fse_fs_make(&endless, "tmpfs", "endless", 0, ""));
	ASSERT_EQ(0, fse_total(&endless));
	EXPECT_STREQ("", fse_refused(&bad, strlen(bad.text)));
	fse_fs_remove(&endless);
}

TEST_HARNESS_MAIN
