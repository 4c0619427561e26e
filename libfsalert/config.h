/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests for global watches, and why they are refused.
 */
#ifndef FSALERT_CONFIG_H
#define FSALERT_CONFIG_H

#include "handle.h"

int fsa_config_write(struct fsalert *h, const char *instance,
		     const char *request);
const char *fsa_log_find(char *log, const char *request, size_t *at);

#endif /* FSALERT_CONFIG_H */
