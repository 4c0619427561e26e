#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# foreign_test.sh [--kernel KERNEL] - unmodified programs of other projects with
# file system events: see foreign.sh.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)

exec "$root/tests/vm/run" "$@" --python --timeout 600 \
	--copy "$root/tests/programs/lib.sh" \
	--copy "$root/tests/programs/forge.py" \
	--copy "$root/tests/programs/foreign.sh" \
	--copy "$root/docs/examples" -- sh /foreign.sh
