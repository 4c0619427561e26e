# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Packages of Debian 13 on a machine that need not be one: to be sourced after
# lib.sh. Nothing is installed: apt is run with sources, lists and a state of its
# own, packages are unpacked, and their programs run with the loader and the
# libraries of Debian 13.

# this machine's mirror: the one of the main archive, not of security updates
machine_mirror() {
	# shellcheck disable=SC2016  # for apt to fill in
	machine_found=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' \
			'Created-By: Packages' | sed -n 's/^Debian //p' | head -n 1)
	echo "${machine_found:-http://deb.debian.org/debian}"
}

# the name of this machine's Debian
machine_suite() {
	sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# debian_13_lists FOLDER SUITE...: fetches the package lists of these suites
debian_13_lists() {
	apt_dir=$1
	shift
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -e "$keys" ] || die "no $keys: it is in the package debian-archive-keyring"
	mkdir -p "$apt_dir/etc/preferences.d" "$apt_dir/state/lists/partial" \
		"$apt_dir/cache/archives/partial"
	: >"$apt_dir/state/status"
	for suite; do
		echo "deb [signed-by=$keys] $(machine_mirror)" \
			"$suite main"
	done >"$apt_dir/etc/sources.list"
	debian_13 apt-get update || die "no package lists of Debian 13"
}

# debian_13 apt-get|apt-cache ARGUMENT...: the machine's configuration was read
# before these options, so its proxy stays.
debian_13() {
	program=$1
	shift
	"$program" -qq -o Dir::Etc="$apt_dir/etc" -o Dir::State="$apt_dir/state" \
		-o Dir::State::status="$apt_dir/state/status" \
		-o Dir::Cache="$apt_dir/cache" -o APT::Sandbox::User="$(id -un)" \
		-o APT::Default-Release= -o Acquire::Languages=none "$@"
}

# debian_13_unpack TO [install] PACKAGE...: unpacks these packages, and with
# `install` all that they depend on
debian_13_unpack() {
	to=$1
	shift
	if [ "$1" = install ]; then
		debian_13 apt-get --download-only --no-install-recommends -y "$@"
	else
		(cd "$apt_dir/cache/archives" && debian_13 apt-get download "$@")
	fi >"$apt_dir/log" 2>&1 || {
		cat "$apt_dir/log" >&2
		die "download failed"
	}
	for deb in "$apt_dir"/cache/archives/*.deb; do
		dpkg -x "$deb" "$to"
	done
	rm -- "$apt_dir"/cache/archives/*.deb
}

# debian_13_wrap ROOT PATH...: those of these files in ROOT that are dynamic
# programs run with the libraries there from now on, also after ROOT was moved
debian_13_wrap() {
	root_13=$1
	shift
	lib_13=usr/lib/x86_64-linux-gnu
	for file; do
		head -c 4096 "$root_13/$file" | grep -q -a ld-linux-x86-64 || continue
		mv "$root_13/$file" "$root_13/$file.elf"
		cat >"$root_13/$file" <<END
#!/bin/sh
self=\$(realpath "\$0")
lib=\${self%/"$file"}/$lib_13
exec "\$lib/ld-linux-x86-64.so.2" --library-path "\$lib" --argv0 "\$self" \\
	"\$self.elf" "\$@"
END
		chmod +x "$root_13/$file"
	done
}
