#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Commands that hang, kernel reports, VMs that die.

# shellcheck source=tests/harness/lib.sh
. "$(dirname "$0")/lib.sh"

vm --timeout 2 -- sh -c 'echo before; tail -f /dev/null; echo after' >"$dir/out" 2>"$dir/err"
is 'a command that hangs: status' $? 124
is 'a command that hangs: its output until then' "$(cat "$dir/out")" before
holds 'a command that hangs: said why' "$dir/err" 'no end after 2 s'

vm -- sh -c 'echo "WARNING: fake" >/dev/kmsg' 2>"$dir/err"
is 'a warning on the console: status' $? 125
holds 'a warning on the console: shown' "$dir/err" 'WARNING: fake'

vm -- sh -c 'echo c >/proc/sysrq-trigger' 2>"$dir/err"
is 'a panic: status' $? 125
holds 'a panic: shown' "$dir/err" 'Kernel panic'

vm -- sh -c 'echo b >/proc/sysrq-trigger' 2>"$dir/err"
is 'a VM that ends by itself: status' $? 126
holds 'a VM that ends by itself: end of the console' "$dir/err" 'sysrq: Resetting'

vm -- no-such-program >"$dir/out" 2>&1
is 'a command that is not there: status' $? 127
holds 'a command that is not there: said so' "$dir/out" 'no-such-program: No such file'

"$root/tests/vm/run" --disk >"$dir/out" 2>&1
is 'an option without its value: status' $? 126
holds 'an option without its value: said so' "$dir/out" 'disk needs a value'
end
