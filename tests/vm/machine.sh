# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Virtual machines: what runs one, KVM or the emulator; and a run from its files
# to its result. Sourced by tests/vm/run and tests/debian/run, after scripts/lib.sh.

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
# Without the features erms and fsrm the kernel copies words, not bytes, which are slow
# to emulate. No processor has fsrm alone: Debian 12's Linux 6.1 hangs with it.
# With la57 an early boot interrupt finds page tables of a different depth, and
# KASAN reports valid addresses.
# shellcheck disable=SC2034  # for those that source this
emulated=max,-erms,-fsrm,-la57

# --- a run ----------------------------------------------------------------------

# shellcheck disable=SC2317  # called by the trap
machine_clean_up() {
	trap '' INT TERM
	[ -z "$qemu" ] || { kill "$qemu" && wait "$qemu"; } 2>/dev/null || :
	machine_shown
	rm -rf "$work"
}

# machine_begin FOLDER: make the folder $work there, for the files of this run. It
# goes when the run ends, and so does the machine.
machine_begin() {
	qemu=
	work=$(mktemp -d "$1/run.XXXXXX")
	trap machine_clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# Show what the machine writes to $work/output. It is read to the end even if the
# reader is gone: otherwise the machine blocks.
machine_show() {
	mkfifo "$work/output"
	{ cat || cat >/dev/null; } <"$work/output" &
}

# No more comes. If the machine never began, the reader still waits for it to open
# the output.
machine_shown() {
	[ ! -p "$work/output" ] || : <>"$work/output"
}

# machine_run SECONDS EMULATOR [ARGUMENT]...: let the machine run with descriptor 3
# as its input. The machine enforces the time limit of its script; after SECONDS (0:
# never) a machine that hangs is ended.
machine_run() {
	timeout --foreground -k 5 "$@" <&3 &
	qemu=$!
	ended=0
	wait "$qemu" || ended=$?
	qemu=
	machine_shown
	wait
}

# machine_result NAME SECONDS: from what the console said, in $work/said, and the
# exit status in $work/status to that of this run. NAME is for messages; SECONDS
# was the time limit.
machine_result() {
	# shellcheck disable=SC2154  # by the script that sources this
	reports=$(sed '/^#/d' "$root/tests/vm/console-reports")
	if grep -q -E "$reports" "$work/said"; then
		echo "$1: the kernel reported trouble:" >&2
		grep -B 1 -A 40 -E "$reports" "$work/said" >&2
		exit 125
	elif [ -s "$work/status" ]; then
		result=$(cat "$work/status")
	elif [ "$ended" -eq 124 ]; then
		result=124
	else
		echo "$1: the machine ended by itself; the end of its console:" >&2
		tail -n 40 "$work/said" >&2
		exit 126
	fi
	if [ "$result" -eq 124 ]; then
		echo "$1: no end after $2 s; the end of the console:" >&2
		tail -n 40 "$work/said" >&2
	fi
	exit "$result"
}
