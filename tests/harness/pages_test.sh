#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The examples of every page, on this machine itself, as after `make install`.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

make -s -C "$root" user
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
"$root/tests/pages/extract" "$dir/pages"
DESTDIR=$dir/installed meson install -C "$build/user" --no-rebuild --quiet >&2
cp "$root/tests/programs/lib.sh" "$root/tests/pages/pages.sh" "$dir/"
# The prefix may be another one.
sed -n 's/^--prefix=\([^ ]*\).*/\1/p' "$build/user/.options" | grep -q -x /usr/local ||
	die "built for another prefix than /usr/local: make clean"
# shellcheck disable=SC2016  # the other shell expands it
as_root unshare -m sh -c 'mount --bind "$1/installed/usr/local" /usr/local &&
	LIB_SH=$1/lib.sh exec sh "$1/pages.sh" "$1/pages"' sh "$dir"
