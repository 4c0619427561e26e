#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# pages_test.sh [--kernel KERNEL] - the examples of every page, with the kernel:
# see tests/pages.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

make -s -C "$root" tools
"$root/tests/pages/extract" "$build/pages"
mkdir -p "$build/usr-local/libexec/fsalert"
cp "$build/tools/fsalert-poll" "$build/usr-local/libexec/fsalert/"
exec "$root/tests/vm/run" "$@" --timeout 300 \
	--copy "$root/tests/programs/lib.sh" --copy "$build/pages" \
	--copy "$build/usr-local" --copy "$root/tests/pages/pages.sh" -- \
	sh -c 'mkdir -p /usr/local/libexec/fsalert
		cp /usr-local/libexec/fsalert/* /usr/local/libexec/fsalert/
		exec sh /pages.sh /pages'
