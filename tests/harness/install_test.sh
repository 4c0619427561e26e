#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# `make install` on this machine itself, with folders of the system that a mount
# namespace throws away: what is installed is found without any setting, and what the
# administrator wrote stays.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

# Debian's own programs, as root has them.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
unset LD_LIBRARY_PATH PYTHONPATH
make -s -C "$root" O="$build/install" user >&2
# shellcheck disable=SC2016  # the other shell expands it
as_root unshare -m sh -c '
	. "$1/tests/harness/mounts.sh"
	root=$1
	exec 2>>"$dir/out"
	mkdir "$dir/layers"
	mount -t tmpfs layers "$dir/layers"
	for folder in /usr /etc; do
		mkdir -p "$dir/layers$folder" "$dir/layers/work$folder"
		mount -t overlay -o "lowerdir=$folder,upperdir=$dir/layers$folder" \
			-o "workdir=$dir/layers/work$folder" none "$folder"
	done
	make_it() {
		make -s -C "$root" O="$2" KVER=none "$1" >>"$dir/out"
	}
	# succeeds WHAT COMMAND...
	succeeds() {
		what=$1
		shift
		"$@" >>"$dir/out" && status=$? || status=$?
		result "$what" "$status" 0
	}

	succeeds "make install" make_it install "$2"
	gcc -o "$dir/all" "$root/docs/examples/all.c" $(pkg-config --cflags --libs fsalert)
	result "the library is found by programs" \
		"$(ldd "$dir/all" | grep -c "libfsalert.so.0 => /usr/local/lib")" 1
	cd /
	succeeds "the module is found by python3" python3 -c "import fsalert"
	succeeds "the command is found" sh -c "fsalert --version"
	config=/usr/local/etc/fsalert/fsalert.conf
	if [ -e /usr/local/sbin/fsalertd ]; then
		succeeds "fsalertd is found" fsalertd --check
		result "its units are those of /usr/local" \
			"$(find /usr /etc -xdev -name fsalertd.service)" \
			/usr/local/lib/systemd/system/fsalertd.service
		echo "settle = 7s" >"$config"
		succeeds "make install, again" make_it install "$2"
		result "what the administrator wrote stays" "$(cat "$config")" "settle = 7s"
		succeeds "make uninstall" make_it uninstall "$2"
		result "it stays then as well" "$(cat "$config")" "settle = 7s"
	else
		succeeds "make uninstall" make_it uninstall "$2"
	fi
	result "all else is removed" \
		"$(find /usr /etc -xdev -name "*fsalert*" ! -type d ! -path "$config")" ""
	echo "1..$number"
	cd "$dir/.."
	umount -R /usr /etc "$dir/layers"
	rm -r "$dir"' sh "$root" "$build/install"
