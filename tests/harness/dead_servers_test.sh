#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fsalert status on this machine itself, while the servers of many file systems
# don't answer. The command reports that of each of them, and of a local file system
# that is mounted below a server's; and it reports the others, within seconds.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

make -s -C "$root" user demo-tools >&2
# shellcheck disable=SC2016  # the other shell expands it
as_root unshare -m sh -c '
	. "$3"
	# timed COMMAND...: its exit status, and whether that took long
	timed() {
		begun=$(date +%s)
		timeout 60 "$@" >"$dir/out" 2>&1
		status=$?
		took=$(($(date +%s) - begun))
		[ $took -le 20 ] || status="$status after $took s"
	}
	mkdir "$dir/well"
	# What is covered by another one is not shown.
	mount -t tmpfs -o size=1M covered "$dir/well"
	mount -t tmpfs -o size=4M well "$dir/well"
	for i in $(seq 20); do
		mkdir "$dir/$i"
		"$2" "$dir/$i" 0 &
		pids="${pids-} $!"
		await 20 mountpoint -q "$dir/$i" || exit
	done
	mount -t tmpfs below "$dir/1/dir"
	kill -STOP $pids

	timed "$1" status -w 0 -c 0
	dead=$(grep -c "its server does not answer$" "$dir/out")
	well=$(grep -c "^ok  *$dir/well " "$dir/out")
	result "servers that do not answer" "$status, $dead dead, $well well" \
		"3, 21 dead, 1 well"
	timed "$1" status --json -w 0 -c 0
	objects=$(grep -c "\"problems\":\[\"its server does not answer\"\]}" "$dir/out")
	result "the same in JSON, without figures" "$status, $objects" "3, 21"
	timed "$1" status "$dir/2"
	result "the path of such a mount" "$status, $(head -n 1 "$dir/out")" \
		"3, UNKNOWN - $dir/2: its server does not answer"
	timed "$1" status "$dir/3/file"
	said=$(grep -c -x "fsalert: $dir/3/file: its server does not answer" "$dir/out")
	result "a path below it" "$status, $said" "3, 1"
	echo "1..$number"

	kill -CONT $pids
	umount "$dir/1/dir"
	kill $pids
	umount -l "$dir/well" "$dir/well"
	for i in $(seq 20); do
		umount -l "$dir/$i"
	done
	rm -r "$dir"' sh "$build/user/tools/fsalert/fsalert" "$build/demo/fuse-server" \
	"$root/tests/harness/mounts.sh"
