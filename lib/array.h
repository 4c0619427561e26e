/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FSEVENTS_ARRAY_H
#define FSEVENTS_ARRAY_H

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif /* FSEVENTS_ARRAY_H */
