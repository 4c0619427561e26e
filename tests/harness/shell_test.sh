#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The prompt in the VM, on a terminal made by script(1).

# shellcheck source=tests/harness/lib.sh
. "$(dirname "$0")/lib.sh"

# The prompt is not followed by a newline: wait for its character.
: >"$dir/typescript"
prompted() {
	read -r -t 60 -d '#' < <(exec tail -n +1 -F "$dir/typescript" 2>/dev/null)
}

{
	prompted
	# shellcheck disable=SC2016  # for the shell in the VM
	echo 'tty; echo $((6 * 7)); exit 5'
} | script -q -f -e -c "$root/tests/vm/run --no-module --shell" "$dir/typescript" >/dev/null
is 'exit status of the shell' $? 5
tr -d '\r' <"$dir/typescript" >"$dir/out"
holds 'a terminal' "$dir/out" '/dev/hvc0$'
holds 'typed and answered' "$dir/out" '^42$'
end
