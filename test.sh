#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# test.sh [PART|NAME]... - set up what is missing and run the tests
#
#	unit		the pure parts, on this machine
#	harness		the virtual machine that the others run in
#	vm		the subsystem in a booted kernel
#	check		`make check` (runs only when asked for)
#	debug		as vm, on a kernel that finds its own faults (likewise)
#
# Without PART all but the last two; a NAME runs just that one, in a VM of its
# own: levels_test, or vm/levels_test, debug/levels_test. FSE_ROUNDS=N in the
# environment has the tests of races try N times as often. The last line is
# "N passed, N failed"; exit status 0 when some passed and none failed.

set -eu
root=$(cd "$(dirname "$0")" && pwd -P)
. "$root/scripts/lib.sh"
cd "$root"

set_up() {
	case " $* " in
	*' check '*)	scripts/install-deps check ;;
	*)		scripts/install-deps test ;;
	esac &&
	say 'building tools and tests' &&
	scripts/fetch-kernel cloud &&
	scripts/build-module cloud &&
	case " $*" in
	*' debug'*)	scripts/build-kernel debug && scripts/build-module debug ;;
	esac &&
	make -s -j"$(nproc)" tools selftests
}

# Several programs to a VM: it takes longer to boot than most of them do. From
# the end of the alphabet on: there are the longest.
together() {
	sort -r build/selftests/list | paste -s -d "$2" | sed "s|^|$1/|"
}

# every job there is, one a line, with the long ones first
jobs() {
	together debug '+++++++\n'
	together vm '+++\n'
	for script in tests/harness/*_test.sh; do
		script=${script##*/}
		echo "harness/${script%.sh}"
	done
	echo unit
	echo check
}

selected() {
	for word; do
		case $word in
		vm/*|debug/*)	kernel=${word%%/*} ;;
		*)		kernel=vm ;;
		esac
		if grep -qx "${word#"$kernel/"}" build/selftests/list; then
			echo "$kernel/${word#"$kernel/"}"
		else
			jobs | grep -x -e "$word" -e "$word/.*" -e "harness/$word" || :
		fi
	done
}

case "$*" in
''|all)	set -- vm harness unit ;;
esac
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
selected "$@" | xargs -P $(($(nproc) + 1)) -n 1 tests/job | while read -r job; do
	echo
	echo "# --- $job"
	cat "build/test/$(echo "$job" | tr / .).log"
done

echo
cat build/test/*.count | awk '
	{ passed += $1; failed += $2; skipped += $3 }
	END {
		printf "%d passed, %d failed", passed, failed
		if (skipped)
			printf ", %d skipped", skipped
		print ""
		exit !passed || failed
	}'
