#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# i386_test.sh - the library, the commands and the parts without kernel state
# build without a warning on a 32-bit machine, and pass their unit tests there:
# in a Debian of its own in build/i386, on this kernel.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"
. "$root/scripts/packages.sh"

[ "$(id -u)" -eq 0 ] || exec sudo "$0" "$@"
"$root/scripts/install-deps" machines
locked i386 "$@"

packages=gcc,libc6-dev,make,meson,ninja-build,pkg-config,python3,libmnl-dev
packages=$packages,libjson-c-dev,libmount-dev,libsmartcols-dev,libcmocka-dev
machine=$build/i386
stamp="$(machine_suite) $packages"

if [ "$(cat "$machine/.done" 2>/dev/null)" != "$stamp" ]; then
	say "setting up a Debian $(machine_suite) for i386"
	rm -rf "$machine"
	debootstrap --variant=minbase --arch=i386 --include="$packages" \
		"$(machine_suite)" "$machine" "$(machine_mirror)" \
		>"$build/i386.log" 2>&1 || {
		tail -n 20 "$build/i386.log" >&2
		die "debootstrap failed"
	}
	echo "$stamp" >"$machine/.done"
fi

# the sources as they are, without what other machines built
mkdir -p "$machine/src"
(cd "$root" && find . -path ./build -prune -o -path ./.git -prune -o -type f -print0 |
	cpio --quiet -0 -p -d -u "$machine/src")

# shellcheck disable=SC2016  # for the shell in there
exec unshare -m sh -c '
	mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
	exec chroot "$1" env LC_ALL=C.UTF-8 setarch i686 \
		make -s -C /src unit CFLAGS="-O2 -Werror"
' sh "$machine"
