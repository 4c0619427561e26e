/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loading and unloading fs_events, where it is a module.
 */
#ifndef MODULE_H
#define MODULE_H

#include <stdbool.h>

/* Is fs_events loaded as a module? */
bool fse_module_loaded(void);
/* Is it built in, so that the VFS and file systems call it? */
bool built_in(void);
/* Does this kernel quarantine freed memory (KASAN)? */
bool keeps_freed_memory(void);

/*
 * Loads the module if necessary: modprobe's, else the file given by FSE_MODULE
 * in the environment, else /t/fs_events.ko. 0 or -1.
 */
int fse_module_load(void);

/* delete_module(2). 0 or a negative errno. */
int fse_module_unload(void);

/* Mounts fstrace at FSE_DIR; unmounts all mounts there. 0 or -errno. */
int fse_fstrace_mount(void);
int fse_fstrace_umount(void);

#endif /* MODULE_H */
