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

LD_LIBRARY_PATH=$(dirname "$(find /installed -name libfsalert.so.0)")
export LD_LIBRARY_PATH
# the module is not needed where it is built in
[ -e $events ] || insmod /installed/lib/modules/*/updates/fs_events.ko
mountpoint -q $events || mount -t fstrace none $events

make_tmpfs installed
/installed/usr/local/bin/fsalert set /mnt/installed T 50%
cat $events/config >"$dir/set"
is 'the command' "$dir/set" '^/mnt/installed .*\(T 50%\)$'

/all >"$dir/said" 2>&1 &
pid=$!
said "$dir/said" '^listening$'
dd if=/dev/zero of=/mnt/installed/file bs=1M count=3 status=none
said "$dir/said" '^thr_lrbelow /mnt/installed$'
umount /mnt/installed
said "$dir/said" '^unmount /mnt/installed$'
kill $pid
wait $pid
is 'a program with the library' "$dir/said" '^/mnt/installed: T 50%$' \
	'^  50%: above$' '^thr_lrbelow /mnt/installed$' '^unmount /mnt/installed$'
umount $events
end
