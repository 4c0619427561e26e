#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The patched source without CONFIG_FS_EVENTS: the kernel boots and has no
# symbol of the subsystem.

# shellcheck source=tests/harness/lib.sh
. "$(dirname "$0")/../harness/lib.sh"

# symbols FLAVOUR: our symbols, sorted
symbols() {
	nm "$build/kernel-$1/obj/vmlinux" | awk '{ print $NF }' |
		grep -E '(^|_)(fse_|fs_event|fstrace)' | sort
}

"$root/scripts/build-kernel" off >"$dir/log" 2>&1
is 'it builds' $? 0
is 'no symbol of ours' "$(symbols off)" ''

# The same search does find symbols in the patched kernel.
"$root/scripts/build-kernel" patched >"$dir/log" 2>&1
symbols patched >"$dir/symbols"
for name in fs_event_active fse_config_apply fse_fstrace_init; do
	holds "with CONFIG_FS_EVENTS=y: $name" "$dir/symbols" "^$name\$"
done

"$root/tests/vm/run" --kernel off -- sh -c '
	uname -r
	ls /sys/fs/events
	grep fstrace /proc/filesystems
	grep -c -E "(^|[ _])(fse_|fs_event|fstrace)" /proc/kallsyms
	dd if=/dev/zero of=/tmp/file bs=1M count=4 2>/dev/null && wc -c </tmp/file' \
	>"$dir/out" 2>"$dir/err"
is 'it boots: status' $? 0
{
	cat "$build/kernel-off/release"
	echo "ls: cannot access '/sys/fs/events': No such file or directory"
	echo 0
	echo 4194304
} >"$dir/wanted"
is 'nothing to be seen of ours' "$(cat "$dir/out")" "$(cat "$dir/wanted")"
end
