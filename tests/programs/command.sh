#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the VM: what the command fsalert does, says and returns, as root and as a
# user that owns nothing. Prints TAP.

# functions are called by name; no path or number here has a blank
# shellcheck disable=SC2317,SC2086
# shellcheck source=tests/programs/lib.sh
. /lib.sh
config=/sys/fs/events/config
user='setpriv --reuid 1000 --regid 4711 --clear-groups --no-new-privs'

# run STATUS COMMAND...: what it prints, and that its exit status is that
run() {
	want=$1
	shift
	"$@" >"$dir/out" 2>&1
	status=$?
	[ $status = "$want" ] || echo "exit status $status, not $want" >>"$dir/out"
	echo "exit status $status" >>"$dir/out"
}

fill() {
	dd if=/dev/zero of="/mnt/$1/file" bs=1M count=3 status=none
}

# --- set, list, unset, clear

make_tmpfs plain
mkdir -p /mnt/plain/deep/er
run 0 fsalert set /mnt/plain/deep/er G T 40%:50% 20%
is 'set: any path stands for its file system' "$dir/out" \
	'^fsalert: /mnt/plain/deep/er is on the mount /mnt/plain$'
is 'set: the watch' $config '^/mnt/plain tmpfs .*\(G,T 40%:50% 20%\)$'
run 0 $user fsalert list
is 'list, as an ordinary user' "$dir/out" '^MOUNT +WATCHED +TYPE +SOURCE +ID' \
	'^/mnt/plain +G T 40%:50% 20% +tmpfs +[^ ]+ +#[0-9]+$'
run 0 fsalert list --json
is 'list --json' "$dir/out" '^\{"type":"watch","entry":[0-9]+,' \
	'"request":"G T 40%:50% 20%"' \
	'"levels":\[\{"kind":"space","text":"40%:50%","level_nr":1,"level":409,"rearm":512,"below":false\},'

# What is listed can be typed.
odd=$(printf '/mnt/M\303\274ller, x\\y;z')
mkdir -p "$odd"
mount -t tmpfs -o size=4M odd "$odd"
run 0 fsalert set "$odd" I 10
line=$(fsalert list -H | grep ller)
is 'list: a name is text' "$dir/out" '^exit status 0$'
printf '%s\n' "$line" >"$dir/line"
is 'list: with the escapes that it needs' "$dir/line" '/mnt/M(ü|\\303\\274)ller, x\\134y;z +I 10'
run 0 fsalert set "${line%% I 10*}" T 5%
is 'set takes what list shows' $config 'ller,.*\(T 5%,I 10\)$'
umount "$odd"

run 1 fsalert set /mnt/plain T 10% 20%
is 'set: a refusal, about what was typed' "$dir/out" \
	"^fsalert: '20%': level not smaller than the one before it$"
run 1 fsalert unset /mnt
is 'unset: a refusal' "$dir/out" "^fsalert: '/mnt': "
# Another writer is refused as well, and later.
run 1 fsalert set /mnt/plain X
echo '/mnt/plain T no' >$config 2>/dev/null
is 'set: a refusal, not that of another' "$dir/out" "^fsalert: 'X': unknown type"
run 1 fsalert set T 10%
is 'set: the path is missing' "$dir/out" '^fsalert: T: No such file or directory$'
cd /mnt/plain/deep || exit
run 1 $user fsalert set . G
is 'set: not as an ordinary user' "$dir/out" \
	'^fsalert: changing global watches takes root \(CAP_SYS_ADMIN\)$'
cd / || exit
# Started without standard files, nothing that is said ends up in config.
fsalert set /srv/none T 5% <&- >&- 2>&-
fsalert set /mnt/plain T x <&- >&- 2>&-
is 'without standard files: nothing changes' $config \
	'^/mnt/plain tmpfs .*\(G,T 40%:50% 20%\)$'

# --- status

run 0 $user fsalert status /mnt/plain
is 'status: all is well' "$dir/out" '^OK - 1 file system$' \
	'^ok +/mnt/plain +4.0 MiB'
fill plain
below() { fsalert list --json | grep -q '"level_nr":1,[^}]*"below":true'; }
until_true 60 below
run 1 $user fsalert status /mnt/plain
is 'status: below a level' "$dir/out" \
	'^WARNING - /mnt/plain: available space below the level 40%:50%$'
run 2 fsalert status -c 40% /mnt/plain
is 'status: what is asked for applies beside levels' "$dir/out" \
	'^CRITICAL - /mnt/plain: available space below the level 40%:50%; 2[0-9.]+ % of the space available$'
run 1 fsalert status --json /mnt/plain
is 'status --json' "$dir/out" '^\{"type":"filesystem","state":"warning",' \
	'^\{"type":"status","state":"warning","code":1,'
dd if=/dev/zero of=/mnt/plain/more bs=1K count=600 status=none
last_below() { fsalert list --json | grep -q '"level_nr":2,[^}]*"below":true'; }
until_true 60 last_below
run 2 $user fsalert status /mnt/plain
is 'status: below the last of several levels' "$dir/out" \
	'^CRITICAL - /mnt/plain: .*available space below the level 20%$'
rm /mnt/plain/file /mnt/plain/more
above() { ! below; }
until_true 60 above

# ext4's counter, on a disk that has another name in sysfs
truncate -s 16M /mnt/disk.img
mkfs.ext4 -q -F /mnt/disk.img
loop=$(losetup -f --show /mnt/disk.img)
dmsetup create vg-root --table "0 32768 linear $loop 0"
dmsetup mknodes vg-root
mkdir -p /mnt/dm
mount /dev/mapper/vg-root /mnt/dm
disk=$(dmsetup info -c --noheadings -o blkdevname vg-root)
echo test >"/sys/fs/ext4/$disk/trigger_fs_error"
run 1 fsalert status -w 0 -c 0 /mnt/dm
is 'status: errors that ext4 counted' "$dir/out" \
	'^WARNING - /mnt/dm: ext4 counted 1 error$'
# A module does not see what was mounted; the mount table has it.
run 0 fsalert set /mnt/dm T 99%
run 0 fsalert list
is 'list: the source as in the mount table' "$dir/out" \
	'^/mnt/dm +T 99% +ext4 +/dev/mapper/vg-root +#[0-9]+$'
run 0 fsalert list --json
is 'list --json: the same' "$dir/out" '"mount":"/mnt/dm",.*"source":"/dev/mapper/vg-root"'
run 0 fsalert watch -n 1 -t 60 --json /mnt/dm T 100%
is 'watch --json: the same' "$dir/out" '"mount":"/mnt/dm",.*"source":"/dev/mapper/vg-root"'
run 0 fsalert watch -n 1 -t 60 /mnt/dm T 100%
is 'watch: the same' "$dir/out" ' /mnt/dm \(ext4 /dev/mapper/vg-root [0-9:]+\): '
# One file system, two mounts: what is set holds for both.
mkdir -p /mnt/other
mount --bind /mnt/dm /mnt/other
run 0 fsalert set /mnt/other T 98%
is 'set: it was watched through another mount' "$dir/out" \
	'^fsalert: /mnt/dm is of the same file system, which has one watch for both$'
umount /mnt/other
umount /mnt/dm
dmsetup remove vg-root
losetup -d "$loop"

# Failures that no watch reports
truncate -s 16M /mnt/disk.img
mkfs.ext4 -q -F /mnt/disk.img
mount -o loop,errors=remount-ro /mnt/disk.img /mnt/dm
run 0 $user fsalert status -w 0 -c 0 /mnt/dm
is 'status: ext4 is all right' "$dir/out" '^OK - 1 file system$'
disk=$(basename "$(findmnt -n -o SOURCE /mnt/dm)")
echo test >"/sys/fs/ext4/$disk/trigger_fs_error"
run 2 $user fsalert status -w 0 -c 0 /mnt/dm
is 'status: ext4 stopped accepting writes' "$dir/out" \
	'^CRITICAL - /mnt/dm: stopped accepting writes after an error; ext4 counted 1 error$'
umount /mnt/dm
truncate -s 300M /mnt/disk.img
mkfs.xfs -q -f /mnt/disk.img
mount -o loop /mnt/disk.img /mnt/dm
run 0 $user fsalert status -w 0 -c 0 /mnt/dm
is 'status: xfs is all right' "$dir/out" '^OK - 1 file system$'
xfs_io -x -c shutdown /mnt/dm
run 2 $user fsalert status -w 0 -c 0 /mnt/dm
is 'status: xfs shut down' "$dir/out" '^CRITICAL - /mnt/dm: .*shut down after an error$'
umount /mnt/dm
rm /mnt/disk.img

# --- watch and wait

fsalert watch --json --mount /mnt/plain --event below,above -n 2 \
	--timeout 60 >"$dir/json" 2>"$dir/err" &
pid=$!
mount --bind /mnt/plain /mnt/other
fsalert watch --mount /mnt/other --event below -n 1 --timeout 60 >"$dir/other" \
	2>"$dir/other.err" &
other=$!
said "$dir/err" listening
said "$dir/other.err" listening
fill plain
said "$dir/json" '"event":"thr_lrbelow"'
rm /mnt/plain/file
wait $pid
echo "exit status $?" >>"$dir/json"
is 'watch, filtered' "$dir/json" '"event":"thr_lrbelow"' '^exit status 0$'
wait $other
echo "exit status $?" >>"$dir/other"
umount /mnt/other
is 'watch --mount: another mount of the file system' "$dir/other" \
	' thr_lrbelow +/mnt/plain ' '^exit status 0$'
run 1 $user fsalert watch
is 'watch: all, not as an ordinary user' "$dir/out" \
	'listening to all watches takes root' 'fsalert watch PATH T 10%'
$user fsalert watch --time-format %F /mnt/plain T 60% >"$dir/own" 2>"$dir/err" &
own=$!
$user fsalert wait -t 60 /mnt/plain unmount >"$dir/wait" 2>&1 &
wait=$!
said "$dir/err" listening
until_true 60 above
fill plain
said "$dir/own" '^20[0-9-]+ thr_lrbelow +/mnt/plain '
run 0 $user fsalert wait -t 60 /mnt/plain 50%
is 'wait: it is below already' "$dir/out" 'thr_lrbelow +/mnt/plain '
run 4 $user fsalert wait -t 0.5 /mnt/plain I 1
run 1 $user fsalert wait /mnt/plain enospc
is 'wait: not as an ordinary user' "$dir/out" 'CAP_SYS_ADMIN'
until_true 60 umount /mnt/plain
wait $own
echo "exit status $?" >>"$dir/own"
wait $wait
echo "exit status $?" >>"$dir/wait"
is 'watch: of its own, as an ordinary user' "$dir/own" 'unmount +/mnt/plain ' \
	'^exit status 0$'
is 'wait: until it is unmounted' "$dir/wait" 'unmount +/mnt/plain ' \
	'^exit status 0$'

make_tmpfs number
fsalert set /mnt/number T 5%
id=$(fsalert list -H | awk '{ print $NF }')
run 0 fsalert unset "$id"
run 0 fsalert list -H
cp $config "$dir/config"
echo end >>"$dir/config"
is 'unset: by number' "$dir/config" '^end$'
[ "$(wc -l <"$dir/config")" = 1 ] || echo "not ok - a watch is left"
fsalert set /mnt/number T 5%
run 0 fsalert clear
wc -l <$config >"$dir/config"
is 'clear' "$dir/config" '^0$'
umount /mnt/number

# --mount goes on when the file system is mounted again, while another one may have
# its device number.
make_tmpfs first
fsalert set /mnt/first T 50%
fsalert watch --mount /mnt/first --event unmount,below -n 2 -t 60 >"$dir/first" \
	2>"$dir/err" &
pid=$!
said "$dir/err" listening
until_true 60 umount /mnt/first
said "$dir/first" ' unmount +/mnt/first '
for name in second first; do
	make_tmpfs $name
	fsalert set /mnt/$name T 50%
	fill $name
done
wait $pid
echo "exit status $?" >>"$dir/first"
is 'watch --mount: mounted again' "$dir/first" ' unmount +/mnt/first ' \
	' thr_lrbelow +/mnt/first ' '^exit status 0$'
fsalert clear
umount /mnt/first /mnt/second

# --- the queue of events: what is not given is said

no_admin='setpriv --bounding-set=-net_admin --inh-caps=-net_admin'
run 0 $no_admin fsalert watch -b 64000000 -t 0.1
is 'watch: a smaller queue than was asked for' "$dir/out" \
	'^fsalert: [0-9]+ bytes for events that wait, not 64000000 \(net.core.rmem_max\)$'
run 0 fsalert watch -b 64000000 -t 0.1
cp "$dir/out" "$dir/queue"
grep -c rmem_max "$dir/out" >>"$dir/queue"
is 'watch: the whole queue, as root' "$dir/queue" '^0$' '^exit status 0$'
run 2 fsalert watch -b 4294971392
is 'watch: no queue of another size' "$dir/out" \
	"--buffer: '4294971392' is no number from 1024 to 2147483647"

# --- doctor: a read-only mount, permissions and a missing mount are different

run 1 fsalert doctor
is 'doctor' "$dir/out" '^kernel +ok ' '^mount +ok ' '^watch +ok ' '^global +ok ' \
	'^helper +missing '
mount -o remount,ro /sys/fs/events
run 1 fsalert doctor
is 'doctor: a read-only mount' "$dir/out" \
	'^watch +missing .* mount -o remount,rw /sys/fs/events *$'
mount -o remount,rw /sys/fs/events
chmod 600 /sys/fs/events/watch
run 1 $user fsalert doctor
is 'doctor: permissions' "$dir/out" \
	'^watch +missing .* chmod 0666 /sys/fs/events/watch *$'
umount /sys/fs/events
run 3 fsalert doctor
is 'doctor: not mounted' "$dir/out" \
	'^mount +missing .* mount -t fstrace none /sys/fs/events *$'
run 3 fsalert set / T 5%
is 'set: not mounted' "$dir/out" \
	'^fsalert: fstrace is not mounted at /sys/fs/events: mount -t fstrace'
if rmmod fs_events 2>/dev/null; then
	run 3 fsalert doctor
	is 'doctor: not loaded' "$dir/out" '^kernel +missing .* modprobe fs_events *$'
	run 3 fsalert list
	is 'list: not loaded' "$dir/out" 'modprobe fs_events$'
	modprobe fs_events
fi
mount -t fstrace none /sys/fs/events

# --- the module goes and comes while it is watched

if [ -e /sys/module/fs_events/initstate ]; then
	make_tmpfs again
	fsalert set /mnt/again T 50%
	# Without a descriptor to spare: that is not taken for the end of the module.
	prlimit --nofile=10 fsalert watch >"$dir/again" 2>"$dir/err" &
	pid=$!
	said "$dir/err" listening
	umount /sys/fs/events
	until_true 60 rmmod fs_events
	said "$dir/again" ' gone '
	modprobe fs_events
	mount -t fstrace none /sys/fs/events
	said "$dir/again" ' back '
	fill again
	fsalert set /mnt/again T 50%
	said "$dir/again" ' thr_lrbelow +/mnt/again '
	kill $pid
	wait $pid
	is 'watch: the module goes and comes' "$dir/again" ' gone ' ' back ' \
		' added +/mnt/again ' ' thr_lrbelow +/mnt/again '
	umount /mnt/again
fi
end
