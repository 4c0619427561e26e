#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only

set -eu
root=$(cd "$(dirname "$0")" && pwd -P)
. "$root/scripts/lib.sh"
cd "$root"

usage() {
	cat <<'END'
usage: ./demo.sh

Installs, fetches and builds what is missing, boots Debian's Linux 6.12 in a
virtual machine and shows events of file systems that are filled, freed, broken
and unmounted, next to a FUSE file system whose server does not answer. The exit
status is 0 if every expected event came.
END
}

die_status=2
for word; do
	case $word in
	-h|--help)	usage; exit ;;
	*)		die "unknown argument '$word' (there is only --help)" ;;
	esac
done
die_status=1

scripts/install-deps
scripts/fetch-kernel cloud
scripts/build-module cloud
say 'building fsalert'
make -s -j"$(nproc)" tools demo-tools
say 'booting Linux 6.12 in a virtual machine'
exec tests/vm/run --timeout 300 --copy build/demo -- /demo/guest
