/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From attributes of a message to members of a structure, by a table.
 */
#ifndef FSALERT_ATTRIBUTES_H
#define FSALERT_ATTRIBUTES_H

#include <stddef.h>
#include <stdint.h>

#include <linux/netlink.h>

#include "array.h"

/**
 * enum fsa_form - what an attribute holds, and what a member is
 * @FSA_NONE: an attribute that is not taken
 * @FSA_U32: 32 bits, to a uint64_t
 * @FSA_UINT: 32 or 64 bits, to a uint64_t
 * @FSA_STRING: to a const char *, which then points into the message
 * @FSA_UUID: to FSA_UUID_LEN bytes
 * @FSA_FLAG: nothing, to a bool
 */
enum fsa_form {
	FSA_NONE,
	FSA_U32,
	FSA_UINT,
	FSA_STRING,
	FSA_UUID,
	FSA_FLAG,
};

/**
 * struct fsa_field - where an attribute goes
 * @form: what it holds
 * @offset: of the member
 */
struct fsa_field {
	enum fsa_form form;
	size_t offset;
};

/**
 * struct fsa_table - where the attributes of a set go
 * @fields: by number of the attribute
 * @nr: how many fields
 */
struct fsa_table {
	const struct fsa_field *fields;
	size_t nr;
};

uint64_t fsa_take(void *object, const struct fsa_table *table,
		  const struct nlattr *attr);

#endif /* FSALERT_ATTRIBUTES_H */
