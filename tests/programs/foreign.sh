#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the VM: programs that know only what the kernel reports about its netlink
# families, or a specification. Prints TAP, and as comments a table of the
# commands and their output.

# functions are called by name; no path or number here has a blank
# shellcheck disable=SC2317,SC2086
# shellcheck source=tests/programs/lib.sh
. /lib.sh
config=/sys/fs/events/config

ynl='python3 /ynl/cli.py --no-schema --spec /ynl/fs_event.yaml'

# run NAME COMMAND...: its output, and a line of the table
run() {
	out=$dir/$1
	shift
	"$@" >"$out" 2>&1
	table "$*" "$out"
}

# of_family COMMAND...: the part about our family
of_family() {
	"$@" | awk '/^Name: |^0x/ { ours = / fs_event( |$)/ } ours'
}

# # --- iproute2 and libnl: the kernel's description of the family

run list of_family genl ctrl list
is 'genl ctrl list' "$out" '^Name: fs_event$'
run get genl ctrl get name fs_event
is 'genl ctrl get: commands and groups' "$out" '^Name: fs_event$' \
	'Version: 0x1 ' '#1: +ID-0x2' '#[0-9]: +ID-0x6' \
	'name: fs_event_mc_grp' 'name: config'
run libnl of_family genl-ctrl-list -d
is 'genl-ctrl-list -d' "$out" 'fs_event version 1' 'op .*0x06. <has_doit' \
	'fs_event_mc_grp \(0x' 'config \(0x'

# # --- the kernel's own tool, which uses the specification

make_tmpfs ynl
run set $ynl --do entry-set --json '{"mount": "/mnt/ynl",
	"events": ["err-io", "err-corrupted"],
	"level": [{"kind": "space", "trigger": 50, "unit": "percent"},
		  {"kind": "inodes", "trigger": 10, "rearm": 20}]}'
is 'cli.py --do entry-set' "$out" "'id': [0-9]+" "'generation': [0-9]+"
is 'what it set' $config \
	'^/mnt/ynl tmpfs (tmpfs|ynl) \(G:corrupted,io_error,T 50%,I 10:20\)$'
run 'do' $ynl --do entry-get --json '{"mount": "/mnt/ynl"}'
is 'cli.py --do entry-get' "$out" "'mount': '/mnt/ynl'" "'fstype': 'tmpfs'" \
	"'state': 'above'" "'kind': 'inodes'" "'rearm': 20" "err-corrupted"
run dump $ynl --dump entry-get
is 'cli.py --dump entry-get' "$out" "'mount': '/mnt/ynl'" "'seq': [0-9]+"
run stats $ynl --do stats-get --json '{}'
is 'cli.py --do stats-get' "$out" "'watches': 1}"
run del $ynl --do entry-del --json '{"mount": "/mnt/ynl"}'
is 'cli.py --do entry-del' "$out" '^None$'
run gone $ynl --do entry-get --json '{"mount": "/mnt/ynl"}'
is 'cli.py: a refusal' "$out" 'Netlink error: No such file or directory'

# is_member PID: does that process have a socket in a group?
is_member() {
	# column 2 is the protocol, 3 the port, which is the pid, 4 the groups
	awk -v pid="$1" '$2 == 16 && $3 == pid && $4 !~ /^0*$/ { n++ }
		END { exit !n }' /proc/net/netlink
}

notified() { awk '$1 == "notified" { print $2 }' /sys/fs/events/stats; }
more() { [ "$(notified)" -gt "$1" ]; }

# After subscribing, ynl reads pending messages once and exits. It must wait in
# between, so it lists the operations to a pipe that is full until we read it. A
# request would not do: ynl fails on messages before the reply.
mkfifo "$dir/pipe"
for group in config fs_event_mc_grp; do
	{
		yes | head -c 65536
		exec env PYTHONUNBUFFERED=1 $ynl --subscribe $group --list-ops
	} >"$dir/pipe" 2>&1 &
	exec 3<"$dir/pipe"
	until_true 60 is_member $!
	before=$(notified)
	echo '/mnt/ynl T 100%' >$config
	until_true 60 more "$before"
	echo '!/mnt/ynl' >$config
	sed '/^y$/d' <&3 >"$dir/$group"
	exec 3<&-
	wait $!
	table "cli.py --subscribe $group --list-ops" "$dir/$group"
done
is 'cli.py --subscribe config' "$dir/config" "'name': 'entry-ntf'" \
	"'change': 'added'" "'change': 'removed'" "'mount': '/mnt/ynl'"
is 'cli.py --subscribe fs_event_mc_grp' "$dir/fs_event_mc_grp" \
	"'name': 'event'" "'event-id': 3," "'mount': '/mnt/ynl'"

# --- pyroute2

python3 /examples/with_pyroute2.py 1 >"$dir/pyroute2" 2>&1 &
said "$dir/pyroute2" '^listening'
forge $! 1
echo '/mnt/ynl T 100%' >$config
until_true 60 grep -q '^event' "$dir/pyroute2"
kill $! 2>/dev/null
wait $!
table 'with_pyroute2.py 1' "$dir/pyroute2"
# A forged message would be the last.
is 'pyroute2: a command, and an event' "$dir/pyroute2" '^watches 0 seq [0-9]+$' \
	'^event 3 /mnt/ynl seq [0-9]+$'
echo >$config
umount /mnt/ynl

# --- iproute2: the family comes and goes with the module

if [ -e /sys/module/fs_events/initstate ]; then
	genl ctrl monitor >"$dir/monitor" 2>&1 &
	monitor=$!
	until_true 30 is_member $monitor
	umount /sys/fs/events
	rmmod fs_events
	modprobe fs_events
	mount -t fstrace none /sys/fs/events
	families() { grep 'Version: 0x1' "$dir/monitor" | sort -u | wc -l; }
	came() { [ "$(families)" -ge 2 ]; }
	until_true 30 came
	kill $monitor
	wait $monitor
	table 'genl ctrl monitor' "$dir/monitor"
	echo "families $(families)" >>"$dir/monitor"
	# The ID differs each time.
	is 'genl ctrl monitor: it went, and came' "$dir/monitor" \
		'Name: fs_event' '^families 2$'
fi
end
