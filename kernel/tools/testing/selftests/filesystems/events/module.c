// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading and unloading fs_events, where it is a module.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/fs_event.h>

#include "control.h"
#include "module.h"

#define NAME	"fs_events"

bool fse_module_loaded(void)
{
	/* Built-in code has no initstate. */
	return !access("/sys/module/" NAME "/initstate", F_OK);
}

bool built_in(void)
{
	return !fse_module_loaded() &&
	       !fse_sh("grep -qw fstrace /proc/filesystems");
}

bool keeps_freed_memory(void)
{
	return !fse_sh("grep -q ' kasan_quarantine_put$' /proc/kallsyms");
}

int fse_module_load(void)
{
	if (fse_module_loaded())
		return 0;
	if (!fse_sh("modprobe " NAME " 2>/dev/null"))
		return 0;
	return fse_sh("insmod ${FSE_MODULE:-/t/" NAME ".ko} 2>/dev/null") ? -1 : 0;
}

int fse_module_unload(void)
{
	return syscall(SYS_delete_module, NAME, O_NONBLOCK) ? -errno : 0;
}

static bool fstrace_mounted(void)
{
	struct statfs st;

	return !statfs(FSE_DIR, &st) && st.f_type == FSTRACE_MAGIC;
}

int fse_fstrace_mount(void)
{
	if (fstrace_mounted())
		return 0;
	return mount("none", FSE_DIR, "fstrace", 0, NULL) ? -errno : 0;
}

int fse_fstrace_umount(void)
{
	while (fstrace_mounted())
		if (umount2(FSE_DIR, 0))
			return -errno;
	return 0;
}
