// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From attributes of a message to members of a structure, by a table.
 *
 * The kernel may be newer than this: attributes that are not known here are no
 * error, and a known attribute of another size than ours is taken for one that
 * did not come.
 */
#include <stdbool.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "attributes.h"
#include "event.h"

static bool fits(const struct nlattr *attr, enum fsa_form form)
{
	size_t len = mnl_attr_get_payload_len(attr);

	switch (form) {
	case FSA_U32:
		return len == sizeof(uint32_t);
	case FSA_UINT:
		return len == sizeof(uint32_t) || len == sizeof(uint64_t);
	case FSA_STRING:
		return mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0;
	case FSA_UUID:
		return len == FSA_UUID_LEN;
	case FSA_FLAG:
		return true;
	default:
		return false;
	}
}

static uint64_t number(const struct nlattr *attr)
{
	if (mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
		return mnl_attr_get_u32(attr);
	return mnl_attr_get_u64(attr);
}

/**
 * fsa_take - put what an attribute holds where it belongs
 * @object: the structure
 * @table: of its attributes
 * @attr: the attribute
 *
 * Return: 1 << its number; 0: it is none that the table takes.
 */
uint64_t fsa_take(void *object, const struct fsa_table *table,
		  const struct nlattr *attr)
{
	uint16_t nr = mnl_attr_get_type(attr);
	void *to;

	if (nr >= table->nr || !fits(attr, table->fields[nr].form))
		return 0;
	to = (char *)object + table->fields[nr].offset;
	switch (table->fields[nr].form) {
	case FSA_STRING:
		*(const char **)to = mnl_attr_get_str(attr);
		break;
	case FSA_UUID:
		memcpy(to, mnl_attr_get_payload(attr), FSA_UUID_LEN);
		break;
	case FSA_FLAG:
		*(bool *)to = true;
		break;
	default:
		*(uint64_t *)to = number(attr);
	}
	return 1ULL << nr;
}
