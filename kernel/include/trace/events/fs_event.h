/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events of file system events: watches, occurrences, samples and
 * messages.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM fs_event

#if !defined(_TRACE_FS_EVENT_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_FS_EVENT_H

#include <linux/types.h>
#include <linux/kdev_t.h>
#include <linux/tracepoint.h>
#include <uapi/linux/fs_event.h>

#define show_fs_event(id)						\
	__print_symbolic(id,						\
		{ FS_WARN_ENOSPC,	"enospc" },			\
		{ FS_WARN_ENOSPC_META,	"enospc_meta" },		\
		{ FS_THR_LRBELOW,	"thr_lrbelow" },		\
		{ FS_THR_LRABOVE,	"thr_lrabove" },		\
		{ FS_THR_URBELOW,	"thr_urbelow" },		\
		{ FS_THR_URABOVE,	"thr_urabove" },		\
		{ FS_ERR_REMOUNT_RO,	"remount_ro" },			\
		{ FS_ERR_CORRUPTED,	"corrupted" },			\
		{ FS_THR_BELOW,		"thr_below" },			\
		{ FS_THR_ABOVE,		"thr_above" },			\
		{ FS_INO_BELOW,		"ino_below" },			\
		{ FS_INO_ABOVE,		"ino_above" },			\
		{ FS_INFO_UNMOUNT,	"unmount" },			\
		{ FS_ERR_IO,		"io_error" },			\
		{ FS_ERR_SHUTDOWN,	"shutdown" },			\
		{ FS_INFO_CLEARED,	"cleared" })

#define show_fs_event_types(types)					\
	__print_flags(types, ",", { 1, "G" }, { 2, "T" }, { 4, "I" })

DECLARE_EVENT_CLASS(fs_event_watch,
		    TP_PROTO(dev_t dev, u32 watch, unsigned int types,
			     u32 events),
		    TP_ARGS(dev, watch, types, events),
		    TP_STRUCT__entry(__field(dev_t, dev)
				     __field(u32, watch)
				     __field(unsigned int, types)
				     __field(u32, events)),
		    TP_fast_assign(__entry->dev = dev;
				   __entry->watch = watch;
				   __entry->types = types;
				   __entry->events = events;),
		    TP_printk("dev=%u:%u watch=%u types=%s events=%#x",
			      MAJOR(__entry->dev), MINOR(__entry->dev),
			      __entry->watch,
			      show_fs_event_types(__entry->types),
			      __entry->events));

/* a watch was made; was changed; has ended */
DEFINE_EVENT(fs_event_watch, fs_event_watch_add,
	     TP_PROTO(dev_t dev, u32 watch, unsigned int types, u32 events),
	     TP_ARGS(dev, watch, types, events));

DEFINE_EVENT(fs_event_watch, fs_event_watch_change,
	     TP_PROTO(dev_t dev, u32 watch, unsigned int types, u32 events),
	     TP_ARGS(dev, watch, types, events));

DEFINE_EVENT(fs_event_watch, fs_event_watch_gone,
	     TP_PROTO(dev_t dev, u32 watch, unsigned int types, u32 events),
	     TP_ARGS(dev, watch, types, events));

/* an occurrence that a watch has enabled */
TRACE_EVENT(fs_event_notify,
	    TP_PROTO(dev_t dev, u32 watch, unsigned int id, int error),
	    TP_ARGS(dev, watch, id, error),
	    TP_STRUCT__entry(__field(dev_t, dev)
			     __field(u32, watch)
			     __field(unsigned int, id)
			     __field(int, error)),
	    TP_fast_assign(__entry->dev = dev;
			   __entry->watch = watch;
			   __entry->id = id;
			   __entry->error = error;),
	    TP_printk("dev=%u:%u watch=%u event=%s error=%d",
		      MAJOR(__entry->dev), MINOR(__entry->dev),
		      __entry->watch, show_fs_event(__entry->id),
		      __entry->error));

/* a sample of a file system */
TRACE_EVENT(fs_event_sample,
	    TP_PROTO(dev_t dev, u64 avail, u64 inodes, u64 cost_ns,
		     u64 delay_ns),
	    TP_ARGS(dev, avail, inodes, cost_ns, delay_ns),
	    TP_STRUCT__entry(__field(dev_t, dev)
			     __field(u64, avail)
			     __field(u64, inodes)
			     __field(u64, cost_ns)
			     __field(u64, delay_ns)),
	    TP_fast_assign(__entry->dev = dev;
			   __entry->avail = avail;
			   __entry->inodes = inodes;
			   __entry->cost_ns = cost_ns;
			   __entry->delay_ns = delay_ns;),
	    TP_printk("dev=%u:%u avail=%llu inodes=%llu cost_ns=%llu next_ns=%llu",
		      MAJOR(__entry->dev), MINOR(__entry->dev),
		      __entry->avail, __entry->inodes, __entry->cost_ns,
		      __entry->delay_ns));

DECLARE_EVENT_CLASS(fs_event_message,
		    TP_PROTO(dev_t dev, u32 watch, unsigned int id, u32 count,
			     int error),
		    TP_ARGS(dev, watch, id, count, error),
		    TP_STRUCT__entry(__field(dev_t, dev)
				     __field(u32, watch)
				     __field(unsigned int, id)
				     __field(u32, count)
				     __field(int, error)),
		    TP_fast_assign(__entry->dev = dev;
				   __entry->watch = watch;
				   __entry->id = id;
				   __entry->count = count;
				   __entry->error = error;),
		    TP_printk("dev=%u:%u watch=%u event=%s count=%u error=%d",
			      MAJOR(__entry->dev), MINOR(__entry->dev),
			      __entry->watch, show_fs_event(__entry->id),
			      __entry->count, __entry->error));

/*
 * occurrences merged into a pending one; a message that was sent; a message
 * that was dropped, without a listener (-ESRCH) or for lack of memory
 */
DEFINE_EVENT(fs_event_message, fs_event_coalesce,
	     TP_PROTO(dev_t dev, u32 watch, unsigned int id, u32 count,
		      int error),
	     TP_ARGS(dev, watch, id, count, error));

DEFINE_EVENT(fs_event_message, fs_event_send,
	     TP_PROTO(dev_t dev, u32 watch, unsigned int id, u32 count,
		      int error),
	     TP_ARGS(dev, watch, id, count, error));

DEFINE_EVENT(fs_event_message, fs_event_drop,
	     TP_PROTO(dev_t dev, u32 watch, unsigned int id, u32 count,
		      int error),
	     TP_ARGS(dev, watch, id, count, error));

#endif /* _TRACE_FS_EVENT_H */

/* This part must be outside protection */
#include <trace/define_trace.h>
