#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the VM: the programs of docs/examples work. Prints TAP.

# functions are called by name; no path or number here has a blank
# shellcheck disable=SC2317,SC2086
# shellcheck source=tests/programs/lib.sh
. /lib.sh
export FSALERT_POLL=/usr/local/bin/fsalert-poll
config=/sys/fs/events/config

# of 4 MiB
kib=3072

# run NAME LISTENING COMMAND...: until the unmount, from the line LISTENING on
run() {
	name=$1
	listening=$2
	shift 2
	make_tmpfs "$name"
	"$@" >"$dir/$name" 2>&1 &
	pid=$!
	eval "$listening" || echo "# $name: it does not listen"
	dd if=/dev/zero of="/mnt/$name/file" bs=1k count=$kib status=none
	said "$dir/$name" "$below"
	rm "/mnt/$name/file"
	said "$dir/$name" "$above"
	umount "/mnt/$name"
	ended() { ! kill -0 $pid 2>/dev/null; }
	until_true 60 ended || kill $pid
	wait $pid
	echo "exit status $?" >>"$dir/$name"
}

# a uid and a gid that own nothing
user='setpriv --reuid 1000 --regid 4711 --clear-groups --no-new-privs'

# does a task read the stream?
read_by() {
	until_true 60 sh -c "ls -l /proc/$pid/fd | grep -q /sys/fs/events/events"
}

below='^thr_lrbelow on /mnt/shell, [0-9]+ of 1024 left'
above='^thr_lrabove on /mnt/shell, [0-9]+ of 1024 left'
set_level() { echo '/mnt/shell T 50%' >$config; }
run shell 'read_by && set_level' sh /examples/stream.sh /mnt/shell
is 'shell, the stream' "$dir/shell" "$below" "$above" '^unmount on /mnt/shell$' \
	'^exit status 0$'

below='event=thr_lrbelow .* mount=/mnt/c .* level=512 '
above='event=thr_lrabove .* mount=/mnt/c .* level=512 '
run c "said $dir/c '^watching'" $user /examples/stream /mnt/c 50%
is 'C, the stream, unprivileged' "$dir/c" "$below" "$above" \
	'event=unmount .* mount=/mnt/c ' '^exit status 0$'

# Started without standard files: what it says is no request.
make_tmpfs closed
refused() { awk '$1 == "refused" { print $2 }' /sys/fs/events/stats; }
before=$(refused)
/examples/stream /mnt/closed nonsense <&- >&- 2>&-
echo "exit status $?, refused $(($(refused) - before))" >"$dir/closed"
is 'C, the stream, without standard files' "$dir/closed" \
	'^exit status 1, refused 1$'
umount /mnt/closed

below='^stop taking writes$' above='^go on$' kib=3960
for source in kernel poll; do
	[ $source = kernel ] || [ -e "$FSALERT_POLL" ] || continue
	# Without the module there is fsalert-poll.
	[ $source = kernel ] || umount /sys/fs/events
	run c-$source "said $dir/c-$source '^take writes'" $user \
		/examples/writes /mnt/c-$source
	is "C, the library, unprivileged, $source" "$dir/c-$source" "$below" \
		"$above" '^exit status 0$'
	run py-$source "said $dir/py-$source '^take writes'" $user \
		env LD_LIBRARY_PATH=/examples PYTHONPATH=/examples \
		/usr/bin/python3 /examples/writes.py /mnt/py-$source
	is "Python, the library, unprivileged, $source" "$dir/py-$source" \
		"$below" "$above" '^exit status 0$'
done
kib=3072
mountpoint -q /sys/fs/events || mount -t fstrace none /sys/fs/events

make_tmpfs states
dd if=/dev/zero of=/mnt/states/file bs=1M count=3 status=none
fsalert set /mnt/states T 90% 50%:60% 1% I 10 G:enospc,io_error
states() {
	$user env LD_LIBRARY_PATH=/examples PYTHONPATH=/examples \
		/usr/bin/python3 -c '
import fsalert
for watch in fsalert.watches():
    print(watch, watch.total, sorted(event.name for event in watch.events))
    for level in watch.levels:
        print(level.kind.name, level.level_nr, level.text, level.level, level.is_below)
' >"$dir/states" 2>&1
	# The second level is reported after the first.
	grep -q '^BELOW 2 .* True$' "$dir/states"
}
until_true 30 states
is 'Python, the states, unprivileged' "$dir/states" \
	'^<fsalert.Watch /mnt/states G:enospc,io_error T 90% 50%:60% 1% I 10> 1024 .*ENOSPC.*IO_ERROR' \
	'^BELOW 1 90% 921 True$' '^BELOW 2 50%:60% 512 True$' \
	'^BELOW 3 1% 10 False$' '^INO_BELOW 1 10 10 False$'
fsalert unset /mnt/states
umount /mnt/states

below='^thr_lrbelow /mnt/all$' above='^thr_lrabove /mnt/all$'
all() {
	/examples/all &
	pid=$!
	until_true 60 grep -q '^unmount' "$dir/all"
	kill $pid
	wait $pid
}
set_all() { said "$dir/all" '^listening' && fsalert set /mnt/all T 50%; }
run all set_all all
is 'C, the library, all watches' "$dir/all" '^added /mnt/all$' "$below" \
	"$above" '^unmount /mnt/all$'

# A file system's own event has neither a mount nor a name.
if modprobe fs_event_testfs 2>/dev/null; then
	mkdir -p /mnt/own
	mount -t fs_event_testfs -o size=1000 none /mnt/own
	/examples/all >"$dir/own" 2>&1 &
	pid=$!
	said "$dir/own" '^listening'
	echo 'send 65536 64 text' >/mnt/own/control
	fsalert set /mnt/own T 1
	umount /mnt/own
	said "$dir/own" '^unmount /mnt/own$'
	kill $pid
	wait $pid
	is "C, the library: a file system's own event" "$dir/own" '^own -$' \
		'^unmount /mnt/own$'
fi

# Listeners by netlink get a message as well that the kernel did not send.
forged() {
	said "$dir/$name" '^watching, entry' &&
		forge $pid "$(sed -n 's/^watching, entry //p' "$dir/$name")"
}

below='^seq [0-9]+ event 3 available [2-5][0-9][0-9]$'
above='^seq [0-9]+ event 4 available [0-9]{3,4}$'
run netlink forged /examples/netlink /mnt/netlink 512
is 'C, netlink' "$dir/netlink" '^watching, entry [1-9]' "$below" "$above" \
	'^seq [0-9]+ event 13 available 0$' '^exit status 0$'

below='^thr-lrbelow /mnt/ynl [2-5][0-9][0-9]$'
above='^thr-lrabove /mnt/ynl [0-9]{3,4}$'
run ynl forged \
	python3 /examples/ynl.py /ynl /ynl/fs_event.yaml /mnt/ynl 50
is 'Python, ynl' "$dir/ynl" '^watching, entry [1-9]' "$below" "$above" \
	'^info-unmount /mnt/ynl' '^exit status 0$'
end
