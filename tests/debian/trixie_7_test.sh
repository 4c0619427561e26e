#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# trixie_7_test.sh - the packages on Debian 13 with the kernel of its backports,
# with the module: packages.sh says what.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/tests/debian/system.sh"
cd "$root/tests/debian"
run_packages trixie-7
