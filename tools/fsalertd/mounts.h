/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mount table, and which file system each mount belongs to.
 */
#ifndef FSALERTD_MOUNTS_H
#define FSALERTD_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct libmnt_table;

/**
 * enum mount_class - kinds of file systems
 * @MOUNT_PSEUDO: without space of their own: never watched
 * @MOUNT_LOCAL: on a local disk
 * @MOUNT_MEMORY: tmpfs
 * @MOUNT_REMOTE: network, FUSE and stacked file systems, which may have to wait
 *	for a server
 */
enum mount_class {
	MOUNT_PSEUDO,
	MOUNT_LOCAL,
	MOUNT_MEMORY,
	MOUNT_REMOTE,
};

/**
 * struct mount - a line of the table; the texts belong to the table, but for the key
 * @id: number of the mount
 * @parent: number of the mount that it is mounted on; -1: none
 * @dev: device number of the file system
 * @key: names the file system: all mounts, subvolumes and data sets that share their
 *	space have the same one
 * @target: where it is mounted
 * @source: the device, or what the file system has instead
 * @fstype: type of the file system
 * @root: which directory of the file system is mounted
 * @class: its kind
 * @may_hang: may a system call on its path wait for a server?
 * @read_only: does the file system accept no writes at all?
 * @hidden: is another mount mounted over it?
 * @on: the mount that it is mounted on; NULL: none in the table
 * @covers: how many mounts are mounted over it
 * @cut: is a mount mounted over a directory that leads to it?
 */
struct mount {
	int id;
	int parent;
	dev_t dev;
	char *key;
	const char *target;
	const char *source;
	const char *fstype;
	const char *root;
	enum mount_class class;
	bool may_hang;
	bool read_only;
	bool hidden;
	const struct mount *on;
	unsigned int covers;
	bool cut;
};

/**
 * struct mounts - the table
 * @table: it
 * @list: its mounts
 * @nr: how many there are
 * @groups: those that can be reached, the mounts of a file system one after the other
 * @nr_groups: how many these are
 */
struct mounts {
	struct libmnt_table *table;
	struct mount *list;
	size_t nr;
	const struct mount **groups;
	size_t nr_groups;
};

int mounts_read(struct mounts *m, FILE *file);
void mounts_free(struct mounts *m);
const struct mount * const *mounts_gather(const struct mounts *m,
					  const char *key, size_t *nr);
const struct mount *mounts_best(const struct mount * const *list, size_t nr);

#endif /* FSALERTD_MOUNTS_H */
