# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # set by packages.sh
#
# A container (podman) has a private watch on its volume. Its profile of AppArmor
# forbids to write below /sys: the file `watch` is bound to another path. Part of
# packages.sh.

# container NAME SCRIPT [OPTION]...: in a container with nothing but busybox
container() {
	local name=$1 script=$2
	shift 2
	podman run --name "$name" --rm --network=none -v /srv/volume:/data "$@" \
		--rootfs /srv/container /bin/busybox sh -c "$script"
}

make_container() {
	mkdir -p /srv/container/{bin,data,dev,etc,proc,run,sys,tmp}
	cp /bin/busybox /srv/container/bin/
	make_disk 2 /srv/volume
}

# shellcheck disable=SC2016  # for the shell in there
watch_volume='exec 5<>/run/fsalert/watch && echo "/data T 50%" >&5 && echo ready &&
	while read -r line <&5; do echo "$line"; case $line in *thr_lrbelow*) exit; esac; done'

has_said() {
	has "$dir/container" "$1"
}

no_container() {
	[ -z "$(podman ps -q)" ]
}

watch_in_container() {
	podman ps -q >"$dir/podman" 2>&1 || sed 's/^/#   /' "$dir/podman"
	make_container
	check 'AppArmor confines containers' has \
		<(container confined 'cat /proc/self/attr/current' 2>&1) \
		'containers-default.*\(enforce\)'
	container inside 'echo "/data T 50%" >/sys/fs/events/watch' \
		-v /sys/fs/events:/sys/fs/events >"$dir/denied" 2>&1
	check 'AppArmor forbids a path below /sys' has "$dir/denied" \
		'/sys/fs/events/watch: Permission denied'
	container watcher "$watch_volume" -v /sys/fs/events/watch:/run/fsalert/watch \
		>"$dir/container" 2>&1 &
	check 'a container sets a watch on its volume' await 90 has_said '^ready$'
	dd if=/dev/zero of=/srv/volume/file bs=1M count=50 status=none
	check 'its event arrives in the container' await 60 has_said \
		'event=thr_lrbelow .*mount=/data'
	check 'nothing is left of it' await 60 no_container
	wait
	umount /srv/volume
	rm -rf /srv/container /srv/volume
}

watch_in_container
