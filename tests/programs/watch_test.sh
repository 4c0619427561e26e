#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# watch_test.sh [--kernel KERNEL] - fsalert watch after a loss: see watch.sh.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)

make -s -C "$root" tools
exec "$root/tests/vm/run" "$@" --timeout 300 \
	--copy "$root/tests/programs/lib.sh" \
	--copy "$root/tests/programs/watch.sh" -- sh /watch.sh
