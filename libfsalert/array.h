/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FSALERT_ARRAY_H
#define FSALERT_ARRAY_H

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif /* FSALERT_ARRAY_H */
