#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fsalert on this machine itself, with mounts of its own: status where mounts are on
# top of each other, and doctor as a package has it.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

make -s -C "$root" user >&2
# shellcheck disable=SC2016  # the other shell expands it
as_root unshare -m sh -c '
	. "$2"

	mkdir "$dir/srv"
	mount -t tmpfs -o size=1M tmpfs "$dir/srv"
	mount --bind "$dir/srv" "$dir/srv"
	head -c 1M /dev/zero >"$dir/srv/file"
	"$1" status -w 0 -c 0 >"$dir/out" && status=$? || status=$?
	result "a full disk that is bound onto itself" \
		"$status, $(grep -c "^critical  *$dir/srv " "$dir/out")" "2, 1"
	umount "$dir/srv" "$dir/srv"

	# What no path leads to is neither asked nor shown.
	mount -t tmpfs -o size=1M below "$dir/srv"
	mkdir "$dir/srv/a" "$dir/srv/ab"
	mount -t tmpfs -o size=1M hidden "$dir/srv/a"
	mount -t tmpfs -o size=1M tmpfs "$dir/srv"
	mkdir "$dir/srv/ab"
	mount -t tmpfs -o size=1M seen "$dir/srv/ab"
	"$1" status -w 0 -c 0 >"$dir/out" && status=$? || status=$?
	result "a mount below a folder that another one covers" \
		"$status, $(grep -c " hidden\| below" "$dir/out"), $(grep -c "^ok .* seen" "$dir/out")" \
		"0, 0, 1"
	umount "$dir/srv/ab" "$dir/srv"
	mkdir "$dir/srv/a/deep"
	mount -t tmpfs -o size=1M deep "$dir/srv/a/deep"
	"$1" status -w 0 -c 0 >"$dir/out" && status=$? || status=$?
	result "mounts below each other" \
		"$status, $(grep -c "^ok .* \(below\|hidden\|deep\)" "$dir/out")" "0, 3"
	umount "$dir/srv/a/deep" "$dir/srv/a" "$dir/srv"

	if [ -e /etc/debian_version ]; then
		mount --bind "$1" /usr/bin/true
		FSALERT_POLL=/nonexistent /usr/bin/true doctor >"$dir/out" || :
		umount /usr/bin/true
		result "doctor names a package" "$(grep -c \
			"^helper .* apt-get install --reinstall fsalert *$" "$dir/out")" 1
		result "and not make" "$(grep -c "make install" "$dir/out")" 0
	fi

	echo "1..$number"
	rm -r "$dir"' sh "$build/user/tools/fsalert/fsalert" \
	"$root/tests/harness/mounts.sh"
