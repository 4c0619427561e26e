#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage messages of test.sh, demo.sh and make on a machine without any set-up,
# which they must not start.

# shellcheck source=tests/harness/lib.sh
. "$(dirname "$0")/lib.sh"

clone=$dir/clone
mkdir "$clone"
(cd "$root" && tar -c --exclude=./build --exclude=./.git .) | tar -x -C "$clone"

# refused WORD COMMAND...: exit status 2, and a single line that names the word
refused() {
	word=$1
	shift
	"$@" >"$dir/out" 2>&1
	is "$*: status" $? 2
	holds "$*: names the word" "$dir/out" "(^|[ '])$word($|[ '])"
	is "$*: says nothing else" "$(wc -l <"$dir/out")" 1
}

cd "$clone" || exit
for command in ./test.sh ./demo.sh; do
	$command --help >"$dir/out" 2>"$dir/err"
	is "$command --help: status" $? 0
	holds "$command --help: usage" "$dir/out" "^usage: $command"
	is "$command --help: no error" "$(cat "$dir/err")" ''
	refused --wrong $command --wrong
	refused levels_tset $command levels_tset
done
refused vm/levels_tset ./test.sh levels_test vm/levels_tset
# What ./test.sh leaves out without an argument is there.
# shellcheck disable=SC2154  # set by lib.sh
for name in $long; do
	is "long: $name is a test" "$(find "$selftests" tests/programs \
		-name "$name.c" -o -name "$name.sh" | wc -l)" 1
done

PKG_CONFIG_LIBDIR=/none make -s KVER=6.12.0 KDIR=/none >"$dir/out" 2>&1
is 'make without what it needs: status' $? 0
holds 'make names the packages' "$dir/out" 'apt-get install .*libmnl-dev'
holds 'make says why there is no module' "$dir/out" 'apt-get install linux-headers-6.12.0'
is 'nothing was made or fetched' "$(ls build 2>&1)" \
	"ls: cannot access 'build': No such file or directory"

# Another run has the lock.
mkdir -p build/test
echo output >build/test/theirs
exec 8>build/.lock-test
flock 8
./test.sh levels_test >"$dir/out" 2>&1
is 'a second run: status' $? 1
holds 'a second run: says why' "$dir/out" '^test.sh: another test.sh runs'
is 'a second run: says nothing else' "$(wc -l <"$dir/out")" 1
is 'a second run: removes nothing' "$(cat build/test/theirs)" output
./test.sh --help >"$dir/out" 2>&1
is 'a second run: --help' $? 0
refused levels_tset ./test.sh levels_tset
end
