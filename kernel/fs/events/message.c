// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: what is in a netlink message.
 *
 * Context: process context. Nothing is changed but the message.
 */
#include <linux/pid.h>
#include <linux/string.h>
#include <net/netlink.h>

#include "internal.h"

/**
 * fse_message_size - bytes of the attributes of a message
 * @r: the event
 *
 * Return: what fse_message_put() puts, exactly; but where 64-bit numbers have to
 * be aligned there is room to pad each of them, whether it takes that or not.
 */
size_t fse_message_size(const struct fse_record *r)
{
	const struct fse_identity *fs = r->identity;
	size_t size;

	size = nla_total_size(sizeof(u32)) * 6 +	/* id, dev, pid, ... */
	       nla_total_size_64bit(sizeof(u64)) * 3 +	/* seq, time, fsid */
	       nla_total_size(strlen(r->mount->s) + 1) +
	       nla_total_size(strlen(fs->fstype) + 1) +
	       nla_total_size(strlen(fs->source) + 1);
	if (r->has_error)
		size += nla_total_size(sizeof(u32));
	if (!r->is_level && r->ino)
		size += nla_total_size_64bit(sizeof(u64));
	if (r->is_level)
		size += nla_total_size_64bit(sizeof(u64)) * 3 +
			nla_total_size(sizeof(u32));
	if (r->is_level && r->frsize)
		size += nla_total_size(sizeof(u32));
	if (r->last)
		size += nla_total_size(0);
	if (r->of)
		size += nla_total_size(sizeof(u32));
	if (!uuid_is_null(&fs->uuid))
		size += nla_total_size(sizeof(fs->uuid));
	return size;
}

static int fse_put_level(struct sk_buff *skb, const struct fse_record *r)
{
	return nla_put_u64_64bit(skb, FS_NL_A_DATA, r->avail,
				 FS_NL_A_PAD) ||
	       nla_put_u64_64bit(skb, FS_NL_A_LEVEL, r->trigger,
				 FS_NL_A_PAD) ||
	       nla_put_u64_64bit(skb, FS_NL_A_TOTAL, r->total,
				 FS_NL_A_PAD) ||
	       (r->frsize &&
		nla_put_u32(skb, FS_NL_A_FRSIZE, r->frsize)) ||
	       nla_put_u32(skb, FS_NL_A_LEVEL_NR, r->level_nr);
}

static int fse_put_identity(struct sk_buff *skb, const struct fse_record *r)
{
	const struct fse_identity *fs = r->identity;

	return nla_put_u32(skb, FS_NL_A_DEV_MAJOR, MAJOR(fs->dev)) ||
	       nla_put_u32(skb, FS_NL_A_DEV_MINOR, MINOR(fs->dev)) ||
	       nla_put_string(skb, FS_NL_A_MOUNT, r->mount->s) ||
	       nla_put_string(skb, FS_NL_A_FSTYPE, fs->fstype) ||
	       nla_put_string(skb, FS_NL_A_SOURCE, fs->source) ||
	       nla_put_u64_64bit(skb, FS_NL_A_FSID, fs->fsid, FS_NL_A_PAD) ||
	       (!uuid_is_null(&fs->uuid) &&
		nla_put(skb, FS_NL_A_UUID, sizeof(fs->uuid), &fs->uuid)) ||
	       nla_put_u32(skb, FS_NL_A_ENTRY_ID, r->entry);
}

/**
 * fse_message_put - put the attributes of a message
 * @skb: room for fse_message_size() bytes
 * @r: the event
 * @seq: its number
 * @pid_ns: processes are numbered as seen from there
 *
 * Return: 0, or -EMSGSIZE when there is no room.
 */
int fse_message_put(struct sk_buff *skb, const struct fse_record *r, u64 seq,
		    struct pid_namespace *pid_ns)
{
	bool full = nla_put_u32(skb, FS_NL_A_EVENT_ID, r->id) ||
	       nla_put_u64_64bit(skb, FS_NL_A_SEQ, seq, FS_NL_A_PAD) ||
	       nla_put_u64_64bit(skb, FS_NL_A_TIME, r->time_ns,
				 FS_NL_A_PAD) ||
	       nla_put_u32(skb, FS_NL_A_COUNT, r->count) ||
	       nla_put_u32(skb, FS_NL_A_CAUSED_PID,
			   pid_nr_ns(r->pid, pid_ns)) ||
	       fse_put_identity(skb, r) ||
	       (r->has_error &&
		nla_put_u32(skb, FS_NL_A_ERRNO, r->error)) ||
	       (!r->is_level && r->ino &&
		nla_put_u64_64bit(skb, FS_NL_A_INO, r->ino, FS_NL_A_PAD)) ||
	       (r->is_level && fse_put_level(skb, r)) ||
	       (r->last && nla_put_flag(skb, FS_NL_A_LAST)) ||
	       (r->of && nla_put_u32(skb, FS_NL_A_OF, r->of));

	return full ? -EMSGSIZE : 0;
}
