/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loading and unloading fs_events, where it is a module.
 */
#ifndef MODULE_H
#define MODULE_H

#include <stdbool.h>

/* Is it loaded, as a module? */
bool fse_module_loaded(void);
/* Is it a part of this kernel, so that the VFS and file systems call it? */
bool built_in(void);
/* Does this kernel keep what is freed, for a while, to see who still uses it? */
bool keeps_freed_memory(void);

/*
 * Loads it, if it isn't: the one that modprobe finds, else the file that
 * FSE_MODULE in the environment names, else /t/fs_events.ko. 0 or -1.
 */
int fse_module_load(void);

/* delete_module(2). 0 or a negative errno. */
int fse_module_unload(void);

/* Mounts fstrace once, where it belongs; unmounts all of it there. 0, -errno */
int fse_fstrace_mount(void);
int fse_fstrace_umount(void);

#endif /* MODULE_H */
