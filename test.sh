#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only

# Sets up what is missing and runs tests; see usage() below.

set -eu
root=$(cd "$(dirname "$0")" && pwd -P)
. "$root/scripts/lib.sh"
cd "$root"

usage() {
	cat <<'END'
usage: ./test.sh [PART|NAME]...

Installs, fetches and builds what is missing and runs the tests. Without an
argument these PARTs, of vm and programs without what takes longest:

  unit              unit tests, on this machine
  harness           the virtual machine (VM) of the other tests, and these scripts
  vm                the subsystem, in a VM with Debian's kernel and the module
  programs          whole programs there: ours, the examples, other projects'

On other kernels of Debian (make test-kernels):

  vm-7              as vm, on the newest kernel of Debian 13's backports
  vm-plain          as vm, on the flavour for any hardware
  rt                as vm, on Debian 13's real-time kernel

On other machines than this one:

  machines          library, commands and unit tests on i386; with the module
                    and a few tests of the subsystem on arm64

On kernels built here from Debian's source (10 minutes each):

  patched           as vm, with file system events built in; and a storm of
                    static key changes, which the VM has to survive
  programs-patched  as programs, on that kernel
  debug             as patched, with KASAN, lockdep and kmemleak
  kunit             the KUnit tests, on the debug kernel
  off               the same source without file system events
  all               unit, harness, vm, programs, patched, programs-patched, debug,
                    kunit and off, the longest tests as well: for changes of kernel/
  kcsan             as patched, with KCSAN
  debug-module      as vm, with KASAN

In Debian systems with systemd, which are made with mmdebstrap (2 GB of disk each;
half an hour for each test where there is no KVM):

  debian            the packages on Debian 13 and 12: installed, a mail when the disk
                    is full, upgraded, purged; Prometheus and Alertmanager

And
  check             make check, required for every commit

A NAME is a single test: a file *_test.c or *_test.sh without its ending, by
itself or after a part: levels_test, patched/levels_test, programs/watch_test.

FSE_ROUNDS=N in the environment: tests of races make N times as many attempts.
The output of each test is in build/test; a second run in the same tree fails at
once. The last line printed is "N passed, N failed"; the exit status is 0 when
some passed and none failed, 2 when an argument is wrong.
END
}

# all single tests, as PART/NAME
every() {
	for part in vm vm-7 vm-plain rt patched debug kcsan debug-module; do
		tests_in "$part" "$selftests"/*_test.c
	done
	for part in harness programs kernel machines debian; do
		tests_in "$part" tests/"$part"/*_test.sh
	done
	tests_in programs-patched tests/programs/*_test.sh
}

tests_in() {
	part=$1
	shift
	printf '%s\n' "$@" | sed "s|.*/|$part/|; s|\.[a-z]*$||"
}

# jobs WORD: the jobs of tests/job for this argument, one per line
jobs() {
	case $1 in
	all)
		for part in harness programs vm unit patched programs-patched debug \
				kunit off; do
			jobs "$part"
		done ;;
	short)
		jobs harness
		printf 'vm-short/%s\n' 1-of-4 2-of-4 3-of-4 4-of-4
		# shellcheck disable=SC2086,SC2154  # a list of words of lib.sh
		jobs programs | grep -v -x -F "$(printf 'programs/%s\n' $long)"
		echo unit ;;
	check|unit)
		echo "$1" ;;
	vm)
		printf 'vm/%s\n' 1-of-4 2-of-4 3-of-4 4-of-4 one-cpu ;;
	vm-7|vm-plain|rt|patched|debug|kcsan|debug-module)
		printf "$1/%s\n" 1-of-4 2-of-4 3-of-4 4-of-4
		[ "$1" != patched ] || jobs switches ;;
	harness|programs|programs-patched|machines|debian)
		every | grep "^$1/" ;;
	*)
		every | grep -F -x -e "$1" -e "vm/$1" -e "harness/$1" \
			-e "programs/$1" -e "machines/$1" -e "debian/$1" \
			-e "kernel/${1}_test" ;;
	esac
}

# the kernels of our own that these jobs boot
kernels() {
	printf '%s\n' "$@" | sed -n -e 's/^programs-//' \
		-e 's#^\(patched\|debug\|kcsan\|debug-module\)/.*#\1#p' | sort -u
}

# the modules for kernels that are Debian's
modules() {
	printf '%s\n' cloud "$@" | sed -n -e 's#^vm-7/.*#cloud-7#p' \
		-e 's#^vm-plain/.*#plain#p' -e 's#^rt/.*#rt#p' -e 's/^cloud$/&/p' |
		sort -u
}

set_up() {
	scripts/install-deps test &&
	case " $* " in *' check '*) scripts/install-deps check ;; esac &&
	for kernel in $(kernels "$@"); do
		scripts/fetch-source whole && scripts/build-kernel "$kernel" || return
	done &&
	say 'building tools and tests' &&
	for flavour in $(modules "$@"); do
		scripts/fetch-kernel "$flavour" &&
			scripts/build-module "$flavour" || return
	done &&
	make -s -j"$(nproc)" tools selftests
}

die_status=2
for word; do
	case $word in
	-h|--help)	usage; exit ;;
	-*)		die "unknown option $word (--help lists the arguments)" ;;
	esac
done
[ $# -gt 0 ] || set -- short
list=
for word; do
	list="$list $(jobs "$word")" || die "no such test: '$word' (--help lists the arguments)"
done
# shellcheck disable=SC2046,SC2086  # a list of words without duplicates
set -- $(printf '%s\n' $list | awk '!seen[$0]++')
die_status=1

# A second run would remove the output of the first. run-jobs keeps the lock.
mkdir -p build
exec 9>build/.lock-test
flock -n 9 ||
	die "another test.sh runs in this tree; wait for its end, or use a copy of the tree"

rm -rf build/test
mkdir -p build/test
set_up "$@" || {
	echo '0 passed, 1 failed'
	exit 1
}
exec tests/run-jobs "$@"
