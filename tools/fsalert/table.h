/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables.
 */
#ifndef FSALERT_TABLE_H
#define FSALERT_TABLE_H

struct table;

struct table *table_new(int noheadings, ...);
void table_add(struct table *table, ...);
void table_print(struct table *table);
void table_free(struct table *table);

#endif /* FSALERT_TABLE_H */
