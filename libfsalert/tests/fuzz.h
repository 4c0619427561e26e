/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a program may read of an event, for fuzzing. */
#ifndef FSA_FUZZ_H
#define FSA_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "event.h"

/* libFuzzer calls it by a name that scripts/fuzz sets. */
int fuzz_one(const uint8_t *data, size_t size);

/* What was read has to go somewhere. */
extern size_t fuzz_sum;

static inline void fuzz_read(const struct fsalert_event *ev)
{
	const uint8_t *payload;
	const char *text;
	uint64_t value;
	size_t len, i;
	int key;

	for (key = 0; key < FSA_KEYS + 2; key++) {
		if (!fsalert_u64(ev, key, &value))
			fuzz_sum += value;
		text = fsalert_str(ev, key);
		fuzz_sum += text ? strlen(text) : 0;
	}
	payload = fsalert_payload(ev, &len);
	for (i = 0; i < len; i++)
		fuzz_sum += payload[i];
	fuzz_sum += fsalert_severity(ev);
}

#endif /* FSA_FUZZ_H */
