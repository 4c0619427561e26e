#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# In place of fsalert-poll: says what a test wants it to say. Each request names
# a path that says what to do with it.

printf '%s\n' 'capabilities source=poll events=thr_lrbelow,thr_lrabove,unmount some=corrupted some_why=ext4\040alone missing=shutdown why=no\040way'
event='event=thr_lrbelow dev=7:0 mount=/below'
n=0

# More events than the socket takes: it ends when the library has read some.
many() {
	i=0
	while [ $i -lt 2000 ]; do
		i=$((i + 1))
		echo "seq=$i $event"
	done
}

# first PATTERN: it is the first request that matches
first() {
	[ "$(grep -c -x "$1" "$HELPER_LOG")" = 1 ]
}

while read -r request; do
	printf '%s\n' "$request" >>"${HELPER_LOG:-/dev/null}"
	case $request in
	/refuse*)	printf '%s\n' 'refused errno=34 at=8 why=not\040smaller' ;;
	/die*)		exit ;;
	/accept-die*)	echo accepted; exit ;;
	/once*)		if first "$request"; then
				echo accepted
			else
				printf '%s\n' 'refused errno=2 why=no\040mount'
			fi ;;
	/none*)		printf '%s\n' 'refused errno=2 at=0 why=no\040mount' ;;
	/slow*)		sleep 8; printf '%s\n' 'refused errno=34 at=8 why=late' ;;
	/early*)	n=$((n + 2))
			echo "seq=$((n - 1)) $event"
			echo accepted
			echo "seq=$n $event" ;;
	/half*)		printf 'seq=1 %s' "$event"; exit ;;
	/many-refuse*)	many; printf '%s\n' 'refused errno=34 at=8 why=late' ;;
	/many-die*)	! first "/many-die.*" || { many; exit; }
			echo accepted ;;
	/many-none*)	! first "/many-none.*" || { many; exit; }
			printf '%s\n' 'refused errno=2 at=0 why=no\040mount' ;;
	/many*)		many; echo accepted ;;
	/end*)		echo accepted
			printf '%s\n' "seq=1 time=$(($(date +%s) + 60)).000000 event=unmount dev=7:0 mount=/end\\0401 errno=0 entry=1 last=1" ;;
	/later*)	echo accepted; sleep 0.3; echo "seq=1 $event" ;;
	*)		echo accepted ;;
	esac
done
