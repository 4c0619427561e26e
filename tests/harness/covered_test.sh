#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fsalert-poll on this machine itself, while a server that does not answer is mounted
# over a file system that is watched: the others are reported as before.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

make -s -C "$root" user demo-tools >&2
# shellcheck disable=SC2016  # the other shell expands it
as_root unshare -m sh -c '
	. "$3"
	mkdir "$dir/covered" "$dir/other"
	mount -t tmpfs -o size=4M covered "$dir/covered"
	mount -t tmpfs -o size=4M other "$dir/other"
	mkfifo "$dir/requests"
	"$1" <"$dir/requests" >"$dir/out" &
	poll=$!
	exec 3>"$dir/requests"
	echo "$dir/covered T 50%; $dir/other T 50%" >&3
	await 20 grep -q -x accepted "$dir/out" || exit

	"$2" "$dir/covered" 0 &
	server=$!
	is_covered() {
		[ "$(grep -c " $dir/covered " /proc/self/mountinfo)" = 2 ]
	}
	await 20 is_covered || exit
	kill -STOP $server
	# A file system at rest is asked every 60 s at least.
	fallocate -l 3M "$dir/other/file"
	await 65 grep -q " event=thr_lrbelow .* mount=$dir/other " "$dir/out"
	result "a level of another file system" $? 0
	rm "$dir/other/file"
	await 65 grep -q " event=thr_lrabove .* mount=$dir/other " "$dir/out"
	result "and that it is over" $? 0
	kill -CONT $server
	umount "$dir/covered"
	fallocate -l 3M "$dir/covered/file"
	await 65 grep -q " event=thr_lrbelow .* mount=$dir/covered " "$dir/out"
	result "the file system that was covered" $? 0
	echo "1..$number"

	exec 3>&-
	wait $poll
	umount "$dir/covered" "$dir/other"
	rm -r "$dir"' sh "$build/user/tools/fsalert-poll/fsalert-poll" \
	"$build/demo/fuse-server" "$root/tests/harness/mounts.sh"
