#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fleet_test.sh - Prometheus and Alertmanager on Debian 13: fleet.sh says what.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/tests/debian/system.sh"
"$root/tests/debian/run" --timeout 1800 --disk 64M --copy "$work/debs" \
	--copy "$root/tests/debian/lib.sh" \
	--copy "$root/tests/debian/alerts.yml" trixie "$root/tests/debian/fleet.sh"
