# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Packages for arm64 on a machine that is not one: to be sourced after lib.sh.
# apt keeps this machine's sources, and has lists and a state of its own.

# arm64_lists FOLDER: fetches the package lists
arm64_lists() {
	arm64_dir=$1
	mkdir -p "$arm64_dir/state/lists/partial" "$arm64_dir/cache/archives/partial"
	: >"$arm64_dir/state/status"
	arm64_apt apt-get update || die "no package lists for arm64"
}

# arm64_apt apt-get|apt-cache ARGUMENT...
arm64_apt() {
	arm64_program=$1
	shift
	"$arm64_program" -qq -o Dir::State="$arm64_dir/state" \
		-o Dir::State::status="$arm64_dir/state/status" \
		-o Dir::Cache="$arm64_dir/cache" -o APT::Sandbox::User="$(id -un)" \
		-o APT::Architecture=arm64 -o APT::Architectures=arm64 \
		-o Acquire::Languages=none "$@"
}

# arm64_unpack TO PACKAGE...: unpacks these and all that they depend on
arm64_unpack() {
	arm64_to=$1
	shift
	arm64_apt apt-get --download-only --no-install-recommends -y install "$@" \
			>"$arm64_dir/log" 2>&1 || {
		cat "$arm64_dir/log" >&2
		die "download failed"
	}
	for deb in "$arm64_dir"/cache/archives/*.deb; do
		dpkg -x "$deb" "$arm64_to"
	done
	rm -- "$arm64_dir"/cache/archives/*.deb
}
