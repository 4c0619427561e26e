# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For tests of fsalert in a mount namespace of their own: TAP, and a folder. To be
# sourced.

dir=$(mktemp -d)
number=0

# result WHAT GOT WANTED: what the command wrote is in $dir/out
result() {
	number=$((number + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $number - $1"
		return
	fi
	echo "not ok $number - $1"
	echo "# got: $2, wanted: $3"
	sed 's/^/# /' "$dir/out"
}

# await SECONDS COMMAND...: until it succeeds. It is repeated until the deadline; the
# pause leaves the processors to others.
await() {
	deadline=$(($(date +%s) + $1))
	shift
	until "$@" 2>/dev/null; do
		[ "$(date +%s)" -lt "$deadline" ] || return
		sleep 0.02
	done
}
