#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What private watches do, with fsalert-poll on this machine itself, which needs
# no module.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

make -s -C "$root" user demo-tools
as_root env PYTHONDONTWRITEBYTECODE=1 \
	python3 "$root/tests/behaviours/behaviours.py" "$build/demo/fuse-server" \
	"$build/user/tools/fsalert-poll/fsalert-poll" -- "$@"
