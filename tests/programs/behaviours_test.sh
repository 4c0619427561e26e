#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# behaviours_test.sh [--kernel KERNEL] - what private watches do, with the kernel,
# and that fsalert-poll answers requests as it does: see tests/behaviours. The
# list for fsalert-poll is run by tests/harness/behaviours_test.sh.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)

make -s -C "$root" tools demo-tools
exec "$root/tests/vm/run" "$@" --python --timeout 1500 \
	--copy "$root/build/demo/fuse-server" --copy "$root/tests/behaviours" -- \
	env FSE_ROUNDS="${FSE_ROUNDS:-1}" FSE_IN_VM=1 TMPDIR=/mnt \
	python3 /behaviours/behaviours.py /fuse-server \
	kernel /usr/local/bin/fsalert-poll
