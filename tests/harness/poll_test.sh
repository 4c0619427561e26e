#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fsalert-poll on this machine itself, which needs no module.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

make -s -C "$root" user demo-tools
as_root python3 "$root/tools/fsalert-poll/tests/program_test.py" \
	"$build/user/tools/fsalert-poll/fsalert-poll" "$build/demo/fuse-server"
