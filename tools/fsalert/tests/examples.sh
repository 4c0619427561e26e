#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the examples of docs/examples do when their watch can not be made again: with
# source.sh. WRITES and WRITES_PY are the programs, LIBRARY the folder of the library.
# Prints TAP.

# shellcheck source=tools/fsalert/tests/tap.sh
. "$(dirname "$0")/tap.sh"

# ends WHAT COMMAND...: it says to stop, and fails
ends() {
	what=$1
	shift
	SOURCE_DIES=$dir/$nr "$@" / >"$dir/out" 2>"$dir/err"
	is "$what: its watch could not be made again" \
		"1, stop taking writes, / is not watched any more" \
		"$?, $(tail -n 1 "$dir/out"), $(sed 's/^[^:]*: //' "$dir/err")"
}

ends C "$WRITES"
if command -v python3 >/dev/null; then
	ends Python env LD_LIBRARY_PATH="$LIBRARY" python3 "$WRITES_PY"
fi
end
