// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink messages: type, length and value of each attribute; no further
 * attributes; and the size computed in advance is exact.
 */
#include <linux/bits.h>
#include <linux/kdev_t.h>
#include <linux/math.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/skbuff.h>
#include <net/netlink.h>

#include "../internal.h"
#include "parsed.h"
#include "tests.h"

enum kind {
	WITH_ERROR	= BIT(0),
	WITH_INODE	= BIT(1),
	WITH_LEVEL	= BIT(2),
	OF_INODES	= BIT(3),	/* levels: no block size */
	WITH_UUID	= BIT(4),
	LONGEST_PATH	= BIT(5),
	IN_A_CONTAINER	= BIT(6),	/* the maker of the watch */
	BY_A_STRANGER	= BIT(7),	/* a pid that the maker can't see */
	BY_NO_PROCESS	= BIT(8),
};

struct message {
	const char *name;
	unsigned int id;
	unsigned int kind;
};

static const struct message messages[] = {
	{ "error of an inode", FS_ERR_CORRUPTED,
	  WITH_ERROR | WITH_INODE | WITH_UUID },
	{ "error of no inode", FS_ERR_IO, WITH_ERROR | WITH_UUID },
	{ "error by no process", FS_WARN_ENOSPC, WITH_ERROR | BY_NO_PROCESS },
	{ "error for a container", FS_WARN_ENOSPC_META,
	  WITH_ERROR | IN_A_CONTAINER },
	{ "error by one whom a container does not see", FS_ERR_SHUTDOWN,
	  WITH_ERROR | IN_A_CONTAINER | BY_A_STRANGER },
	{ "level of space", FS_THR_LRBELOW, WITH_LEVEL | WITH_UUID },
	{ "level of inodes", FS_INO_ABOVE, WITH_LEVEL | OF_INODES },
	{ "unmount", FS_INFO_UNMOUNT, WITH_ERROR | BY_NO_PROCESS | WITH_UUID },
	{ "longest path", FS_THR_ABOVE,
	  WITH_LEVEL | WITH_UUID | LONGEST_PATH },
};

KUNIT_ARRAY_PARAM_DESC(message_param, messages, name);

const void *fse_test_message_next(struct kunit *test, const void *prev,
				  char *desc)
{
	return message_param_gen_params(test, prev, desc);
}

/* A process with a pid in the initial namespace and in a container. */
#define PID_OUTSIDE	4711
#define PID_INSIDE	7

/* Numbers that reveal swapped bytes or halves, and mixed-up fields. */
#define SEQ	0x1122334455667788ULL
#define TIME	0x17f0e1d2c3b4a596ULL
#define FSID	0x8899aabbccddeeffULL
#define INO	0x0123456789abcdefULL
#define AVAIL	0xa1a2a3a4a5a6a7a8ULL
#define TRIGGER	0xb1b2b3b4b5b6b7b8ULL
#define TOTAL	0xc1c2c3c4c5c6c7c8ULL
#define FRSIZE	0xd1d2d3d4U
#define COUNT	0xe1e2e3e4U
#define ENTRY	0xf1f2f3f4U
#define DEV_MAJOR	0x7a5U
#define DEV_MINOR	0x6b4c3U
#define NR	64

/* With its NUL, the length is not a multiple of four. */
#define PLACE	"/srv/abc"
#define FSTYPE	"fuse.abc"
#define SOURCE	"/dev/mapper/a bc"

struct letter {
	struct pid_namespace *container;
	struct pid *pid;
	struct pid_namespace *maker;
	struct fse_record r;
	struct sk_buff *skb;
};

static void *zeroed(struct kunit *test, size_t size)
{
	void *p = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	return p;
}

static void make_pid(struct kunit *test, struct letter *l)
{
	l->container = zeroed(test, sizeof(*l->container));
	l->container->level = 1;
	l->container->parent = &init_pid_ns;
	l->pid = zeroed(test, struct_size(l->pid, numbers, 2));
	l->pid->level = 1;
	l->pid->numbers[0].nr = PID_OUTSIDE;
	l->pid->numbers[0].ns = &init_pid_ns;
	l->pid->numbers[1].nr = PID_INSIDE;
	l->pid->numbers[1].ns = l->container;
}

static void make_identity(struct kunit *test, struct letter *l,
			  unsigned int kind)
{
	struct fse_identity *fs = zeroed(test, sizeof(*fs));

	fs->dev = MKDEV(DEV_MAJOR, DEV_MINOR);
	fs->fsid = FSID;
	fs->fstype = FSTYPE;
	fs->source = SOURCE;
	if (kind & WITH_UUID)
		generate_random_uuid(fs->uuid.b);
	l->r.identity = fs;
	l->maker = kind & IN_A_CONTAINER ? l->container : &init_pid_ns;
}

static struct letter *make_letter(struct kunit *test, const struct message *m)
{
	struct letter *l = zeroed(test, sizeof(*l));
	struct fse_record *r = &l->r;

	make_pid(test, l);
	make_identity(test, l, m->kind);
	if (m->kind & BY_A_STRANGER)
		l->pid->level = 0;
	r->mount = zeroed(test, struct_size(r->mount, s, PATH_MAX));
	strscpy(r->mount->s, PLACE, PATH_MAX);
	if (m->kind & LONGEST_PATH)
		memset(r->mount->s, '/', PATH_MAX - 1);
	r->id = m->id;
	r->count = COUNT;
	r->time_ns = TIME;
	r->pid = m->kind & BY_NO_PROCESS ? NULL : l->pid;
	r->has_error = m->kind & WITH_ERROR;
	r->entry = ENTRY;
	r->is_level = m->kind & WITH_LEVEL;
	if (r->is_level) {
		r->level_nr = NR;
		r->avail = AVAIL;
		r->total = TOTAL;
		r->frsize = m->kind & OF_INODES ? 0 : FRSIZE;
		r->trigger = TRIGGER;
	} else {
		/* Fields that are not sent may hold anything. */
		r->error = m->id == FS_INFO_UNMOUNT ? 0 : EUCLEAN;
		r->ino = m->kind & WITH_INODE ? INO : 0;
	}
	return l;
}

static void expect_pid(struct fse_parsed *p, unsigned int kind)
{
	u32 pid = PID_OUTSIDE;

	if (kind & IN_A_CONTAINER)
		pid = PID_INSIDE;
	if (kind & (BY_A_STRANGER | BY_NO_PROCESS))
		pid = 0;
	fse_expect_u32(p, FS_NL_A_CAUSED_PID, pid);
}

static void expect_all(struct fse_parsed *p, const struct letter *l,
		       const struct message *m)
{
	const struct nlattr *uuid;

	fse_expect_u32(p, FS_NL_A_EVENT_ID, m->id);
	fse_expect_u32(p, FS_NL_A_DEV_MAJOR, DEV_MAJOR);
	fse_expect_u32(p, FS_NL_A_DEV_MINOR, DEV_MINOR);
	expect_pid(p, m->kind);
	fse_expect_u64(p, FS_NL_A_SEQ, SEQ);
	fse_expect_u64(p, FS_NL_A_TIME, TIME);
	fse_expect_u32(p, FS_NL_A_COUNT, COUNT);
	fse_expect_string(p, FS_NL_A_MOUNT, l->r.mount->s);
	fse_expect_string(p, FS_NL_A_FSTYPE, FSTYPE);
	fse_expect_string(p, FS_NL_A_SOURCE, SOURCE);
	fse_expect_u64(p, FS_NL_A_FSID, FSID);
	fse_expect_u32(p, FS_NL_A_ENTRY_ID, ENTRY);
	if (m->kind & WITH_ERROR)
		fse_expect_u32(p, FS_NL_A_ERRNO,
			       m->id == FS_INFO_UNMOUNT ? 0 : EUCLEAN);
	if (m->kind & WITH_INODE)
		fse_expect_u64(p, FS_NL_A_INO, INO);
	if (m->kind & WITH_LEVEL) {
		fse_expect_u64(p, FS_NL_A_DATA, AVAIL);
		fse_expect_u64(p, FS_NL_A_LEVEL, TRIGGER);
		fse_expect_u64(p, FS_NL_A_TOTAL, TOTAL);
		fse_expect_u32(p, FS_NL_A_LEVEL_NR, NR);
		if (!(m->kind & OF_INODES))
			fse_expect_u32(p, FS_NL_A_FRSIZE, FRSIZE);
	}
	if (m->kind & WITH_UUID) {
		uuid = fse_expect(p, FS_NL_A_UUID, 16);
		if (uuid)
			KUNIT_EXPECT_MEMEQ(p->test, nla_data(uuid),
					   &l->r.identity->uuid, 16);
	}
}

/* The size of paddings that were not needed. */
static size_t unpadded(const struct fse_parsed *p)
{
	if (IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS))
		return 0;
	return nla_total_size(0) * (p->nr_u64 - p->nr_any);
}

void fse_test_message_layout(struct kunit *test)
{
	const struct message *m = test->param_value;
	struct letter *l = make_letter(test, m);
	size_t size = fse_message_size(&l->r);
	struct fse_parsed p;
	int err;

	l->skb = fse_test_room(test, size);
	err = fse_message_put(l->skb, &l->r, SEQ, l->maker);
	KUNIT_EXPECT_EQ(test, err, 0);
	if (!err && !fse_parse(&p, test, l->skb->data, l->skb->len, FS_NL_A_MAX,
			       BIT(FS_NL_A_PAD))) {
		expect_all(&p, l, m);
		KUNIT_EXPECT_EQ_MSG(test, p.left, 0, "attributes too many");
		KUNIT_EXPECT_EQ(test, l->skb->len + unpadded(&p), size);
	}
	kfree_skb(l->skb);
}

/* The exact size of the message, given the alignment of its start. */
static size_t needed(struct kunit *test, struct letter *l, size_t room)
{
	size_t size = fse_message_size(&l->r), needed;

	l->skb = fse_test_room(test, round_up(size, 8) + room % 8);
	KUNIT_ASSERT_EQ(test, 0, fse_message_put(l->skb, &l->r, SEQ, l->maker));
	needed = l->skb->len;
	kfree_skb(l->skb);
	KUNIT_EXPECT_LE(test, needed, size);
	return needed;
}

/* With any smaller buffer it fails and writes nothing beyond. */
void fse_test_message_no_room(struct kunit *test)
{
	struct letter *l = make_letter(test, test->param_value);
	size_t need[] = { needed(test, l, 0), needed(test, l, 4) }, room;

	for (room = 0; room < need[room / 4 % 2]; room += 4) {
		l->skb = fse_test_room(test, room);
		KUNIT_EXPECT_EQ_MSG(test, -EMSGSIZE,
				    fse_message_put(l->skb, &l->r, SEQ, l->maker),
				    "%zu of %zu bytes", room,
				    need[room / 4 % 2]);
		kfree_skb(l->skb);
	}
}
