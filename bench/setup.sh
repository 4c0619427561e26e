# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# To be sourced by the programs of this folder: builds what they copy into a VM, and
# takes options for tests/vm/run from their arguments, --kernel NAME and --icount, as
# $options.

set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
. "$root/scripts/lib.sh"

options=
while :; do
	case ${1-} in
	--kernel)	options="$options --kernel ${2:?}"; shift 2 ;;
	--icount)	options="$options --icount"; shift ;;
	*)		break ;;
	esac
done
"$root/scripts/install-deps"
"$root/scripts/fetch-source"
# shellcheck disable=SC2154  # set by lib.sh
make -s -C "$root/bench" O="$build/bench"
