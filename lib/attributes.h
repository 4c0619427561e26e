/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From attributes of a message to members of a structure, by a table.
 */
#ifndef FSEVENTS_ATTRIBUTES_H
#define FSEVENTS_ATTRIBUTES_H

#include <stddef.h>
#include <stdint.h>

#include <linux/netlink.h>

#include "array.h"

/**
 * enum fsev_form - what an attribute holds, and what a member is
 * @FSEV_NONE: an attribute that is not taken
 * @FSEV_U32: 32 bits, to a uint64_t
 * @FSEV_U64: 64 bits, to a uint64_t
 * @FSEV_UINT: 32 or 64 bits, to a uint64_t
 * @FSEV_STRING: to a const char *, which then points into the message
 * @FSEV_UUID: to FSEVENTS_UUID_LEN bytes
 * @FSEV_FLAG: nothing, to a bool
 */
enum fsev_form {
	FSEV_NONE,
	FSEV_U32,
	FSEV_U64,
	FSEV_UINT,
	FSEV_STRING,
	FSEV_UUID,
	FSEV_FLAG,
};

/**
 * struct fsev_field - where an attribute goes
 * @form: what it holds
 * @offset: of the member
 */
struct fsev_field {
	enum fsev_form form;
	size_t offset;
};

/**
 * struct fsev_table - where the attributes of a set go
 * @fields: by number of the attribute
 * @nr: how many fields
 */
struct fsev_table {
	const struct fsev_field *fields;
	size_t nr;
};

uint64_t fsev_take(void *object, const struct fsev_table *table,
		   const struct nlattr *attr);

#endif /* FSEVENTS_ATTRIBUTES_H */
