#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In place of fsalert-poll: accepts every request, and gives the lines of the
# file SOURCE_LINES. Requests go to SOURCE_REQUESTS. With SOURCE_DIES, a file, it dies
# after the first one, and refuses all when it is started again.

printf '%s\n' 'capabilities source=poll events=enospc,enospc_meta,thr_lrbelow,thr_lrabove,thr_urbelow,thr_urabove,thr_below,thr_above,ino_below,ino_above,unmount,cleared missing=io_error why=not\040here'
while read -r request; do
	printf '%s\n' "$request" >>"${SOURCE_REQUESTS:-/dev/null}"
	if [ -e "${SOURCE_DIES-}" ]; then
		echo 'refused errno=2'
		continue
	elif [ "${SOURCE_DIES-}" ]; then
		: >"$SOURCE_DIES"
		echo accepted
		exit
	fi
	case $request in
	*refuse*)	printf '%s\n' "refused errno=22 at=${SOURCE_AT:-0} why=not\\040so" ;;
	*)		echo accepted
			cat "${SOURCE_LINES:-/dev/null}" ;;
	esac
done
