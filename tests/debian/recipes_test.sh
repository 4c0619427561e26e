#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# recipes_test.sh - docs/recipes on Debian 13: recipes.sh says what.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/tests/debian/system.sh"
"$root/tests/debian/run" --timeout 1800 --disk 300M --copy "$work/debs" \
	--copy "$root/tests/debian/lib.sh" trixie "$root/tests/debian/recipes.sh"
