/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FSALERT_ARRAY_H
#define FSALERT_ARRAY_H

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif /* FSALERT_ARRAY_H */
