#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the VM: fsalert watch, stopped while more events occur than its buffer
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
	fsalert set /mnt/$name T 50%
done
fsalert watch -b 2048 >"$dir/text" 2>"$dir/text.err" &
pids=$!
fsalert watch --json --buffer 2048 >"$dir/json" 2>"$dir/json.err" &
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
is 'lines: events were lost, and what became of them' "$dir/text" \
	' lost       : events were lost' \
	'^[0-9:.]+ thr_lrbelow /mnt/watched[0-9]+ \(tmpfs [^)]*\): available space fell to 1.0 MiB of 4.0 MiB, 25.0 % \(level 1: 2.0 MiB\) \(found after a loss\)$'
is 'objects: events were lost, and what became of them' "$dir/json" \
	'^\{"type":"event","event":"lost",.*"severity":"warning"' \
	'"event":"thr_lrbelow",.*"avail":256,.*"resync":true'
[ "$failed" = 0 ] || head -n 60 "$dir/text" "$dir/text.err" "$dir/json" | sed 's/^/# /'
kill $pids
end
