#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the command makes of events, which source.sh gives. Prints TAP. FSALERT is
# the program.

# shellcheck source=tools/fsalert/tests/tap.sh
. "$(dirname "$0")/tap.sh"
export SOURCE_LINES="$dir/lines" SOURCE_REQUESTS="$dir/requests"

# lines TEXT...: what the source gives, and the end
lines() {
	printf '%s\n' "$@" >"$SOURCE_LINES"
}

watch() {
	"$FSALERT" watch "$@" / T 10% 2>"$dir/err"
}

time=time=1795341127.104332
where='dev=7:0 mount=/srv fstype=ext4 source=/dev/loop0'
figures='avail=698112 level=710000 level_nr=1 total=2621440 frsize=4096'
below="seq=7 $time event=thr_lrbelow $where $figures pid=0 count=1 entry=3 fsid=00000000deadbeef"
error="seq=8 $time event=corrupted $where errno=117 ino=12 pid=77 count=3 entry=3"
unmount="seq=9 $time event=unmount $where errno=0 pid=0 count=1 entry=3 last=1"

lines "$below" "$error" "lost=4" \
	"seq=9 $time event=cleared $where entry=3 of=enospc" \
	"seq=10 $time event=ino_above $where avail=7 level=5 level_nr=1 total=9" \
	"seq=11 $time event=melted mount=/srv\\040b\\303\\274\\033[J" "$unmount"
is 'lines for people' "09:52:07.104 thr_lrbelow /srv (ext4 /dev/loop0 7:0): available space fell to 2.7 GiB of 10.0 GiB, 26.6 % (level 1: 2.7 GiB)
09:52:07.104 corrupted   /srv (ext4 /dev/loop0 7:0): corruption was found, EUCLEAN, inode 12, pid 77  x3
lost       : events were lost  x4
09:52:07.104 cleared     /srv (ext4 /dev/loop0 7:0): enospc is over
09:52:07.104 ino_above   /srv (ext4 /dev/loop0 7:0): free inodes rose to 7 of 9 (level 1: 5)
09:52:07.104 melted      /srv bü\\033[J: an event that this program does not know
09:52:07.104 unmount     /srv (ext4 /dev/loop0 7:0): the file system was unmounted" \
	"$(watch | sed 's/^[0-9:.]* lost/lost/')"

is 'objects' '{"type":"event","event":"thr_lrbelow","kind":"below","severity":"warning","seq":7,"time":1795341127.104332,"dev":"7:0","mount":"/srv","fstype":"ext4","source":"/dev/loop0","avail":698112,"level":710000,"level_nr":1,"total":2621440,"frsize":4096,"pid":0,"count":1,"entry":3,"fsid":"00000000deadbeef"}
{"type":"event","event":"corrupted","kind":"corrupted","severity":"error","seq":8,"time":1795341127.104332,"dev":"7:0","mount":"/srv","fstype":"ext4","source":"/dev/loop0","ino":12,"pid":77,"count":3,"entry":3,"errno":117,"errno_name":"EUCLEAN"}
{"type":"event","event":"lost","kind":"lost","severity":"warning","count":4}
{"type":"event","event":"cleared","kind":"cleared","severity":"info","seq":9,"time":1795341127.104332,"dev":"7:0","mount":"/srv","fstype":"ext4","source":"/dev/loop0","entry":3,"of":"enospc"}' \
	"$(watch --json -n 3)"
is 'an object with bytes that are no text' \
	'{"type":"event","event":"melted","severity":"info","seq":1,"mount":"/\\134\\377ü"}' \
	"$(lines 'seq=1 event=melted mount=/\134\377\303\274' && watch --json -n 1)"

lines "$below" "$error" "$unmount"
is 'a format' '/srv|thr_lrbelow||698112
/srv|corrupted|EUCLEAN|
/srv|unmount||' "$(watch --format '{mount}|{event}|{errno_name}|{avail}')"
is 'escapes of a format' 'a	b\c{x}' "$(watch -n 1 --format 'a\tb\\c\{x}{errno}')"
is 'a date' '2026-11-22 09:52 unmount' \
	"$(watch --event unmount --time-format '%F %H:%M' | cut -c -24)"
is 'by event' corrupted "$(watch --event corrupted,enospc --format '{event}')"
is 'by kind' thr_lrbelow "$(watch --event below --format '{event}')"
lines "$below" "$(echo "$below" | sed 's/thr_lrbelow/thr_urbelow/')" \
	"$(echo "$below" | sed 's/thr_lrbelow/thr_below/')" "$error" "$unmount"
is 'by name: a level' thr_urbelow "$(watch --event thr_urbelow --format '{event}')"
is 'by name: levels, and other events' 'thr_lrbelow
thr_below
corrupted' "$(watch --event thr_below,corrupted --event thr_lrbelow --format '{event}')"
is 'by name and by kind' 'thr_lrbelow
thr_urbelow
thr_below' "$(watch --event thr_urbelow,below --format '{event}')"
is 'by name: a level that is not crossed' '' \
	"$(watch --event thr_lrabove --format '{event}')"
lines "$below" "$error" "$unmount"
is 'by severity' 'thr_lrbelow
corrupted' "$(watch --severity warning --format '{event}')"
is 'by severity: an unmount is no error' corrupted \
	"$(watch --severity error --format '{event}')"
is 'by file system: not of another' '' "$(watch --mount / --format '{event}')"
# Watched by another mount of it, as btrfs is that is mounted twice.
dev=$(awk '$5 == "/" { dev = $3 } END { print dev }' /proc/self/mountinfo)
lines "$(echo "$below" | sed "s/dev=7:0/dev=$dev/")" "$error" "$unmount"
is 'by file system: watched by another mount' 'thr_lrbelow /srv' \
	"$(watch --mount / --format '{event} {mount}')"
lines "$below" "$error" "$unmount"
# shellcheck disable=SC2016  # the shell of the command expands them
is 'a command, with facts in its environment' 'thr_lrbelow /srv 698112 warning
corrupted /srv  error' \
	"$(watch -n 2 --exec 'echo $FSALERT_EVENT $FSALERT_MOUNT "${FSALERT_AVAIL-}" $FSALERT_SEVERITY')"

# --- arguments and refusals

lines "$unmount"
: >"$SOURCE_REQUESTS"
"$FSALERT" watch /proc/self/status T 5% >/dev/null 2>"$dir/err"
is 'any path stands for its file system' '/proc T 5%' "$(cat "$SOURCE_REQUESTS")"
is 'the mount is named' "fsalert: /proc/self/status is on the mount /proc
fsalert: listening" "$(sed 's/^[^:]*: /fsalert: /' "$dir/err")"
said() {
	"$FSALERT" "$@" 2>&1 | sed 's/^[^:]*: /fsalert: /'
}
is 'a refusal is about the word that was typed' "fsalert: 'refuse': not so" \
	"$(SOURCE_AT=4 said watch / T refuse)"
is 'a level may begin with a dash' "fsalert: '-5': not so" \
	"$(SOURCE_AT=4 said watch / T -5 refuse)"
is 'no such path' "fsalert: /nonexistent: No such file or directory" \
	"$(said watch /nonexistent T 5%)"
is 'what the source can not do' "fsalert: no io_error here: not here" \
	"$(said wait / io_error)"

# waits STATUS ARGUMENT...
waits() {
	want=$1
	shift
	"$FSALERT" wait "$@" >/dev/null 2>&1
	is "wait $*" "$want" $?
}
waits 0 / unmount
waits 1 / 5%
waits 2 / 5% 6%
waits 2 / nonsense-
lines "$below"
waits 0 / 5%
waits 0 / T 5%
waits 4 --timeout 0.1 / I 5
waits 4 -t 0 / enospc
is 'requests of wait' '/ T 0|/ T 5%|/ T 5%|/ T 5%|/ I 5|/ G:enospc' \
	"$(tail -n 6 "$SOURCE_REQUESTS" | paste -s -d '|')"

SOURCE_DIES=$dir/dies "$FSALERT" wait -t 60 / 5% >"$dir/out" 2>"$dir/err"
is 'wait: its watch could not be made again' '1, 1' \
	"$?, $(grep -c 'refuses the watch: No such file or directory$' "$dir/err")"

# --- started without standard files

lines "$unmount"
"$FSALERT" watch / T refuse <&- >&- 2>&-
is 'without standard files: what is said goes nowhere' '/ T refuse' \
	"$(tail -n 1 "$SOURCE_REQUESTS")"
end
