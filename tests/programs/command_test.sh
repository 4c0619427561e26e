#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# command_test.sh [--kernel KERNEL] - the command fsalert on a kernel with file
# system events: command.sh says how.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)

make -s -C "$root" tools
exec "$root/tests/vm/run" "$@" --timeout 600 \
	--copy "$root/tests/programs/lib.sh" \
	--copy "$root/tests/programs/command.sh" -- sh /command.sh
