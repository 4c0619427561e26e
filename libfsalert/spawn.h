/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Starting fsalert-poll.
 */
#ifndef FSALERT_SPAWN_H
#define FSALERT_SPAWN_H

int fsa_spawn(const char *path, int *fd);

#endif /* FSALERT_SPAWN_H */
