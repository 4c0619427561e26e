#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the recipes make of events, which source.sh gives. Prints TAP. FSALERT is the
# program, RECIPES the folder of the scripts.

# shellcheck source=tools/fsalert/tests/tap.sh
. "$(dirname "$0")/tap.sh"
export SOURCE_LINES="$dir/lines" COLLECTD_HOSTNAME=host
mkdir "$dir/bin"
ln -s "$FSALERT" "$dir/bin/fsalert"
PATH=$dir/bin:$PATH

# All but the levels have no figures, and some no time.
time=time=1795341127.104332
where='dev=7:0 mount=/srv\040disk fstype=ext4 source=/dev/loop0'
figures='level=710000 level_nr=1 total=2621440 frsize=4096'
printf '%s\n' "seq=1 $time event=thr_lrbelow $where avail=698112 $figures" lost=4 \
	"seq=2 $time event=enospc $where errno=28" \
	"seq=3 $time event=thr_lrabove $where avail=720000 $figures" \
	"seq=4 $time event=unmount $where errno=0 last=1" >"$SOURCE_LINES"

put='PUTNOTIF host=host plugin=fsalert type=df'
is collectd "$put severity=warning time=1795341127 message=\"/srv disk: below, 698112 of 2621440 blocks are available\"
$put severity=okay time=1795341127 message=\"/srv disk: above, 720000 of 2621440 blocks are available\"" \
	"$("$RECIPES/collectd" / 10% 2>&1)"

tags='fsalert,mount=/srv\ disk,fstype=ext4'
is Telegraf "$tags,event=below,severity=warning avail=698112i,total=2621440i,frsize=4096i 1795341127104332000
$tags,event=above,severity=info avail=720000i,total=2621440i,frsize=4096i 1795341127104332000" \
	"$("$RECIPES/telegraf" / 10% 2>&1)"
end
