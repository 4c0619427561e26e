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

# job_file JOB: what test.sh's JOB is kept as. Fifteen programs make a name that is
# too long for a file: the first one, and how many there are besides.
job_file() {
	others=$(echo "$1" | tr -cd + | wc -c)
	[ "$others" -gt 0 ] || others=
	echo "$build/test/$(echo "${1%%+*}" | tr / .)${others:++$others}"
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
