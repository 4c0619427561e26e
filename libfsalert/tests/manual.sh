#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The example of libfsalert(3) compiles as it stands there. Prints TAP.

set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

{
	cat <<-'END'
	#include <err.h>
	#include <stddef.h>
	#include <fsalert.h>
	void stop_writes(void);
	void take_writes(void);
	int example(const char *path);
	int example(const char *path)
	{
	END
	awk '/^\.Sh EXAMPLES/ { on = 1 } /^\.Sh STABILITY/ { on = 0 }
		/^\.Ed/ { code = 0 } on && code; /^\.Bd/ { code = 1 }' \
		"$root/docs/libfsalert.3"
	printf '\treturn 0;\n}\n'
} >"$dir/example.c"
echo 1..1
if "${CC:-cc}" -Wall -Wextra -Werror -I"$root/libfsalert" -c -o "$dir/example.o" \
		"$dir/example.c" >"$dir/out" 2>&1 && grep -q fsalert_wait "$dir/example.c"; then
	echo 'ok 1 - the example of libfsalert(3)'
else
	echo 'not ok 1 - the example of libfsalert(3)'
	sed 's/^/# /' "$dir/out"
	exit 1
fi
