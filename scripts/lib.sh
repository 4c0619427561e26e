# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What the scripts share. To be sourced after `root` was set to the top of the
# repository:
#
#	root=$(cd "$(dirname "$0")/.." && pwd -P)
#	. "$root/scripts/lib.sh"

# shellcheck disable=SC2154  # set by the script that sources this
build=$root/build
# shellcheck disable=SC2034  # used by some
selftests=$root/kernel/tools/testing/selftests/filesystems/events

# One line a step, on standard error: standard output belongs to results.
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

# mkfs and friends live where the PATH of an ordinary user does not lead.
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

# true if FILE is there and as new as each of the others
fresh() {
	fresh_file=$1
	shift
	[ -e "$fresh_file" ] || return 1
	[ -z "$(find "$@" -newer "$fresh_file" -print 2>&1 | head -n 1)" ]
}

# Package lists: fetched when there are none, or when asked to.
update_lists() {
	if [ "${1-}" = again ] ||
	   [ -z "$(find /var/lib/apt/lists -name '*_Packages*' 2>/dev/null)" ]; then
		say "fetching the package lists"
		as_root apt-get -qq update || die "apt-get update failed"
	fi
}

# Run again from the start holding the lock NAME: a second make, started while
# the first still builds, waits instead of tearing down what the first made.
locked() {
	[ "${FS_EVENTS_LOCK-}" != "$1" ] || return 0
	lock_name=$1
	shift
	mkdir -p "$build"
	FS_EVENTS_LOCK=$lock_name exec flock "$build/.lock-$lock_name" "$0" "$@"
}
