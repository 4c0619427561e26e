#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the VM: the files that `make install` put into /installed work, and need no
# others. Prints TAP.

# functions are called by name; no path or number here has a blank
# shellcheck disable=SC2317,SC2086
# shellcheck source=tests/programs/lib.sh
. /lib.sh
events=/sys/fs/events

export LD_LIBRARY_PATH=/installed/usr/local/lib
# the module is not needed where it is built in
[ -e $events ] || insmod /installed/lib/modules/*/updates/fs_events.ko
mountpoint -q $events || mount -t fstrace none $events

make_tmpfs installed
/installed/usr/local/bin/fsevents set /mnt/installed T 50%
cat $events/config >"$dir/set"
is 'the command' "$dir/set" '^/mnt/installed .*\(T 50%\)$'

/library /mnt/installed >"$dir/said" 2>&1 &
pid=$!
said "$dir/said" '^listening$'
dd if=/dev/zero of=/mnt/installed/file bs=1M count=3 status=none
said "$dir/said" '^/mnt/installed thr_lrbelow$'
umount /mnt/installed
ended() { ! kill -0 $pid 2>/dev/null; }
until_true 60 ended || kill $pid
wait $pid
echo "exit status $?" >>"$dir/said"
is 'a program with the library' "$dir/said" \
	'^/mnt/installed level 1 of space: above$' '^/mnt/installed thr_lrbelow$' \
	'^/mnt/installed unmount$' '^exit status 0$'
umount $events
end
