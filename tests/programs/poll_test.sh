#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# poll_test.sh [--kernel KERNEL] - fsalert-poll does what the kernel does: poll.py
# says how.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)

make -s -C "$root" user
exec "$root/tests/vm/run" "$@" --python --timeout 900 --disk 64M \
	--copy "$root/build/user/tools/fsalert-poll/fsalert-poll" \
	--copy "$root/tests/programs/poll.py" -- \
	python3 /poll.py $((200 * ${FSE_ROUNDS:-1}))
