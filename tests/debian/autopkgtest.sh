# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # set by packages.sh
#
# The tests that come with the packages (debian/tests), run by autopkgtest with the
# packages as they are installed. Part of packages.sh.

run_autopkgtest() {
	mv "$dir"/*.deb /var/cache/apt/archives/
	check 'install what the tests need' apt-get -q install --no-install-recommends \
		./debs-new/{libfsalert-dev,python3-fsalert}_*.deb gcc libc6-dev pkgconf e2fsprogs
	# This machine is thrown away, which that runner does not know.
	check 'autopkgtest' autopkgtest --no-built-binaries \
		--ignore-restrictions=isolation-machine ./source -- null
	grep -E '(PASS|FAIL|SKIP)' "$dir/output" | sed 's/^/#   /'
}

run_autopkgtest
