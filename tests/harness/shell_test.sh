#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The prompt in the VM, on a terminal that script(1) makes.

# shellcheck source=tests/harness/lib.sh
. "$(dirname "$0")/lib.sh"

prompted() {
	grep -q '# $' "$dir/typescript" 2>/dev/null
}

tries=0
{
	until prompted || [ $tries -ge 600 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	# shellcheck disable=SC2016  # for the shell in the VM
	echo 'tty; echo $((6 * 7)); exit 5'
} | script -q -f -e -c "$root/tests/vm/run --no-module --shell" "$dir/typescript" >/dev/null
is 'exit status of the shell' $? 5
tr -d '\r' <"$dir/typescript" >"$dir/out"
holds 'a terminal' "$dir/out" '/dev/hvc0$'
holds 'typed and answered' "$dir/out" '^42$'
end
