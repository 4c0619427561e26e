#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fsalertd on this machine itself, with events of fsalert-poll.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

"$root/scripts/install-deps" test
make -s -C "$root" user
as_root python3 "$root/tools/fsalertd/tests/program_test.py" \
	"$build/user/tools/fsalertd/fsalertd" \
	"$build/user/tools/fsalert-poll/fsalert-poll"
