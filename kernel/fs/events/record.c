// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: what records refer to, and share with the watch that they are
 * about.
 *
 * Context: making: process context, may sleep; taking and dropping references: any.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "internal.h"

struct fse_string *fse_string_alloc(const char *s, gfp_t gfp)
{
	size_t len = strlen(s) + 1;
	struct fse_string *string;

	string = kmalloc(struct_size(string, s, len), gfp);
	if (!string)
		return NULL;
	refcount_set(&string->refs, 1);
	memcpy(string->s, s, len);
	return string;
}

struct fse_string *fse_string_get(struct fse_string *string)
{
	refcount_inc(&string->refs);
	return string;
}

void fse_string_put(struct fse_string *string)
{
	if (string && refcount_dec_and_test(&string->refs))
		kfree(string);
}

/**
 * fse_identity_alloc - which file system it is
 * @fstype: its type; freed with the identity, or now if that fails; or NULL
 * @source: its source, likewise
 *
 * The caller fills in the rest.
 *
 * Return: a reference, or NULL when there is no memory.
 */
struct fse_identity *fse_identity_alloc(const char *fstype,
					const char *source)
{
	struct fse_identity *identity = NULL;

	if (fstype && source)
		identity = kzalloc_obj(*identity, GFP_KERNEL_ACCOUNT);
	if (!identity) {
		kfree(fstype);
		kfree(source);
		return NULL;
	}
	refcount_set(&identity->refs, 1);
	identity->fstype = fstype;
	identity->source = source;
	return identity;
}

struct fse_identity *fse_identity_get(struct fse_identity *identity)
{
	refcount_inc(&identity->refs);
	return identity;
}

void fse_identity_put(struct fse_identity *identity)
{
	if (!identity || !refcount_dec_and_test(&identity->refs))
		return;
	kfree(identity->fstype);
	kfree(identity->source);
	kfree(identity);
}
