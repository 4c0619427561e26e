#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# bookworm_6_12_test.sh - the packages on Debian 12 with its kernel 6.12,
# with the module: packages.sh says what.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/tests/debian/system.sh"
cd "$root/tests/debian"
run_packages bookworm-6.12
