#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the VM: fsevents watch, stopped while more events occur than its buffer
# holds, then shows the state of each file system. Prints TAP.

# functions are called by name; no path or number here has a blank
# shellcheck disable=SC2317,SC2086
# shellcheck source=tests/programs/lib.sh
. /lib.sh
names=$(seq -f 'watched%g' 20)

sent() {
	awk '$1 == "sent" { print $2 }' /sys/fs/events/stats
}

has_sent() {
	[ "$(sent)" -ge "$1" ]
}

# fill STATE: below or above
fill() {
	for name in $names; do
		if [ "$1" = below ]; then
			dd if=/dev/zero of="/mnt/$name/file" bs=1M count=3 status=none
		else
			rm "/mnt/$name/file"
		fi
	done
}

# awk: last has the last event of each mount; do all match the state?
verdict='
	END {
		n = split(wanted, name)
		for (i = 1; i <= n; i++)
			bad += last["/mnt/" name[i]] != state
		exit bad
	}'

# text STATE: does the last line of each file system show it?
text() {
	awk -v state="$1" -v wanted="$names" '
		/ (thr_lrbelow|thr_lrabove) / { last[$3] = substr($2, 7) }
		/ resync .* space level 1 is / {
			sub(",.*", ""); last[$3] = $NF
		}
		'"$verdict" "$dir/text"
}

# json STATE: the same for objects
json() {
	awk -v state="$1" -v wanted="$names" '
		function value(key) {
			match($0, "\"" key "\":\"[^\"]*")
			return substr($0, RSTART + length(key) + 4,
				      RLENGTH - length(key) - 4)
		}
		/"event":"thr_lr/ { last[value("mount")] = substr(value("event"), 7) }
		/"state":/ {
			below = /"space":\[\{"level_nr":1,"below":true/
			last[value("mount")] = below ? "below" : "above"
		}
		'"$verdict" "$dir/json"
}

# check WHAT COMMAND...: it succeeds within some time
check() {
	what=$1
	shift
	until_true 60 "$@"
	echo "$* $?" >"$dir/checked"
	is "$what" "$dir/checked" ' 0$'
}

for name in $names; do
	make_tmpfs $name
	fsevents set /mnt/$name T 50%
done
fsevents watch -b 2048 >"$dir/text" 2>"$dir/text.err" &
pids=$!
fsevents watch --json --buffer 2048 >"$dir/json" 2>"$dir/json.err" &
pids="$pids $!"
said "$dir/text.err" listening
said "$dir/json.err" listening

before=$(sent)
kill -STOP $pids
fill below
check 'twenty events are sent' has_sent $((before + 20))
kill -CONT $pids
check 'lines show each file system' text below
check 'objects show each file system' json below
fill above
check 'lines go on' text above
check 'objects go on' json above
# The next event after a loss has the number lost.
is 'lines: events were lost' "$dir/text.err" 'events lost, the receive buffer overran' \
	'events lost before seq [0-9]+: [0-9]+'
is 'objects: events were lost' "$dir/json" '^\{"lost":[1-9][0-9]*,"seq":' \
	'^\{"resync":[0-9]+\}$' '^\{"state":"changed","entry":[0-9]+,'
is 'lines: read anew' "$dir/text" \
	'^[0-9:.]+ resync      read anew, as of seq [0-9]+$' \
	'^[0-9:.]+ resync      /mnt/watched[0-9]+ \(tmpfs tmpfs 0:[0-9]+\): space level 1 is below, 256 blocks \(1.0 MiB of 4.0 MiB\) available$'
[ "$failed" = 0 ] || head -n 60 "$dir/text" "$dir/text.err" "$dir/json" | sed 's/^/# /'
kill $pids
end
