# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For scripts that run in the VM: TAP, waiting with a deadline, a tmpfs to
# watch. To be sourced.

set -u
number=0
failed=0
dir=$(mktemp -d)

# is WHAT FILE PATTERN...: lines of FILE match each (extended) PATTERN
is() {
	number=$((number + 1))
	what=$1
	file=$2
	shift 2
	for pattern; do
		grep -q -E -e "$pattern" "$file" && continue
		echo "not ok $number - $what"
		echo "# nothing matches $pattern in:"
		sed 's/^/#  /' "$file"
		failed=1
		return
	done
	echo "ok $number - $what"
}

# until_true SECONDS COMMAND...
until_true() {
	deadline=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$deadline" ] || return
	done
}

# said FILE PATTERN: wait for that line
said() {
	until_true 60 grep -q -E -e "$2" "$1"
}

# table PROGRAM FILE: a table line with the command and its output
table() {
	echo "# | $1"
	sed 's/^/# |     /' "$2"
}

# make_tmpfs NAME: 4 MiB at /mnt/NAME
make_tmpfs() {
	mkdir -p "/mnt/$1"
	mount -t tmpfs -o size=4M,nr_inodes=100 "$1" "/mnt/$1"
}

# forge PID ENTRY: it gets an event from us that says that the watch has ended
forge() {
	python3 /forge.py "$1" "$2" || echo "# forge.py: exit status $?"
}

end() {
	echo "1..$number"
	rm -rf "$dir"
	exit "$failed"
}
