#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# daemon_test.sh [--kernel KERNEL] - fsalertd with the events of the kernel:
# program_test.py says what.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)

make -s -C "$root" user
exec "$root/tests/vm/run" "$@" --python --timeout 900 \
	--copy "$root/build/user/tools/fsalertd/fsalertd" \
	--copy "$root/build/user/tools/fsalert-poll/fsalert-poll" \
	--copy "$root/tools/fsalertd/tests/program_test.py" -- \
	env FSALERTD_TEST_SOURCE=kernel python3 /program_test.py /fsalertd /fsalert-poll
