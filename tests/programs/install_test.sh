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

# Another prefix and libdir are in the pkg-config file as well.
rm -rf "$build/elsewhere"
make -s -C "$root" O="$build/elsewhere" PREFIX=/opt/x LIBDIR=lib64 user >/dev/null
DESTDIR="$dir/elsewhere" meson install -C "$build/elsewhere/user" --quiet
grep -qx 'prefix=/opt/x' "$dir/elsewhere/opt/x/lib64/pkgconfig/fsalert.pc" ||
	die "fsalert.pc has another prefix"
rm -rf "$build/elsewhere"

make_it installed install
export PKG_CONFIG_SYSROOT_DIR="$dir/installed"
PKG_CONFIG_PATH=$(dirname "$(find "$dir/installed" -name fsalert.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046  # options
gcc -O1 -Wall -Wextra -Werror -o "$dir/all" "$root/docs/examples/all.c" \
	$(pkg-config --cflags --libs fsalert)
needed=$(objdump -p "$dir/all" | awk '$1 == "NEEDED" { print $2 }' | grep fsalert)
[ "$needed" = libfsalert.so.0 ] || die "the program needs $needed"
for page in man1/fsalert.1 man3/libfsalert.3 man7/fs_events.7; do
	[ -e "$dir/installed/usr/local/share/man/$page" ] || die "no $page"
done

make_it installed-twice install
make_it installed-twice uninstall
left=$(find "$dir/installed-twice" ! -type d ! -path '*/etc/fsalert/fsalert.conf')
[ -z "$left" ] || die "make uninstall leaves $left"

"$root/tests/vm/run" --no-module "$@" --copy "$root/tests/programs/lib.sh" \
	--copy "$root/tests/programs/install.sh" --copy "$dir/all" \
	--copy "$dir/installed" -- sh /install.sh
