#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fsalert status on this machine itself, while the servers of many file systems
# don't answer: it says so of each, and of others how they are, within seconds.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

make -s -C "$root" user demo-tools >&2
# shellcheck disable=SC2016  # the other shell expands it
as_root unshare -m sh -c '
	dir=$(mktemp -d)
	mkdir "$dir/well"
	# What is covered by another one is not shown.
	mount -t tmpfs -o size=1M covered "$dir/well"
	mount -t tmpfs -o size=4M well "$dir/well"
	for i in $(seq 20); do
		mkdir "$dir/$i"
		"$2" "$dir/$i" 0 &
		pids="${pids-} $!"
		until mountpoint -q "$dir/$i"; do :; done
	done
	kill -STOP $pids
	begun=$(date +%s)
	timeout 60 "$1" status -w 0 -c 0 >"$dir/out"
	status=$?
	took=$(($(date +%s) - begun))
	timeout 60 "$1" status --json -w 0 -c 0 >"$dir/json"
	kill -CONT $pids
	kill $pids
	dead=$(grep -c "its server does not answer$" "$dir/out")
	well=$(grep -c "^ok  *$dir/well " "$dir/out")
	objects=$(grep -c "\"problems\":\[\"its server does not answer\"\]" "$dir/json")
	if [ "$status $dead $well $objects" = "3 20 1 20" ] && [ $took -le 20 ]; then
		echo "ok 1 - twenty servers that do not answer"
	else
		echo "not ok 1 - twenty servers that do not answer"
		echo "# status $status, $dead dead, $well well, $objects objects, $took s"
		sed "s/^/# /" "$dir/out"
	fi
	echo 1..1
	umount -l "$dir/well" "$dir/well"
	for i in $(seq 20); do
		umount -l "$dir/$i"
	done
	rm -r "$dir"' sh "$build/user/tools/fsalert/fsalert" "$build/demo/fuse-server"
