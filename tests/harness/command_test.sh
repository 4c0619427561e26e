#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The environment and the output of a command in the VM.

# shellcheck source=tests/harness/lib.sh
. "$(dirname "$0")/lib.sh"

nl='
'
echo 'from the host' >"$dir/copied"
cat >"$dir/script" <<'END'
for word; do
	printf '<%s>' "$word"
done
echo
cat /copied
blockdev --getsize64 /dev/vda /dev/vdb
ls /sys/fs/events
uname -r
echo 'said to the kernel' >/dev/kmsg
echo 'by name' >/dev/stderr
tail -f /dev/null &
exit 3
END
# shellcheck disable=SC1003,SC2016  # to be passed on unchanged
vm --disk 64M --disk 1G --copy "$dir/copied" --copy "$dir/script" \
	--console "$dir/console" -- \
	sh /script 'a b' "it's" '"q"' "two${nl}lines$nl" '' '* $HOME \' >"$dir/out" 2>"$dir/err"
is 'exit status of the command' $? 3
{
	echo "<a b><it's><\"q\"><two${nl}lines$nl><><* \$HOME \\>"
	echo 'from the host'
	echo 67108864
	echo 1073741824
	echo "ls: cannot access '/sys/fs/events': No such file or directory"
	cat "$build/kernel/cloud/release"
	echo 'by name'
} >"$dir/wanted"
is 'arguments, files, disks and output' "$(cat "$dir/out")" "$(cat "$dir/wanted")"
is 'nothing said on standard error' "$(grep -v '^== ' "$dir/err")" ''
holds "the kernel's own words in --console" "$dir/console" 'said to the kernel'

"$root/tests/vm/run" -- sh -c 'findmnt -n -o FSTYPE /sys/fs/events && lsmod' >"$dir/out"
is 'with the module' $? 0
holds 'fstrace is mounted' "$dir/out" '^fstrace$'
holds 'fs_events is loaded' "$dir/out" '^fs_events '
end
