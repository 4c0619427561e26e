# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # set by packages.sh
#
# The daemon is killed again and again, while a program fills and frees a file system
# and does not wait for it. Each time that the kernel reports a crossed level to a
# listener of its own, the daemon must report it, too, or count it: a condition that
# comes back before its end was reported is in the count of that report. Part of
# packages.sh.

cycles=20

# Each condition is reported at once, and at once as over.
kill_settings() {
	printf 'settle = 0s\n\n[killed]\npath = /srv/disk\nspace = 50%%:60%%\nevents = none\ninodes = none\n' \
		>"$settings/kill.conf"
}

# what the kernel reports to a listener of its own
listen() {
	fsalert set /srv/disk T 50%:60%
	cat /sys/fs/events/events >"$dir/sent" 2>&1 &
	listener=$!
}

sent() {
	grep -c "event=$1 .*mount=/srv/disk " "$dir/sent"
}

# sent_so_often EVENT TIMES
sent_so_often() {
	[ "$(sent "$1")" -ge "$2" ]
}

# The writer waits until the kernel has reported a crossing, which takes a second. The
# delays come from the cycle's number: the same in each run.
write_and_free() {
	local i
	for ((i = 1; i <= cycles; i++)); do
		dd if=/dev/zero of=/srv/disk/file bs=1M count=40 status=none
		await 90 sent_so_often thr_lrbelow $i || return
		sleep "$((i % 3)).$((i * 7 % 10))"
		rm /srv/disk/file
		await 90 sent_so_often thr_lrabove $i || return
		sleep "$((i % 2)).$((i * 3 % 10))"
	done
}

kill_it() {
	local i=0
	kills=0
	while kill -0 "$writer" 2>/dev/null; do
		sleep "$((i % 4)).$((i * 7 % 10))"
		main=$(systemctl show -P MainPID fsalertd)
		[ "$main" = 0 ] || { kill -KILL "$main" && kills=$((kills + 1)); }
		i=$((i + 1))
	done
}

# "MISSED DOUBLED COUNT": each report of the end has a count, and the time of the event
# up to which it counts. The listener got the events in between.
compare() {
	journalctl -q -o json -u fsalertd --since "@$begin" FSALERT_STATE=over \
		FSALERT_MOUNT=/srv/disk FSALERT_CONDITION=below |
		python3 -c 'import json, re, sys
line = re.compile(r"time=([\d.]+) .*event=thr_lrbelow .*mount=/srv/disk ")
sent = [float(m[1]) for m in map(line.search, open(sys.argv[1])) if m]
overs = [json.loads(text) for text in sys.stdin]
overs = sorted((int(o.get("FSALERT_TIME", 0)) / 1e6, int(o["FSALERT_COUNT"])) for o in overs)
missed = doubled = 0
for end, count in overs:
    # both watches have the time of the same event, or nearly
    told = [time for time in sent if time <= end + 0.2]
    sent = sent[len(told):]
    missed += max(len(told) - count, 0)
    doubled += max(count - len(told), 0)
print(missed + len(sent), doubled, sum(count for _, count in overs))' "$dir/sent"
}

# Each crossing is in the count of a report, and none is in two.
all_counted() {
	compare >"$dir/compared" && has "$dir/compared" " $(sent thr_lrbelow)\$"
}

none_twice() {
	journalctl -q -o json --output-fields=FSALERT_REPORT -u fsalertd \
		--since "@$begin" FSALERT_MOUNT=/srv/disk |
		grep -o '"FSALERT_REPORT":"[0-9]*"' | sort | uniq -d >"$dir/twice"
	[ ! -s "$dir/twice" ]
}

kill_in_a_loop() {
	make_disk 1 /srv/disk
	kill_settings
	check 'reload for the loop' systemctl reload fsalertd
	check 'the disk of the loop is watched' await 60 grep -q \
		'fsalert_watched.*/srv/disk.* 1$' /run/fsalert/fsalert.prom
	local raised over missed doubled count restarts begin
	raised=$(reports raised) over=$(reports over) begin=$(date +%s)
	restarts=$(systemctl show -P NRestarts fsalertd)
	listen
	write_and_free &
	writer=$!
	kill_it
	check 'the kernel reported each cycle' wait "$writer"
	check 'the daemon came back each time' await 60 systemctl is-active fsalertd
	check 'each event was acted on, once' await 90 all_counted
	check 'no report is in the journal twice' none_twice
	kill "$listener"
	restarts=$(($(systemctl show -P NRestarts fsalertd) - restarts))
	raised=$(($(reports raised) - raised)) over=$(($(reports over) - over))
	read -r missed doubled count <"$dir/compared"
	figure "kill -9 $kills times, $restarts restarts:" \
		"$(sent thr_lrbelow) times below the level, $raised reports;" \
		"$(sent thr_lrabove) times above, $over reports with a count of $count;" \
		"missed $missed, doubled $doubled"
	fsalert unset /srv/disk
	rm "$settings/kill.conf"
	systemctl reload fsalertd
	umount /srv/disk
}

kill_in_a_loop

# An administrator hides /home from the daemon: that takes a mount namespace, and the
# watches that systemd kept can't be changed any more.
change_namespace() {
	make_disk 1 /srv/disk
	mkdir -p /etc/systemd/system/fsalertd.service.d
	printf '[Service]\nProtectHome=yes\n' >/etc/systemd/system/fsalertd.service.d/home.conf
	systemctl daemon-reload
	check 'restart with another mount namespace' systemctl restart fsalertd
	check 'the disk is watched there' await 60 grep -q \
		'fsalert_watched.*/srv/disk.* 1$' /run/fsalert/fsalert.prom
	check 'restart with yet another one' systemctl restart fsalertd
	check 'nothing is unwatched' sh -c '! grep "fsalert_watched.* 0$" /run/fsalert/fsalert.prom'
	local before
	before=$(reports raised)
	dd if=/dev/zero of=/srv/disk/file bs=1M count=50 status=none
	check 'a full disk is reported there' await 60 raised_more_than "$before"
	rm -r /etc/systemd/system/fsalertd.service.d /srv/disk/file
	systemctl daemon-reload
	check 'restart in the mount namespace of the system' systemctl restart fsalertd
	check 'all is clear after that' await 150 fsalert status
	umount /srv/disk
}

change_namespace
