# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Packages of another Debian or for another processor than this machine's: to be
# sourced after lib.sh. Nothing is installed: apt is run with lists and a state of
# its own, packages are unpacked.

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

# own_apt apt-get|apt-cache ARGUMENT...: about the lists that were fetched. The
# machine's configuration was read before these options, so its proxy stays.
own_apt() {
	program=$1
	shift
	# shellcheck disable=SC2086  # options
	"$program" -qq $apt_options -o Dir::State="$apt_dir/state" \
		-o Dir::State::status="$apt_dir/state/status" \
		-o Dir::Cache="$apt_dir/cache" -o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Languages=none "$@"
}

# fetch_lists FOLDER OPTION...: fetches package lists, with these options of apt
fetch_lists() {
	apt_dir=$1
	shift
	apt_options=$*
	mkdir -p "$apt_dir/state/lists/partial" "$apt_dir/cache/archives/partial"
	: >"$apt_dir/state/status"
	own_apt apt-get update || die "no package lists: apt-get $apt_options"
}

# fetch_lists_13 FOLDER SUITE...: those of these suites, from this machine's mirror
fetch_lists_13() {
	etc=$1/etc
	lists=$1
	shift
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -e "$keys" ] || die "no $keys: it is in the package debian-archive-keyring"
	mkdir -p "$etc/preferences.d"
	for suite; do
		echo "deb [signed-by=$keys] $(machine_mirror) $suite main"
	done >"$etc/sources.list"
	fetch_lists "$lists" -o "Dir::Etc=$etc" -o APT::Default-Release=
}

# fetch_lists_arm64 FOLDER: those of this machine's Debian for arm64
fetch_lists_arm64() {
	fetch_lists "$1" -o APT::Architecture=arm64 -o APT::Architectures=arm64
}

# unpack TO [install] PACKAGE...: unpacks these packages, and with `install` all
# that they depend on
unpack() {
	to=$1
	shift
	if [ "$1" = install ]; then
		own_apt apt-get --download-only --no-install-recommends -y "$@"
	else
		(cd "$apt_dir/cache/archives" && own_apt apt-get download "$@")
	fi >"$apt_dir/log" 2>&1 || {
		cat "$apt_dir/log" >&2
		die "download failed"
	}
	for deb in "$apt_dir"/cache/archives/*.deb; do
		dpkg -x "$deb" "$to"
	done
	rm -- "$apt_dir"/cache/archives/*.deb
}

# wrap_13 ROOT PATH...: those of these files in ROOT that are dynamic
# programs run with the libraries there from now on, also after ROOT was moved
wrap_13() {
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
