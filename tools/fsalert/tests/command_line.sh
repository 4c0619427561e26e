#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The command line, as far as it goes without a source of events: usage, exit
# status and what is said to be missing. Prints TAP. FSALERT is the program.

# shellcheck source=tools/fsalert/tests/tap.sh
. "$(dirname "$0")/tap.sh"
export FSALERT_POLL=/nonexistent

# expect STATUS PATTERN ARGS...: what it prints matches the shell pattern
expect()
{
	want=$1
	pattern=$2
	shift 2
	nr=$((nr + 1))
	said=$("$FSALERT" "$@" 2>&1)
	status=$?
	name=$(echo "fsalert $*" | tr '\n' ' ')
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
expect 0 'fsalert [0-9]*' --version
expect 2 '*: which command?*'
expect 2 '*: unknown command: look*' look
expect 2 '*unrecognized option*' --loud list
expect 2 '*unrecognized option*' list --loud
expect 2 '*: list: too many arguments*' list /srv
expect 2 '*: clear: too many arguments*' clear /srv
expect 2 '*: set: too few arguments*' set /srv
expect 2 '*: unset: too few arguments*' unset
expect 2 '*: wait: too few arguments*' wait /
expect 2 '*: wait: too many arguments*' wait / T 5% 6%
expect 2 '*: set takes no --json*' set --json /srv G
expect 2 '*: list takes no --count*' list -n 1
expect 2 '*: clear takes no --timeout*' clear --timeout 0
expect 2 '*: list takes no --buffer*' list -b 4096
expect 2 '*: watch takes no --instance*' watch -i /srv
expect 3 '*: status takes no --count*' status -n 1
for bad in 0 -1 x 1x 0x1 '' ' 1'; do
	expect 2 "*: --count: '$bad'*" watch "--count=$bad"
done
for bad in -1 x 1x '' nan inf 1e10; do
	expect 2 "*: --timeout: '$bad'*" watch "--timeout=$bad"
done
for bad in 0 -1 x 4096x 1023 2147483648 4294971392 18446744073709551616 ''; do
	expect 2 "*: --buffer: '$bad'*" watch "--buffer=$bad"
done
expect 2 "*: --event: there is no event 'x'*" watch --event enospc,x
expect 2 "*: --severity: 'bad' is none of info, warning, error*" watch --severity bad
expect 2 "*: --source: 'x' is none of any, kernel, poll*" watch --source x
expect 2 '*: --format: there is no {moun}*' watch --format '{event} {moun}'
# What monitoring takes for unknown, wherever the options are.
expect 3 "*: --warning: 'abc' is no amount*" --warning abc status
expect 3 "*: --critical: '-1' is no amount*" -jc -1 status
expect 3 '*unrecognized option*' --loud status
expect 3 '*: status takes no --count*' -n 1 status
expect 2 '*: unknown command: look*' -w 5 look status
expect 2 '*: which command?*' -j -- status
expect 2 '*requires an argument*' list -w
for bad in 101 101% 5%% 5X 5GG 5g '' ' 5' 18446744073709551615T 99999999999999999999%; do
	expect 3 "*: --warning: '$bad' is no amount as in 10% or 20G*" status "--warning=$bad"
done
expect 2 "*: wait: 'x' is no event and no level*" wait / x y
for event in below above ino_below ino_above cleared thr_lrbelow thr_urbelow thr_below; do
	expect 2 "*: wait: '$event' can't be waited for; a level is given *" wait / $event
done

expect 3 '*: no source of events: *' watch / T 5%
expect 3 '*: no source of events: *' wait / 5%
expect 3 '*: no source of events: *' watch --source poll / T 5%
export FSALERT_POLL=/bin/false
expect 3 '*: no source of events: fsalert-poll ended at once*' watch / T 5%
expect 3 '*: no source of events: fsalert-poll ended at once*' wait / 5%
expect 3 '*"part":"helper","ok":false,"text":"fsalert-poll starts, and ends at once"}*' doctor -j
export FSALERT_POLL=/nonexistent
expect 3 '*missing*' doctor
expect 3 '*"part":"helper","ok":false,*"mend":"make install"*' doctor --json
if ! grep -q fstrace /proc/filesystems; then
	not_there='*: the kernel module fs_events is not loaded: modprobe fs_events*'
	expect 3 "$not_there" watch
	expect 3 "$not_there" list
	expect 3 "$not_there" list --json
	expect 3 "$not_there" watch --source kernel / T 5%
else
	not_there="*: fstrace is not mounted at $dir: mount -t *"
fi
expect 3 "$not_there" --instance "$dir" set /srv G T 10%
expect 3 "$not_there" set -i "$dir" /srv G T 10%
expect 3 "$not_there" unset --instance "$dir" /srv
expect 3 "$not_there" clear --instance "$dir"

# --- status: of any file system, without a source

expect 0 'OK - 1 file system
*' status -w 0 -c 0 /
expect 1 'WARNING - /: *available*' status -w 100 -c 0 /
expect 2 'CRITICAL - /: *available*' status -w 100 -c 100 /
expect 1 'WARNING - /: *available*' status -w 100% -c 0% /
expect 0 'OK - 1 file system
*' status -w 0K -c 0 /
expect 2 'CRITICAL - /: *available*' status -w 0 -c 9000T /
expect 3 '*/nonexistent: No such file or directory*UNKNOWN - *' status /nonexistent
expect 0 '{"type":"filesystem","state":"ok","mount":"/",*"problems":\[\]*
{"type":"status","state":"ok","code":0,"filesystems":1,"problems":0}' \
	status -j -w 0 -c 0 /
expect 2 '*"problems":\["*% of the space available"*"code":2,*' \
	status -j -c 100 /

# full STATUS ARGS...: the exit status when nothing can be written
full()
{
	want=$1
	shift
	nr=$((nr + 1))
	"$FSALERT" "$@" >/dev/full 2>"$dir/err"
	status=$?
	[ "$status" = "$want" ] || { printf 'not '; failed=1; }
	echo "ok $nr - fsalert $* >/dev/full: $status"
}

full 3 status -w 0 -c 0 /
full 3 status -j -w 0 -c 0 /
# more than is buffered
# shellcheck disable=SC2046 # there is no blank in them
full 3 status -w 0 -c 0 $(yes / | head -n 200)
full 1 --help

end
