// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: failed writeback, by the tracepoint filemap_set_wb_err.
 *
 * The tracepoint hands over the value from before; the errno is read from the
 * mapping.
 *
 * Context: the probe runs where writeback ends: in interrupts, too, with
 * preemption off.
 */
#include <linux/pagemap.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "../internal.h"

static struct tracepoint *fse_wb_err_point;

static void fse_wb_err(void *data, struct address_space *mapping, errseq_t old)
{
	int error = READ_ONCE(mapping->wb_err) & MAX_ERRNO;

	if (error)
		fse_source_wb_err(mapping, error);
}

static void fse_wb_err_find(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, "filemap_set_wb_err"))
		*(struct tracepoint **)found = tp;
}

int fse_writeback_start(void)
{
	if (!fse_wb_err_point)
		for_each_kernel_tracepoint(fse_wb_err_find, &fse_wb_err_point);
	/* A kernel built without tracepoints tells less. */
	if (!fse_wb_err_point)
		return 0;
	return tracepoint_probe_register(fse_wb_err_point, fse_wb_err, NULL);
}

/**
 * fse_sees_writeback - does each failed writeback come here?
 *
 * Context: Any; the source is on.
 */
bool fse_sees_writeback(void)
{
	return fse_wb_err_point;
}

void fse_writeback_stop(void)
{
	if (fse_wb_err_point)
		tracepoint_probe_unregister(fse_wb_err_point, fse_wb_err, NULL);
}
