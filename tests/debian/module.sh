# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # set by packages.sh
#
# The module goes and comes back under a running system; a kernel that takes signed
# modules only refuses it. Part of packages.sh.

# what keeps the module: mounts, and open files of processes and of systemd's store
show_users() {
	grep fs_events /proc/modules
	grep -s fstrace /proc/[0-9]*/mountinfo
	find /proc/[0-9]*/fd -lname '/sys/fs/events*' 2>/dev/null
	systemctl show fsalertd -p ActiveState,NFileDescriptorStore
}

# A service with PrivateNetwork= has a /sys of its own, with the file systems that were
# mounted below /sys when it started. That an administrator unmounts them does not reach
# it: README.md says so. polkitd is one.
restart_holders() {
	local pid
	for pid in $(grep -l -s fstrace /proc/[0-9]*/mountinfo | tr -c -s '0-9' ' '); do
		ps -o unit= -p "$pid"
	done | sort -u >"$dir/holders"
	sed 's/^/# keeps fstrace: /' "$dir/holders"
	xargs -r systemctl restart <"$dir/holders"
}

without_module() {
	systemctl stop fsalertd
	systemctl stop sys-fs-events.mount
	restart_holders
	check 'the module can be removed' await 30 modprobe -r fs_events ||
		show_users | sed 's/^/#   /'
}

# $1: STATE of the kernel, as an extended regular expression
doctor_says() {
	fsalert doctor >"$dir/doctor"
	has "$dir/doctor" "$1"
}

# A system on which the module is installed later: it can't be loaded at the start.
module_comes_later() {
	without_module
	echo 'install fs_events /bin/false' >/etc/modprobe.d/none.conf
	systemctl start fsalertd
	check 'without the module the helper is used' await 60 source_is 0
	check 'fsalert doctor: not loaded' doctor_says 'kernel +missing .*not loaded'
	make_disk 1 /srv/disk
	local before
	before=$(reports raised)
	dd if=/dev/zero of=/srv/disk/file bs=1M count=50 status=none
	check 'the helper reports a full disk' await 90 raised_more_than "$before"
	before=$(reports raised)
	rm /etc/modprobe.d/none.conf
	# as at the end of an installation
	depmod
	check 'the module is loaded and fstrace mounted' await 60 mountpoint -q /sys/fs/events
	check 'the kernel takes over' await 60 source_is 1
	check 'the daemon says so' await 30 logged 'events come from the kernel'
	check 'nothing is reported again' test "$(reports raised)" = "$before"
	dd if=/dev/zero of=/srv/disk/more bs=1M status=none 2>/dev/null
	check 'the kernel reports the next level' await 60 raised_more_than "$before"
	check 'no fsalert-poll is left' await 30 sh -c '! pgrep -u fsalert fsalert-poll'
	rm -f /srv/disk/file /srv/disk/more
	umount /srv/disk
}

# As with Secure Boot: the kernel is locked down until the next boot.
module_is_refused() {
	without_module
	check 'the kernel is locked down' sh -c 'echo integrity >/sys/kernel/security/lockdown'
	check 'it refuses the module' sh -c '! modprobe fs_events'
	systemctl start fsalertd
	check 'with a refused module the helper is used' await 60 source_is 0
	check 'fsalert doctor: signed modules only' doctor_says \
		'kernel +missing .*signed .*Secure Boot'
	fsalert doctor | sed 's/^/#   /'
}

module_comes_later
module_is_refused
