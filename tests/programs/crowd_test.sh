#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# crowd_test.sh [--kernel KERNEL] - what many watches of ordinary users cost others, and
# requests that rewrite them again and again. Instructions are counted, a nanosecond
# each, so the figures are the same on any machine.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

# check WHAT COMMAND...
check() {
	what=$1
	shift
	if "$@"; then
		echo "ok - $what"
	else
		echo "not ok - $what"
	fi
}

# at_most FIGURE FIGURE
at_most() {
	echo "# $1, at most $2"
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && a + 0 <= b + 0) }'
}

echo 1..5
out=$("$root/bench/crowd" "$@" 1000 64)
echo "$out" | sed 's/^/# /'
# column NUMBER: with no watch, and with all of them
column() {
	echo "$out" | awk -v n="$1" 'NR > 1 { print $(NF - n) }'
}
unresponsive() {
	# shellcheck disable=SC2046  # two figures
	set -- $(column 2)
	at_most "${2-}" $((${1:-0} * 2))
}
check 'no CPU is unresponsive for longer beside 1,000 watches' unresponsive

out=$("$root/bench/hostile" "$@" --icount 50)
echo "$out" | sed 's/^/# /'
# The scheduler gives any other task a few milliseconds; it was 180 ms.
for what in 'mount, umount' 'umount, watched' 'read of config'; do
	worst=$(echo "$out" | sed -n "s/^$what *a hostile user.* //p")
	check "$what beside requests that rewrite watches" at_most "$worst" 20000
done
median=$(echo "$out" | awk '/^read of config *nothing/ { print $(NF - 2) }')
beside=$(echo "$out" | awk '/^read of config *a hostile/ { print $(NF - 2) }')
check 'a read of config costs the same' at_most "$beside" "$((${median%.*} * 2))"
