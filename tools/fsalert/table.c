// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables, by libsmartcols: it knows the width of characters.
 */
#include <err.h>
#include <stdarg.h>
#include <stdlib.h>

#include <libsmartcols.h>

#include "commands.h"
#include "table.h"
#include "text.h"

struct table {
	struct libscols_table *cols;
};

/**
 * table_new - a table
 * @noheadings: without a head
 * @...: names of the columns, up to a NULL
 *
 * Return: the table. The program ends when there is no memory.
 */
struct table *table_new(int noheadings, ...)
{
	struct table *table = malloc(sizeof(*table));
	const char *name;
	va_list args;

	if (table)
		table->cols = scols_new_table();
	if (!table || !table->cols)
		err(STATUS_FAILED, NULL);
	scols_table_enable_noheadings(table->cols, noheadings);
	va_start(args, noheadings);
	while ((name = va_arg(args, const char *))) {
		if (!scols_table_new_column(table->cols, name, 0, 0))
			err(STATUS_FAILED, NULL);
	}
	va_end(args);
	return table;
}

/**
 * table_add - add a line
 * @table: the table
 * @...: a text for each column, or NULL
 */
void table_add(struct table *table, ...)
{
	struct libscols_line *line = scols_table_new_line(table->cols, NULL);
	size_t i, nr = scols_table_get_ncols(table->cols);
	const char *text;
	va_list args;

	if (!line)
		err(STATUS_FAILED, NULL);
	va_start(args, table);
	for (i = 0; i < nr; i++) {
		text = va_arg(args, const char *);
		if (text && scols_line_refer_data(line, i,
						  text_escape(text,
							      text_plain_locale)))
			err(STATUS_FAILED, NULL);
	}
	va_end(args);
}

void table_print(struct table *table)
{
	if (scols_print_table(table->cols))
		err(STATUS_FAILED, "standard output");
}

void table_free(struct table *table)
{
	scols_unref_table(table->cols);
	free(table);
}
