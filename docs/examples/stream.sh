#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# stream.sh MOUNT - say what happens to a file system until it is unmounted. It
# has to be watched: fsalert set MOUNT G T 10% 5%. MOUNT is written as in the
# stream: a blank in it as \040.

set -f		# a path may hold a star
while read -r line; do
	event='' mount='' avail='' total=''
	for field in $line; do
		case $field in
		lost=*)		echo "${field#*=} events were lost" ;;
		event=*)	event=${field#*=} ;;
		mount=*)	mount=${field#*=} ;;
		avail=*)	avail=${field#*=} ;;
		total=*)	total=${field#*=} ;;
		esac
	done
	[ "$mount" = "$1" ] || continue
	echo "$event on $mount${avail:+, $avail of $total left}"
	[ "$event" != unmount ] || exit 0
done </sys/fs/events/events
