#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# test.sh [PART|NAME]... - set up what is missing and run the tests
#
#	unit		the pure parts, on this machine
#	harness		the virtual machine that the others run in
#	vm		the subsystem in a booted kernel
#	programs	whole programs with that: ours, examples, those of others
#
# These run without PART. On kernels that are built here, from Debian's source:
#
#	patched		as vm and programs, where file system events are built in
#	debug		the same, on a kernel that finds its own faults
#	kunit		the kernel's unit tests, in that one
#	off		the same source without file system events
#	all		all that is above
#	kcsan		as vm, on a kernel that finds races of data
#	debug-module	as debug, with the module on a kernel as Debian has it
#
#	check		`make check`
#
# A NAME runs just that one, in a VM of its own: levels_test, or vm/levels_test,
# patched/levels_test. FSE_ROUNDS=N in the environment has the tests of races try
# N times as often. The last line is "N passed, N failed"; exit status 0 when
# some passed and none failed.

set -eu
root=$(cd "$(dirname "$0")" && pwd -P)
. "$root/scripts/lib.sh"
cd "$root"

set_up() {
	case " $* " in
	*' check '*)	scripts/install-deps check ;;
	*)		scripts/install-deps test ;;
	esac || return
	source=
	if [ -n "$(kernels "$@")" ]; then
		scripts/install-deps kernel || return
		# takes one processor for a minute
		scripts/fetch-source whole &
		source=$!
	fi
	say 'building tools and tests' &&
	scripts/fetch-kernel cloud &&
	scripts/build-module cloud &&
	{ [ -z "$source" ] || wait "$source"; } &&
	make -s -j"$(nproc)" tools selftests
}

# the kernels that these parts and names need, one a line
kernels() {
	printf '%s\n' "$@" | sed -n \
		-e 's/^kunit$/debug/' \
		-e 's/^programs-//' \
		-e 's|/.*||' \
		-e '/^\(patched\|off\|debug\|kcsan\|debug-module\)$/p' | awk '!seen[$0]++'
}

# the job that builds them, one after the other
builds() {
	[ -z "$(kernels "$@")" ] || echo "build/$(kernels "$@" | paste -s -d +)"
}

# together KERNEL SEPARATORS [APART] - several programs to a VM: it takes longer to boot than most of them do, and a
# minute to look for leaks at the end. From the end of the alphabet on: there are
# the longest. But for APART, which runs by itself.
together() {
	[ $# -eq 2 ] || echo "$1/$3"
	sort -r build/selftests/list | grep -vx "${3-}" | paste -s -d "$2" |
		sed "s|^|$1/|"
}

# Every job there is, one a line, with the long ones first. Those of a kernel
# that is not built yet wait for it, so they come after the others.
jobs() {
	together vm '+++++++\n' suspend_test
	together patched '+++++++\n'
	together debug '+++++++++\n' troubles_test
	echo kunit
	echo off
	together kcsan '+++++++\n'
	together debug-module '++++++++++++++\n'
	for script in tests/harness/*_test.sh; do
		script=${script##*/}
		echo "harness/${script%.sh}"
	done
	for script in tests/programs/*_test.sh; do
		script=${script##*/}
		echo "programs/${script%.sh}"
		echo "programs-patched/${script%.sh}"
	done
	echo unit
	echo check
}

selected() {
	for word; do
		case $word in
		vm/*|patched/*|debug/*|kcsan/*|debug-module/*)
			kernel=${word%%/*} ;;
		*)	kernel=vm ;;
		esac
		if grep -qx "${word#"$kernel/"}" build/selftests/list; then
			echo "$kernel/${word#"$kernel/"}"
		else
			jobs | grep -x -e "$word" -e "$word/.*" -e "harness/$word" \
				-e "programs/$word" || :
		fi
	done
}

# the words of the command line, with all written out
[ $# -gt 0 ] || set -- vm programs harness unit
words=
for word; do
	case $word in
	all)	words="$words vm programs harness unit patched programs-patched debug kunit off" ;;
	patched)	words="$words patched programs-patched" ;;
	*)	words="$words $word" ;;
	esac
done
# shellcheck disable=SC2086  # a list of words
set -- $words
rm -rf build/test
mkdir -p build/test
set_up "$@" || {
	echo '0 passed, 1 failed'
	exit 1
}
for word; do
	[ -n "$(selected "$word")" ] || die "no such test: $word"
done

# A VM waits for some of its time: one more than there are processors.
{ builds "$@"; selected "$@"; } | awk '!seen[$0]++' | tee build/test/jobs |
	xargs -P $(($(nproc) + 1)) -n 1 tests/job | while read -r job; do
	echo
	echo "# --- $job"
	cat "$(job_file "$job").log"
done

# A job that says nothing has failed.
echo
cat build/test/*.count | awk -v jobs="$(wc -l <build/test/jobs)" '
	{ passed += $1; failed += $2; skipped += $3 }
	END {
		failed += jobs - NR
		printf "%d passed, %d failed", passed, failed
		if (skipped)
			printf ", %d skipped", skipped
		print ""
		exit !passed || failed
	}'
