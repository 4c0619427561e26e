# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For tests of tests/vm/run: TAP, and a directory for files. Source it from
# tests/harness.

set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"
number=0
failed=0
mkdir -p "$build/test"
dir=$(mktemp -d "$build/test/harness.XXXXXX")
trap 'rm -rf "$dir"' EXIT

# Without the module: these tests are about the VM itself.
vm() {
	"$root/tests/vm/run" --no-module "$@"
}

# is WHAT GOT WANTED
is() {
	number=$((number + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		printf '%s\n' "got: $2" "wanted: $3" | sed 's/^/# /'
		failed=1
	fi
}

# holds WHAT FILE PATTERN
holds() {
	if grep -q -E "$3" "$2"; then
		is "$1" "$3" "$3"
	else
		is "$1" "$(tail -n 20 "$2")" "$3"
	fi
}

end() {
	echo "1..$number"
	exit "$failed"
}
