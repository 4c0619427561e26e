#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The choice between KVM and emulation, and of the qemu: the command lines on
# machines with KVM, without it, or with an unusable one.

# shellcheck source=tests/harness/lib.sh
. "$(dirname "$0")/lib.sh"

# machine NAME DEVICE FLAGS: a machine whose /dev/kvm is like DEVICE, and whose
# processor has FLAGS
machine() {
	export VM_HOST="$dir/$1"
	mkdir -p "$VM_HOST/dev" "$VM_HOST/proc"
	[ -z "$2" ] || ln -s "$2" "$VM_HOST/dev/kvm"
	echo "flags		: fpu $3 sse2" >"$VM_HOST/proc/cpuinfo"
}

# starts WHAT QEMU WORDS [OPTION]...: QEMU's path and its processor options
starts() {
	what=$1
	wanted="$2 $3"
	shift 3
	# without a terminal: none to open as /dev/tty
	setsid "$root/tests/vm/run" --dry-run "$@" -- true >"$dir/words" 2>"$dir/err"
	is "$what" "$(awk '
		NR == 1			{ printf "%s", $0 }
		take			{ printf " %s", $0; take = 0 }
		/^-(accel|cpu|icount|smp)$/	{ printf " %s", $0; take = 1 }
		' "$dir/words")" "$wanted"
	cat "$dir/err"
}

# said WHAT NAME: COMMAND finds NAME in its environment
said() {
	holds "$1" "$dir/words" "^console=.* VM_ACCEL=$2 "
}

own=qemu-system-x86_64
ours=$build/qemu/qemu-system-x86_64
kvm='-accel kvm -cpu host -smp 2'
emulator='-accel tcg,thread=multi -cpu max,-erms,-fsrm,-la57 -smp 2'
counting='-accel tcg,thread=single -icount shift=0,sleep=off -cpu max,-erms,-fsrm,-la57 -smp 1'

for flag in vmx svm; do
	machine "with-$flag" /dev/null $flag
	starts "with $flag: KVM" $own "$kvm"
done
said 'with KVM: the command knows' kvm
is 'with KVM: words for a slow machine' "$(grep -c -e tsc=unstable "$dir/words")" 0
starts 'with KVM: kernels of our own on the same qemu' $own "$kvm" --kernel patched
starts '--no-kvm: the emulator' $own "$emulator" --no-kvm
said '--no-kvm: the command knows' tcg
holds '--no-kvm: words for a slow machine' "$dir/words" '^console=.* tsc=unstable '
starts '--icount: the emulator' $own "$counting" --icount
said '--icount: the command knows' tcg

machine without '' vmx
starts 'no /dev/kvm: the emulator' $own "$emulator"
is 'no /dev/kvm: none is made' "$(ls "$VM_HOST/dev")" ''
machine closed /dev/tty vmx
starts 'a /dev/kvm that does not open: the emulator' $own "$emulator"
machine file "$dir/words" vmx
starts 'a file in its place: the emulator' $own "$emulator"
machine soft /dev/null hypervisor
starts 'KVM without help of the processor: the emulator' $own "$emulator"

starts 'kernels of our own: a newer emulator' "$ours" "$emulator" --kernel patched
starts 'a kernel with a path: a newer emulator' "$ours" "$emulator" --kernel "$dir/image"
starts 'kernels of our own, --icount' $own "$counting" --kernel patched --icount
end
