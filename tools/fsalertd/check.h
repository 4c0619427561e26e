/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FSALERTD_CHECK_H
#define FSALERTD_CHECK_H

int check(const char *folder);

#endif /* FSALERTD_CHECK_H */
