# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What runs a virtual machine: KVM or the emulator. Sourced by tests/vm/run and
# tests/debian/run.

# /dev/kvm must open, and the processor must support it: some cloud machines
# have a KVM without that (kvm_pvm), which only runs kernels made for it. Don't
# create the file by opening it. VM_HOST is for tests of this choice: a folder
# with substitutes of these files.
kvm_works() {
	[ -c "${VM_HOST-}/dev/kvm" ] && (: <>"${VM_HOST-}/dev/kvm") 2>/dev/null &&
		grep -q -w -E 'vmx|svm' "${VM_HOST-}/proc/cpuinfo"
}

# Words for the kernel: an emulated machine next to others is slow, not stuck.
# The emulator translates code again for each address of a program or library.
# Fixed addresses save a third of the time.
slowly='tsc=unstable norandmaps no_timer_check'
slowly="$slowly watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=300"
# Without the feature erms the kernel copies words, not bytes, which are slow to
# emulate.
# With la57 an early boot interrupt finds page tables of a different depth, and
# KASAN reports valid addresses.
# shellcheck disable=SC2034  # for those that source this
emulated=max,-erms,-la57
