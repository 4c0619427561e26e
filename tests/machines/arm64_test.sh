#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# arm64_test.sh - the module, the library, the commands and the selftests build
# without a warning for arm64, and those selftests that take nothing but tmpfs
# pass in an emulated machine, with Debian's kernel.

set -eu -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"
. "$root/scripts/packages.sh"

tests='cleared_test level_states_test permissions_test stream_test'
cc=aarch64-linux-gnu-gcc

"$root/scripts/install-deps" machines
"$root/scripts/fetch-source"
"$root/scripts/fetch-kernel" arm64
"$root/scripts/build-module" arm64
locked arm64 "$@"
kernel=$build/kernel/arm64
machine=$build/arm64	# libraries, and a shell

if [ ! -e "$machine/.done" ]; then
	say "fetching the libraries for arm64"
	rm -rf "$machine"
	fetch_lists_arm64 "$build/arm64.apt"
	unpack "$machine" install libc6-dev linux-libc-dev libmnl-dev libjson-c-dev \
		libmount-dev libsmartcols-dev busybox-static
	rm -rf "$build/arm64.apt"
	touch "$machine/.done"
fi

say "building for arm64"
make -s -j2 -C "$selftests" O="$build/selftests-arm64" CC="$cc --sysroot=$machine"
cross=$build/arm64.cross
cat >"$cross" <<END
[binaries]
c = ['$cc', '--sysroot=$machine']
ar = 'aarch64-linux-gnu-ar'
strip = 'aarch64-linux-gnu-strip'
pkgconfig = 'pkg-config'
[properties]
sys_root = '$machine'
pkg_config_libdir = '$machine/usr/lib/aarch64-linux-gnu/pkgconfig'
[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
END
[ -e "$build/user-arm64/build.ninja" ] ||
	meson setup --werror --cross-file "$cross" -Dtests=disabled \
		--prefix=/usr --libdir=lib/aarch64-linux-gnu "$build/user-arm64" \
		"$root" >"$build/arm64.log" 2>&1 || { cat "$build/arm64.log" >&2; exit 1; }
ninja -C "$build/user-arm64" >"$build/arm64.log" 2>&1 || {
	cat "$build/arm64.log" >&2
	exit 1
}

# the file system of the machine
image=$build/arm64.image
rm -rf "$image"
mkdir -p "$image/dev" "$image/proc" "$image/sys" "$image/tmp" "$image/mnt" \
	"$image/bin" "$image/lib/aarch64-linux-gnu" "$image/usr/lib"
cp "$machine/bin/busybox" "$image/bin/"
ln -s busybox "$image/bin/sh"
DESTDIR=$image meson install -C "$build/user-arm64" --no-rebuild --quiet
rm -rf "${image:?}/usr/share" "$image/usr/include"
(cd "$machine" && find lib usr/lib -name '*.so.*' -o -name 'ld-linux-*.so*') |
	while read -r file; do
		cp -L "$machine/$file" "$image/lib/aarch64-linux-gnu/" 2>/dev/null || :
	done
ln -s aarch64-linux-gnu/ld-linux-aarch64.so.1 "$image/lib/"
cp "$build/module/arm64/fs_events.ko" "$image/"
for name in $tests; do
	cp "$build/selftests-arm64/$name" "$image/"
done
cat >"$image/init" <<END
#!/bin/sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmpfs /tmp
ip link set lo up
insmod /fs_events.ko && mount -t fstrace none /sys/fs/events
export LD_LIBRARY_PATH=/usr/lib/aarch64-linux-gnu
for name in $tests; do
	# what programs read there are others than busybox's
	/\$name -F programs
done
fsalert list >/dev/null && fsalert status --json /tmp && echo 'ok fsalert' ||
	echo 'not ok fsalert'
echo 1..1
umount /sys/fs/events
rmmod fs_events && echo 'ok rmmod' || echo 'not ok rmmod'
echo 1..1
exec poweroff -f
END
chmod +x "$image/init"
(cd "$image" && find . | cpio --quiet -o -H newc | gzip -1) >"$build/arm64.initrd"

say "booting it"
log=$build/arm64.console
timeout 1200 qemu-system-aarch64 -nodefaults -no-reboot -display none -nic none \
	-M virt -accel tcg,thread=multi -cpu max,pauth-impdef=on -smp 2 -m 1024 \
	-kernel "$kernel/vmlinuz" -initrd "$build/arm64.initrd" \
	-append 'console=ttyAMA0 quiet panic=-1 oops=panic' \
	-serial stdio </dev/null | tr -d '\r' | tee "$log" |
	sed -n -e '/^\(not \)\?ok /p' -e '/^# /p' -e '/^1\.\./p'
grep -q '^1\.\.' "$log" || {
	tail -n 40 "$log" >&2
	die "the machine did not boot"
}
reports=$(sed '/^#/d' "$root/tests/vm/console-reports")
if grep -E "$reports" "$log" | sed 's/^/# /' | grep .; then
	printf 'not '
fi
echo 'ok no report of the kernel'
echo 1..1
