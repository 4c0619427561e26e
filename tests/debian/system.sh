# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For the tests on this machine. To be sourced, after $root is set.

# shellcheck disable=SC2154  # set by those
. "$root/scripts/lib.sh"
[ "$(id -u)" -eq 0 ] || exec sudo "$0" "$@"
"$root/tests/debian/packages"
work=$(mktemp -d "$root/build/debian/given.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp -r "$root/build/debian/packages/old" "$work/debs"
cp -r "$root/build/debian/packages/new" "$work/debs-new"
# the commands of the README
awk '/^## / { on = /From a fresh Debian/ } on && sub(/^\t/, "")' "$root/README.md" \
	>"$work/howto"

mkdir "$work/source"
cp -r "$root/debian" "$work/source/"

# run_packages SUITE
run_packages() {
	"$root/tests/debian/image" "$1"
	# On Debian 12's own kernel there is no module.
	if [ "$1" != bookworm ]; then
		"$root/tests/debian/compiled" "$1"
		cp -r "$root/build/debian/$1/ccache" "$work/ccache"
	fi
	mkdir -p "$work/ccache"
	set -- "$1" --copy "$work/debs" --copy "$work/debs-new" --copy "$work/howto" \
		--copy "$work/source" --copy "$work/ccache"
	suite=$1
	shift
	for file in lib kill container module autopkgtest; do
		set -- "$@" --copy "$root/tests/debian/$file.sh"
	done
	"$root/tests/debian/run" --timeout 5400 --disk 64M --disk 64M "$@" \
		"$suite" "$root/tests/debian/packages.sh"
}
