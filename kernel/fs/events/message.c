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
size_t fse_message_size(const struct fs_event_record *r)
{
	const struct fse_watch *watch = r->watch;
	size_t size;

	size = nla_total_size(sizeof(u32)) * 6 +	/* id, dev, pid, ... */
	       nla_total_size_64bit(sizeof(u64)) * 3 +	/* seq, time, fsid */
	       nla_total_size(strlen(r->mount) + 1) +
	       nla_total_size(strlen(watch->fstype) + 1) +
	       nla_total_size(strlen(watch->source) + 1);
	if (r->has_error)
		size += nla_total_size(sizeof(u32));
	if (r->ino)
		size += nla_total_size_64bit(sizeof(u64));
	if (r->level_nr)
		size += nla_total_size_64bit(sizeof(u64)) * 3 +
			nla_total_size(sizeof(u32));
	if (r->level_nr && r->gauge.frsize)
		size += nla_total_size(sizeof(u32));
	if (!uuid_is_null(&watch->uuid))
		size += nla_total_size(sizeof(watch->uuid));
	return size;
}

static int fse_put_level(struct sk_buff *skb, const struct fs_event_record *r)
{
	return nla_put_u64_64bit(skb, FS_NL_A_DATA, r->gauge.avail,
				 FS_NL_A_PAD) ||
	       nla_put_u64_64bit(skb, FS_NL_A_LEVEL, r->trigger,
				 FS_NL_A_PAD) ||
	       nla_put_u64_64bit(skb, FS_NL_A_TOTAL, r->gauge.total,
				 FS_NL_A_PAD) ||
	       (r->gauge.frsize &&
		nla_put_u32(skb, FS_NL_A_FRSIZE, r->gauge.frsize)) ||
	       nla_put_u32(skb, FS_NL_A_LEVEL_NR, r->level_nr);
}

static int fse_put_identity(struct sk_buff *skb,
			    const struct fs_event_record *r)
{
	const struct fse_watch *watch = r->watch;

	return nla_put_u32(skb, FS_NL_A_DEV_MAJOR, MAJOR(watch->dev)) ||
	       nla_put_u32(skb, FS_NL_A_DEV_MINOR, MINOR(watch->dev)) ||
	       nla_put_string(skb, FS_NL_A_MOUNT, r->mount) ||
	       nla_put_string(skb, FS_NL_A_FSTYPE, watch->fstype) ||
	       nla_put_string(skb, FS_NL_A_SOURCE, watch->source) ||
	       nla_put_u64_64bit(skb, FS_NL_A_FSID, watch->fsid,
				 FS_NL_A_PAD) ||
	       (!uuid_is_null(&watch->uuid) &&
		nla_put(skb, FS_NL_A_UUID, sizeof(watch->uuid),
			&watch->uuid)) ||
	       nla_put_u32(skb, FS_NL_A_ENTRY_ID, watch->id);
}

/**
 * fse_message_put - put the attributes of a message
 * @skb: room for fse_message_size() bytes
 * @r: the event
 * @seq: its number
 *
 * Return: 0, or -EMSGSIZE when there is no room.
 */
int fse_message_put(struct sk_buff *skb, const struct fs_event_record *r,
		    u64 seq)
{
	bool full = nla_put_u32(skb, FS_NL_A_EVENT_ID, r->id) ||
	       nla_put_u64_64bit(skb, FS_NL_A_SEQ, seq, FS_NL_A_PAD) ||
	       nla_put_u64_64bit(skb, FS_NL_A_TIME, r->time_ns,
				 FS_NL_A_PAD) ||
	       nla_put_u32(skb, FS_NL_A_COUNT, r->count) ||
	       nla_put_u32(skb, FS_NL_A_CAUSED_PID,
			   pid_nr_ns(r->pid, r->watch->pid_ns)) ||
	       fse_put_identity(skb, r) ||
	       (r->has_error &&
		nla_put_u32(skb, FS_NL_A_ERRNO, r->error)) ||
	       (r->ino &&
		nla_put_u64_64bit(skb, FS_NL_A_INO, r->ino, FS_NL_A_PAD)) ||
	       (r->level_nr && fse_put_level(skb, r));

	return full ? -EMSGSIZE : 0;
}
