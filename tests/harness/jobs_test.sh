#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The counts of tests/run-jobs, with jobs of our own.

# shellcheck source=tests/harness/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir "$dir/tests"
cp "$root/tests/run-jobs" "$dir/tests/"
cat >"$dir/tests/job" <<'END'
#!/bin/sh
case $1 in
good/*)		printf 'ok 1 - a\nok 2 - b # SKIP c\nok 3 - d\n1..3\n' ;;
bad)		printf '1..2\nok 1 - a\nnot ok 2 - b\n# why\n'; exit 1 ;;
silent)		;;
short)		printf '1..3\nok 1 - a\nok 2 - b\n' ;;
kernel)		printf '1..1\nok 1 - a\n'; 
		printf 'tests/vm/run: trouble:\nWARNING: fake\n' >&2; exit 125 ;;
esac
END
chmod +x "$dir/tests/job"

# counted JOB PASSED FAILED [WORDS]: check the last line and the exit status
counted() {
	"$dir/tests/run-jobs" "$1" >"$dir/out" 2>&1
	is "$1: status" $? "$(($3 > 0 || $2 == 0))"
	is "$1: counted" "$(tail -n 1 "$dir/out")" "$2 passed, $3 failed${4-}"
}

counted good/one 2 0 ', 1 skipped'
is 'good: what it printed is kept' "$(grep -c . "$dir/build/test/good/one")" 4
counted bad 1 1
holds 'bad: what it printed is shown' "$dir/out" '^# why$'
counted silent 0 1
counted short 2 1
counted kernel 1 1
holds 'kernel: what it printed is shown' "$dir/out" '^WARNING: fake$'
"$dir/tests/run-jobs" good/one bad kernel good/two silent >"$dir/out" 2>&1
is 'several: status' $? 1
is 'several: the failures are repeated' \
	"$(sed '1,/^Result:/d' "$dir/out" | tr '\n' '|')" \
	'bad:|  not ok 2 - b|kernel:|  tests/vm/run: trouble:|  WARNING: fake|silent:|  no test failed: see above|6 passed, 3 failed, 2 skipped|'
is 'several: counted' "$(tail -n 1 "$dir/out")" '6 passed, 3 failed, 2 skipped'
end
