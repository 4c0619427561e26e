# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Shared by the scripts. Source it after setting `root` to the top of the
# repository:
#
#	root=$(cd "$(dirname "$0")/.." && pwd -P)
#	. "$root/scripts/lib.sh"

# shellcheck disable=SC2154  # set by the script that sources this
build=$root/build
# shellcheck disable=SC2034  # used by some
selftests=$root/kernel/tools/testing/selftests/filesystems/events
# Tests that take half a minute or more each, which ./test.sh leaves out without an
# argument. Of programs, those that run in harness as well with the helper as their
# source are among them.
# shellcheck disable=SC2034  # used by some
long='bad_disk_test behaviours_test crowd_test daemon_test dead_disk_test
dead_server_test flood_test frozen_test install_test interval_test joined_test
keys_test memory_test nfs_test pages_test resize_test rest_test stream_test
troubles_test umount_test unload_test'

# One line per step, on standard error: standard output is for results.
say() {
	printf '%s\n' "== $*" >&2
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit "${die_status:-1}"
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# mkfs and others are outside the PATH of an ordinary user.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		die "'$1' needs root, and there is no sudo here"
	fi
}

# true if FILE exists and is as new as all of the others
fresh() {
	fresh_file=$1
	shift
	[ -e "$fresh_file" ] || return 1
	[ -z "$(find "$@" -newer "$fresh_file" -print 2>&1 | head -n 1)" ]
}

# Fetches package lists if there are none, or on request.
update_lists() {
	if [ "${1-}" = again ] ||
	   [ -z "$(find /var/lib/apt/lists -name '*_Packages*' 2>/dev/null)" ]; then
		say "fetching the package lists"
		as_root apt-get -qq update || die "apt-get update failed"
	fi
}

# Runs the script again from the start with the lock NAME: a second make waits
# for the first instead of removing its files.
locked() {
	[ "${FS_EVENTS_LOCK-}" != "$1" ] || return 0
	lock_name=$1
	shift
	mkdir -p "$build"
	FS_EVENTS_LOCK=$lock_name exec flock "$build/.lock-$lock_name" "$0" "$@"
}
