# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For scripts that run in the Debian system: TAP, waiting with a deadline, a disk to
# be filled. To be sourced.

set -u
number=0
failed=0
dir=$(mktemp -d)
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH SYSTEMD_PAGER='' SYSTEMD_COLORS=0

# check WHAT COMMAND...: the test passes if COMMAND does; its output is shown if not
check() {
	local what=$1
	shift
	number=$((number + 1))
	if "$@" >"$dir/output" 2>&1; then
		echo "ok $number - $what"
		return
	fi
	echo "not ok $number - $what"
	echo "# failed: $*"
	sed 's/^/#   /' "$dir/output"
	failed=1
	return 1
}

# await SECONDS COMMAND...: until it succeeds; the output is that of the last time. The
# command is repeated until the deadline; the pause leaves the processors to others.
await() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >"$dir/await" 2>&1; do
		[ "$SECONDS" -lt "$end" ] || {
			cat "$dir/await"
			return 1
		}
		sleep 0.3
	done
}

# has FILE PATTERN...: lines of it match each extended regular expression
has() {
	local file=$1 pattern
	shift
	for pattern; do
		grep -q -E -e "$pattern" "$file" || {
			echo "nothing matches '$pattern' in $file:"
			cat "$file"
			return 1
		}
	done
}

# logged PATTERN...: messages of the daemon match
logged() {
	journalctl -q -u fsalertd -o cat >"$dir/journal"
	has "$dir/journal" "$@"
}

# since SECONDS: how long ago that time was, as of `date +%s.%N`
since() {
	awk -v a="$1" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }'
}

# figure TEXT: a line of the results
figure() {
	echo "# figure: $VM_SUITE, $(uname -r), $VM_ACCEL: $*"
}

# make_disk NUMBER FOLDER: an empty ext4 on the disk of that number
make_disk() {
	mke2fs -q -F -t ext4 -m 0 "/dev/disk/by-id/virtio-disk$1"
	mkdir -p "$2"
	mount "/dev/disk/by-id/virtio-disk$1" "$2"
}

end() {
	echo "1..$number"
	exit "$failed"
}
