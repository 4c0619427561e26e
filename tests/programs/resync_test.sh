#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# resync_test.sh [--kernel KERNEL] - a handle that lost messages shows the true
# state: see resync.c.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

"$root/scripts/fetch-source"
make -s -C "$root" tools
make -s -C "$root/tests/programs" O="$build/programs" LIB="$build/user/libfsalert"
exec "$root/tests/vm/run" "$@" --timeout 600 \
	--copy "$build/programs/resync" -- /resync
