#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Completion in zsh. COMPLETION_ZSH is the file. Prints TAP.

# shellcheck source=tools/fsalert/tests/tap.sh
. "$(dirname "$0")/tap.sh"

if ! command -v zsh >/dev/null; then
	echo '1..0 # SKIP zsh is not installed'
	exit
fi
is 'syntax' '' "$(zsh -f -n "$COMPLETION_ZSH" 2>&1)"

# what is tested, the command line, its matches
cat >"$dir/table" <<'END'
all commands|fsalert |clear doctor list set status unset wait watch
a command|fsalert wa|wait watch
an event|fsalert watch --event eno|enospc enospc_meta
an event after =|fsalert watch --event=eno|enospc enospc_meta
the last event of a list|fsalert watch --event shutdown,io|io_error
levels by number|fsalert watch --event below,thr_ur|thr_urabove thr_urbelow
wait takes no names of levels|fsalert wait / thr_|
options of wait|fsalert wait --fo|--format
options after a value|fsalert watch -t 1 --c|--count
options after a value after =|fsalert watch --timeout=1 --c|--count
options after a short option with its value|fsalert watch -t1 --c|--count
END
cut -d '|' -f 2 "$dir/table" |
	zsh -f "$(dirname "$0")/complete.zsh" "$dir" >"$dir/matches"
while IFS='|' read -r what _ matches; do
	is "$what" "$matches" "$(sed -n "${nr}p" "$dir/matches")"
done <"$dir/table"
end
