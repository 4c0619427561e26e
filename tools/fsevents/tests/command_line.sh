#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The command line, as far as it goes without the kernel part: usage, exit
# status and what is said to be missing. Prints TAP. FSEVENTS is the program.

set -u

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
nr=0
failed=0

# expect STATUS PATTERN ARGS...: what it prints matches the shell pattern
expect()
{
	want=$1
	pattern=$2
	shift 2
	nr=$((nr + 1))
	said=$("$FSEVENTS" "$@" 2>&1)
	status=$?
	name=$(echo "fsevents $*" | tr '\n' ' ')
	# shellcheck disable=SC2254 # it is a pattern
	case $status:$said in
	$want:$pattern)
		echo "ok $nr - $name"
		;;
	*)
		echo "not ok $nr - $name"
		echo "# status $status, not $want, or other than $pattern:"
		echo "$said" | sed 's/^/# /'
		failed=1
		;;
	esac
}

expect 0 'usage: *' --help
expect 0 'usage: *' watch -h
expect 0 'fsevents [0-9]*' --version
expect 2 'fsevents: which command?*'
expect 2 'fsevents: unknown command: look*' look
expect 2 '*unrecognized option*' --loud list
expect 2 'fsevents: list: too many arguments*' list /srv
expect 2 'fsevents: clear: too many arguments*' clear /srv
expect 2 'fsevents: watch: too many arguments*' watch /srv
expect 2 'fsevents: set: too few arguments*' set /srv
expect 2 'fsevents: unset: too few arguments*' unset
expect 2 'fsevents: set: takes no --json*' set --json /srv G
expect 2 'fsevents: list: takes no --count*' list -n 1
expect 2 'fsevents: clear: takes no --timeout*' clear --timeout 0
for bad in 0 -1 x 1x 0x1 '' ' 1'; do
	expect 2 "fsevents: --count: '$bad'*" watch "--count=$bad"
done
for bad in -1 x 1x '' nan inf 1e10; do
	expect 2 "fsevents: --timeout: '$bad'*" watch "--timeout=$bad"
done
for bad in 0 -1 x 4096x 1023 1073741825 ''; do
	expect 2 "fsevents: --buffer: '$bad'*" watch "--buffer=$bad"
done
expect 2 'fsevents: list: takes no --buffer*' list -b 4096
expect 2 "fsevents: a ';' or a newline*" set /srv 'G; !/srv'
expect 2 "fsevents: a ';' or a newline*" unset /srv 'G
'
expect 2 'fsevents: the path of the mount is empty' set '' G

if grep -q fstrace /proc/filesystems; then
	not_there="fsevents: fstrace is not mounted at $dir: mount -t *"
else
	not_there='fsevents: the kernel module fs_events is not loaded: *'
	expect 3 "$not_there" watch
	expect 3 "$not_there" -i "$dir/none" list
fi
expect 3 "$not_there" --instance "$dir" list
expect 3 "$not_there" --instance "$dir" list --json
expect 3 "$not_there" --instance "$dir" set /srv G T 10%
expect 3 "$not_there" --instance "$dir" set srv G
expect 3 "$not_there" --instance "$dir" unset /srv
expect 3 "$not_there" --instance "$dir" clear

echo "1..$nr"
exit $failed
