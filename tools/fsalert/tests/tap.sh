# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For tests of the command: TAP, and a folder for files. To be sourced.

set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
nr=0
failed=0

# is WHAT EXPECTED GOT
is() {
	nr=$((nr + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $nr - $1"
	else
		echo "not ok $nr - $1"
		printf '%s\n' "expected: $2" "got:      $3" | sed 's/^/# /'
		failed=1
	fi
}

end() {
	echo "1..$nr"
	exit "$failed"
}
