/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When there is little left, unless something else is asked for: the same for
 * fsalertd and for the command status.
 */
#ifndef FSALERT_DEFAULTS_H
#define FSALERT_DEFAULTS_H

/* Percentages of the space, and how much the first one is at most, in bytes */
#define DEFAULT_WARNING		10
#define DEFAULT_CRITICAL	5
#define DEFAULT_AT_MOST		(20ULL << 30)

/* Percentage of the inodes */
#define DEFAULT_INODES		5

#define DEFAULT_TEXT(x)		#x
#define DEFAULT_LEVEL(x, again)	DEFAULT_TEXT(x) "%:" #again "%"
#define DEFAULT_SPACE_LEVELS	DEFAULT_LEVEL(DEFAULT_WARNING, 12) " " \
				DEFAULT_LEVEL(DEFAULT_CRITICAL, 6)
#define DEFAULT_INODE_LEVELS	DEFAULT_LEVEL(DEFAULT_INODES, 6)

#endif /* FSALERT_DEFAULTS_H */
