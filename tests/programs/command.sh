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
run 1 fsalert status --json /mnt/plain
is 'status --json' "$dir/out" '^\{"type":"filesystem","state":"warning",' \
	'^\{"type":"status","state":"warning","code":1,'
rm /mnt/plain/file
above() { ! below; }
until_true 60 above

# --- watch and wait

fsalert watch --json --mount /mnt/plain --event below,above -n 2 \
	--timeout 60 >"$dir/json" 2>"$dir/err" &
pid=$!
said "$dir/err" listening
fill plain
said "$dir/json" '"event":"thr_lrbelow"'
rm /mnt/plain/file
wait $pid
echo "exit status $?" >>"$dir/json"
is 'watch, filtered' "$dir/json" '"event":"thr_lrbelow"' '^exit status 0$'
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

# --- the examples of fsalert(1), as they stand there

awk '/^\.Sh EXAMPLES/ { on = 1 } /^\.Sh SEE/ { on = 0 }
	/^\.Ed/ { code = 0 } on && code; /^\.Bd/ { code = 1 }' \
	/fsalert.1 >"$dir/examples"
printf '%s\n' '#!/bin/sh' 'echo "logger: $*"' >/usr/local/bin/logger
chmod +x /usr/local/bin/logger
mkdir -p /srv
mount -t tmpfs -o size=4M srv /srv
dd if=/dev/zero of=/srv/file bs=1M count=8 status=none 2>/dev/null
while read -r line; do
	echo "== $line"
	as=$user
	: >"$dir/example"
	case $line in
	*'fsalert set'*)	as='' ;;
	*'fsalert watch -'*)
		as=''
		# once it listens, set the watch again: then there are events
		fsalert unset /srv
		(said "$dir/example" ' listening$' && fsalert set /srv G T 10% 5%) & ;;
	esac
	timeout -s INT 6 $as sh -c "$line" >"$dir/example" 2>&1
	cat "$dir/example"
done <"$dir/examples" >"$dir/ran"
umount /srv
is 'the examples of fsalert(1)' "$dir/ran" '^CRITICAL - /srv: ' \
	' thr_urbelow +/srv ' '^stop$' '^/srv enospc ' '^logger: .*thr_lrbelow on /srv$'
grep -i -E 'usage|--help|unknown|refused' "$dir/ran" >"$dir/wrong"
echo end >>"$dir/wrong"
[ "$(wc -l <"$dir/wrong")" = 1 ] || echo 'not ok - an example is wrong'

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
