/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What most files of a kernel include: cc has it parsed once for all of them. No
 * header of trace events may be in here, nor one that asks for macros which a file
 * defines before it includes it.
 */

/* what the kernel's makefiles have each file begin with */
#include <linux/kconfig.h>
#include <linux/compiler_types.h>

#include <linux/module.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/highmem.h>
#include <linux/slab.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/seq_file.h>
#include <linux/writeback.h>
#include <linux/workqueue.h>
#include <linux/file.h>

/* Many files have one of their own: cc defines it for those that have not. */
#undef pr_fmt
