#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# demo.sh - set up what is missing, boot Debian's kernel 6.12 in a virtual
# machine and watch file systems there being filled, freed, broken and
# unmounted, beside one whose server does not answer. Exit status 0 only if every expected event came.

set -eu
root=$(cd "$(dirname "$0")" && pwd -P)
. "$root/scripts/lib.sh"
cd "$root"

scripts/install-deps
scripts/fetch-kernel cloud
scripts/build-module cloud
say 'building fsevents'
make -s -j"$(nproc)" tools demo-tools
say 'booting Linux 6.12 in a virtual machine'
exec tests/vm/run --timeout 300 --copy build/demo -- /demo/guest
