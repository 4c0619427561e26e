#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Results of the KUnit tests that the debug kernel runs at boot, one line per
# test.

# shellcheck source=tests/harness/lib.sh
. "$(dirname "$0")/../harness/lib.sh"

if ! grep -q '^config FS_EVENTS_KUNIT_TEST' "$root/kernel/fs/events/Kconfig"; then
	echo '1..1'
	echo 'ok 1 - kunit # SKIP there are none'
	exit
fi

"$root/tests/vm/run" --kernel debug --no-module --append kunit.enable=1 -- \
	cat /sys/kernel/debug/kunit/fs_event/results >"$dir/out" 2>"$dir/err"
status=$?
cat "$dir/err" >&2
# Prints all output, with comments before the results; results lose the four
# columns of indentation of a suite.
sed -E -e 's/^    (not ok|ok|1\.\.)/\1/; t' -e 's/^/# /' "$dir/out"
exit "$status"
