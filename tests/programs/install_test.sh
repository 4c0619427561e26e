#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# install_test.sh [--kernel KERNEL] - the files that `make install` installs and
# `make uninstall` removes: build a program with them and pkg-config, and use
# all of it in the VM (install.sh).

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

mkdir -p "$build/test"
dir=$(mktemp -d "$build/test/install.XXXXXX")
trap 'rm -rf "$dir"' EXIT

make_it() {
	make -s -C "$root" KVER="$(cat "$build/kernel/cloud/release")" \
		KDIR="$build/kernel/cloud/headers" DESTDIR="$dir/$1" "$2"
}

make_it installed install
export PKG_CONFIG_SYSROOT_DIR="$dir/installed"
export PKG_CONFIG_PATH="$dir/installed/usr/local/lib/pkgconfig"
# shellcheck disable=SC2046  # options
gcc -O1 -Wall -Wextra -Werror -o "$dir/library" "$root/docs/examples/library.c" \
	$(pkg-config --cflags --libs fsevents)
needed=$(objdump -p "$dir/library" | awk '$1 == "NEEDED" { print $2 }' | grep fsevents)
[ "$needed" = libfsevents.so.0 ] || die "the program needs $needed"

make_it installed-twice install
make_it installed-twice uninstall
left=$(find "$dir/installed-twice" ! -type d)
[ -z "$left" ] || die "make uninstall leaves $left"

"$root/tests/vm/run" --no-module "$@" --copy "$root/tests/programs/lib.sh" \
	--copy "$root/tests/programs/install.sh" --copy "$dir/library" \
	--copy "$dir/installed" -- sh /install.sh
