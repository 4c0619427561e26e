#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Completion in bash. COMPLETION is the file. Prints TAP.

# shellcheck source=tools/fsalert/tests/tap.sh
. "$(dirname "$0")/tap.sh"

# completes WORD...: the last one
completes() {
	# shellcheck disable=SC2016  # the other shell expands it
	bash -c '. "$COMPLETION"
		COMP_WORDS=(fsalert "$@") COMP_CWORD=$#
		_fsalert
		echo "${COMPREPLY[*]}"' bash "$@"
}

if ! command -v bash >/dev/null; then
	echo '1..0 # SKIP no bash'
	exit
fi
is 'a command' 'watch wait' "$(completes wa)"
is 'an event' 'enospc enospc_meta' "$(completes watch --event eno)"
is 'the last event of a list' 'shutdown,io_error,below' \
	"$(completes watch --event shutdown,io_error,be)"
is 'levels by number' 'below,thr_urbelow below,thr_urabove' \
	"$(completes watch --event below,thr_ur)"
is 'wait takes no names of levels' '' "$(completes wait / thr_)"
is 'options of wait' '--format' "$(completes wait --fo)"
end
