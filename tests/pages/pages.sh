#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# pages.sh FOLDER - run the examples that tests/pages/extract put there: as root
# what only root may do, all else as a uid and gid that own nothing. With the
# module and without; in a mount namespace of its own, with fsalert and
# fsalert-poll installed below /usr/local. Prints TAP.

# functions are called by name; no path or number here has a blank
# shellcheck disable=SC2317,SC2086,SC2154
# shellcheck source=tests/programs/lib.sh
. "${LIB_SH:-/lib.sh}"
pages=$1
user='setpriv --reuid 1000 --regid 4711 --clear-groups --no-new-privs'
config=/sys/fs/events/config
module=''
[ ! -e $config ] || module=y

# Little is left in /srv, but for inodes.
mkdir -p /srv
mount -t tmpfs -o size=4M,nr_inodes=2000 srv /srv
dd if=/dev/zero of=/srv/file bs=1M count=8 status=none 2>/dev/null
chmod 755 "$dir"
printf '%s\n' '#!/bin/sh' 'echo "logger: $*"' >"$dir/logger"
chmod 755 "$dir/logger"
PATH=$dir:$PATH:/usr/local/bin

# listens COMMAND: does it show the events of all?
listens() {
	case $1 in
	'fsalert watch'|'fsalert watch -'*)	;;
	*)	return 1 ;;
	esac
}

is_root_only() {
	case $1 in
	'fsalert set'*|'fsalert unset'*)	;;
	*)	listens "$1" ;;
	esac
}

# Once it listens, set the watch again: then there are events.
set_again() {
	said "$1" ' listening$' && fsalert unset /srv 2>/dev/null
	fsalert set /srv G T 10% 5%
	# Built in, file system events report calls that fail, not that it is full.
	echo more >/srv/more 2>/dev/null
}

# run_all PAGE: each line is a command
run_all() {
	while read -r line; do
		echo "== $line"
		as=$user
		! is_root_only "$line" || as=''
		: >"$dir/example"
		[ -z "$module" ] || ! listens "$line" || set_again "$dir/example" &
		timeout -s INT 8 $as sh -c "$line" >"$dir/example" 2>&1
		echo "exit status $?" >>"$dir/example"
		cat "$dir/example"
	done <"$pages/$1" >"$dir/$1"
	wait
	grep -i -E 'usage|--help|unknown|refused|not found' "$dir/$1" >"$dir/wrong"
	echo end >>"$dir/wrong"
	is "$1: no example is wrong" "$dir/wrong" '^end$'
	[ "$(wc -l <"$dir/wrong")" = 1 ] || {
		echo "not ok - $(cat "$dir/wrong")"
		failed=1
	}
}

# --- fsalert(1), README

run_all fsalert
is 'fsalert(1), as any user' "$dir/fsalert" '^CRITICAL - /srv: ' \
	' thr_lrbelow +/srv ' ' thr_urbelow +/srv ' '^stop$'
run_all readme
is 'README, as any user' "$dir/readme" '^CRITICAL - /srv: ' \
	' thr_urbelow +/srv ' '^full$' '^kernel ' '^helper +ok '
if [ "$module" ]; then
	is 'fsalert(1), as root' "$dir/fsalert" '^/srv enospc ' \
		'^logger: .*thr_lrbelow on /srv$'
	is 'README, as root' "$dir/readme" '^/ +G T 10%:12% 5% ' \
		' enospc +/srv '
	fsalert clear
else
	is 'fsalert(1), without the module' "$dir/fsalert" 'modprobe fs_events$'
	is 'README, without the module' "$dir/readme" 'modprobe fs_events$' \
		'^exit status 3$'
fi

# --- fsalert.conf(5), fsalertd(8)

if [ -e /usr/local/sbin/fsalertd ]; then
	/usr/local/sbin/fsalertd --check --config "$pages/fsalertd.conf" >"$dir/check" 2>&1
	echo "exit status $?, of $(find "$pages/fsalertd.conf/conf.d" -name '*.conf' | wc -l)" \
		>>"$dir/check"
	is 'fsalert.conf(5)' "$dir/check" '^exit status 0, of [4-9]$'
fi
if command -v journalctl >/dev/null; then
	run_all fsalertd
fi

# --- fsalert-poll(8)

timeout -s INT 8 $user sh -c "$(cat "$pages/fsalert-poll")" >"$dir/poll" 2>&1
is 'fsalert-poll(8)' "$dir/poll" '^capabilities source=poll ' '^accepted$' \
	'^seq=1 .* event=thr_lrbelow .* mount=/srv .* level=102 '

# --- libfsalert(3)

timeout -s INT 60 $user env FSALERT_POLL=/usr/local/libexec/fsalert/fsalert-poll \
	"$pages/libfsalert" /srv >"$dir/lib" 2>&1 &
said "$dir/lib" '^stop_writes$'
rm /srv/file
said "$dir/lib" '^take_writes$'
kill $!
wait $!
is 'libfsalert(3)' "$dir/lib" '^stop_writes$' '^take_writes$'

# --- the requests of fs_events(7)

# requests: each of them, and before a removal what it removes
requests() {
	made=1
	while read -r line; do
		case $line in
		'!#'*)	while [ $made -lt $((${line#??} - 1)) ]; do
				printf '%s\n' '/srv T 5%' '!/srv'
				made=$((made + 1))
			done
			echo '/srv T 5%' ;;
		*' T')	made=$((made + 1))
			echo '/srv T 5%' ;;
		esac
		printf '%s\n' "$line"
	done <"$pages/fs_events"
}

requests >"$dir/requests"
# Errors take root, all others any user.
$user /usr/local/libexec/fsalert/fsalert-poll <"$dir/requests" |
	grep -E '^accepted|^refused' >"$dir/replies"
[ "$(grep -c accepted "$dir/replies")" = $(($(wc -l <"$dir/requests") - 1)) ] &&
	echo 'all but one' >>"$dir/replies"
is 'fs_events(7): requests, fsalert-poll' "$dir/replies" '^refused errno=1 ' \
	'^all but one$'
if [ "$module" ]; then
	# shellcheck disable=SC2016  # the other shell expands it
	$user sh -c 'exec 5<>/sys/fs/events/watch
		while read -r line; do
			printf "%s\n" "$line" >&5 2>/dev/null || echo "refused $line"
		done' <"$dir/requests" >"$dir/replies" 2>&1
	is 'fs_events(7): requests, the kernel' "$dir/replies" '^refused /srv G$'
	[ "$(grep -c '^refused' "$dir/replies")" = 1 ] || {
		echo 'not ok - a request of fs_events(7) is refused'
		failed=1
	}
fi

# --- events.rst: the last three commands belong together

if [ "$module" ]; then
	dd if=/dev/zero of=/srv/file bs=1M count=8 status=none 2>/dev/null
	number_of=$(wc -l <"$pages/events")
	[ -e /sys/module/fs_events/initstate ] ||
		sed -i 's/^modprobe.*/:/' "$pages/events"
	{
		head -n $((number_of - 4)) "$pages/events" | sh -e
		echo '/srv G T 20% 5%' >$config
		timeout 4 sh -c "$(sed -n $((number_of - 3))p "$pages/events")"
		timeout 4 $user bash -c "$(tail -n 3 "$pages/events")"
	} >"$dir/rst" 2>&1 &
	wait $!
	is 'events.rst' "$dir/rst" '^/srv tmpfs [^ ]+ \(G,T 10% 5%\)$' \
		'^seq=1 .* event=thr_lrbelow .* mount=/srv .* level=51 level_nr=1 .* entry=1 '
	umount /sys/fs/events
fi
umount /srv
end
