#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fsalert on this machine itself, with mounts of its own: status where mounts are on
# top of each other, where a file system turned read-only by itself and where fsalertd
# knows more, and doctor as a package has it.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

make -s -C "$root" user >&2
export FSALERT_POLL="$build/user/tools/fsalert-poll/fsalert-poll"
# shellcheck disable=SC2016  # the other shell expands it
as_root unshare -m -p -f --mount-proc sh -c '
	. "$2"
	fsalert=$1

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

	# A file system that is watched by another mount of it, and another one.
	mount -t tmpfs -o size=1M tmpfs "$dir/srv"
	mkdir "$dir/bound" "$dir/other"
	mount --bind "$dir/srv" "$dir/bound"
	mount -t tmpfs -o size=1M other "$dir/other"
	events() {
		"$fsalert" watch -t 60 -n 1 --source poll --mount "$1" \
			--format "{event} {mount}" "$dir/srv" T 100% 2>"$dir/out" || :
	}
	result "watch --mount: another mount of the file system" \
		"$(events "$dir/bound")" "thr_lrbelow $dir/srv"
	result "watch --mount: another file system" \
		"$(timeout 2 "$fsalert" watch --source poll --mount "$dir/other" \
			"$dir/srv" T 100% 2>"$dir/out" || :)" ""
	umount "$dir/bound" "$dir/other" "$dir/srv"
	rmdir "$dir/bound" "$dir/other"

	# A file system that turned read-only by itself, and its mount did not.
	truncate -s 8M "$dir/image"
	mkfs.ext4 -q -F "$dir/image"
	mount -o loop "$dir/image" "$dir/srv"
	state() {
		"$fsalert" status -w 0 -c 0 "$dir/srv" >"$dir/out" && status=$? || status=$?
		echo "$status, $(head -n 1 "$dir/out")"
	}
	python3 "$4" "$dir/srv"
	result "a super block that is read-only, below a mount that is not" "$(state)" \
		"2, CRITICAL - $dir/srv: stopped accepting writes after an error"
	mount -o remount,rw "$dir/srv"
	result "it accepts writes again" "$(state)" "0, OK - 1 file system"
	mount -o remount,ro "$dir/srv"
	result "read-only as the administrator has it" "$(state)" "0, OK - 1 file system"
	mkdir "$dir/empty"
	mount --bind "$dir/empty" /sys/dev/block
	result "a disk that is gone" "$(state)" "2, CRITICAL - $dir/srv: its disk is gone"
	umount /sys/dev/block "$dir/srv"

	# On a large disk the levels are limited, as those of fsalertd.
	truncate -s 300G "$dir/image"
	mkfs.ext4 -q -F -m 0 -N 1000 -O ^has_journal "$dir/image"
	mount -o loop "$dir/image" "$dir/srv"
	# leaves AMOUNT: so much of its space is available
	leaves() {
		rm -f "$dir/srv/file"
		fallocate -l "$(($(stat -f -c "%a * %S" "$dir/srv") - ($1 << 30)))" "$dir/srv/file"
	}
	state() {
		"$fsalert" status "$@" "$dir/srv" >"$dir/out" && status=$? || status=$?
		echo "$status"
	}
	leaves 25
	result "8 % of a large disk" "$(state)" 0
	result "8 %, and 10 % were asked for" "$(state -w 10%)" 1
	result "25 GiB, and 26 were asked for" "$(state -c 26G)" 2
	result "25 GiB, and 24 were asked for" "$(state -w 24G -c 24G)" 0
	leaves 15
	result "15 GiB of a large disk" "$(state)" 1
	leaves 9
	result "9 GiB of a large disk" "$(state)" 2
	umount "$dir/srv"
	truncate -s 0 "$dir/image"
	state() {
		"$fsalert" status -w 0 -c 0 "$dir/srv" >"$dir/out" && status=$? || status=$?
		echo "$status, $(head -n 1 "$dir/out")"
	}

	# What fsalertd reported is shown while it runs.
	if [ -e "$3" ]; then
		mount -t tmpfs run /run
		mount -t tmpfs -o size=1M tmpfs "$dir/srv"
		printf "%s\n" "settle = 1s" "metrics = none" "[local]" "watch = no" \
			"[test]" "path = $dir/srv" "space = 50% 25%" "inodes = none" \
			"events = enospc" >"$dir/fsalert.conf"
		head -c 1M /dev/zero >"$dir/srv/file"
		"$3" --config "$dir" --run /run/fsalert 2>"$dir/daemon" &
		pid=$!
		await 60 grep -q "enospc" /run/fsalert/state.json || :
		await 60 grep -q "\"nr\":2" /run/fsalert/state.json || :
		result "alarms of fsalertd" "$(state | cut -c -12)" "2, CRITICAL "
		for problem in "available space below fsalertd.s level 50%" \
				"available space below fsalertd.s level 25%" \
				"fsalertd reported enospc"; do
			result "$problem" "$(head -n 1 "$dir/out" | grep -c "$problem")" 1
		done
		chmod 755 "$dir"
		setpriv --reuid 65534 --clear-groups "$fsalert" status "$dir/srv" \
			>"$dir/out" && status=$? || status=$?
		result "as any user" "$status" 2
		rm "$dir/srv/file"
		await 60 grep -q "\"over\"" /run/fsalert/state.json || :
		await 60 sh -c "! \"$fsalert\" status \"$dir/srv\" | grep -q fsalertd" || :
		result "they are over" "$(state)" "0, OK - 1 file system"
		head -c 1M /dev/zero >"$dir/srv/file"
		await 60 sh -c "\"$fsalert\" status \"$dir/srv\" | grep -q fsalertd" || :
		kill -9 "$pid"
		wait "$pid" || :
		result "a file that a fsalertd left" "$(state)" \
			"2, CRITICAL - $dir/srv: 0.0 % of the space available"
		umount "$dir/srv" /run
	fi

	case $(uname -rm) in
	6.12*|7.*)	;;
	*x86_64)
		for version in 12.11 11.3; do
			echo "$version" >"$dir/version"
			[ "$version" = 12.11 ] && wanted=1 || wanted=0
			mount --bind "$dir/version" /etc/debian_version
			"$fsalert" doctor >"$dir/out" || :
			umount /etc/debian_version
			result "doctor names a kernel for Debian 12, on $version" "$(grep -c \
				"^kernel .* apt-get install linux-image-6.12-amd64 linux-headers-6.12-amd64 *$" \
				"$dir/out")" "$wanted"
		done ;;
	esac
	if [ -e /etc/debian_version ]; then
		mount --bind "$1" /usr/bin/true
		FSALERT_POLL=/nonexistent /usr/bin/true doctor >"$dir/out" || :
		umount /usr/bin/true
		result "doctor names a package" "$(grep -c \
			"^helper .* apt-get install --reinstall fsalert-poll *$" "$dir/out")" 1
		result "and not make" "$(grep -c "make install" "$dir/out")" 0
	fi

	echo "1..$number"
	rm -r "$dir"' sh "$build/user/tools/fsalert/fsalert" \
	"$root/tests/harness/mounts.sh" "$build/user/tools/fsalertd/fsalertd" \
	"$root/tests/harness/super_read_only.py"
