#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# examples_test.sh [--kernel KERNEL] - build the programs of docs/examples as
# their comments describe, and run them.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/scripts/lib.sh"

examples=$build/examples
mkdir -p "$examples"
cp "$root"/docs/examples/*.sh "$root"/docs/examples/*.py "$examples/"
# The headers that make install would install.
compile() {
	gcc -O1 -Wall -Wextra -Werror -idirafter "$root/kernel/include/uapi" "$@"
}
make -s -C "$root" tools
compile -o "$examples/stream" "$root/docs/examples/stream.c"
for name in writes all; do
	compile -I"$root/libfsalert" -o "$examples/$name" \
		"$root/docs/examples/$name.c" "$build/user/libfsalert/libfsalert.a" -lmnl
done
cp -r "$root/python/fsalert" "$build/user/libfsalert/libfsalert.so.0" "$examples/"
compile -o "$examples/netlink" "$root/docs/examples/netlink.c" -lmnl
exec "$root/tests/vm/run" "$@" --python --timeout 600 \
	--copy "$root/tests/programs/lib.sh" \
	--copy "$root/tests/programs/forge.py" \
	--copy "$root/tests/programs/examples.sh" \
	--copy "$examples" -- sh /examples.sh
