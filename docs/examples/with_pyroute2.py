#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
with_pyroute2.py COUNT - show the kernel's counters, then COUNT events of all
watches, with python3-pyroute2. Its get() hides the senders of messages, so this
receives events without it.
"""
import sys

from pyroute2.netlink import NLM_F_REQUEST, genlmsg, nla
from pyroute2.netlink.generic import GenericNetlinkSocket

EVENT = 1
STATS_GET = 6


class Event(genlmsg):
    """An event: FS_NL_A_* of <linux/fs_event_netlink.h>, as far as used here."""
    nla_map = (
        (1, 'EVENT_ID', 'uint32'),
        (5, 'DATA', 'uint64'),
        (6, 'SEQ', 'uint64'),
        (14, 'MOUNT', 'asciiz'),
    )


class Uint(nla):
    """A number of 32 bits when these are enough, else of 64."""
    fields = ()

    def decode(self):
        super().decode()
        payload = self.data[self.offset + 4:self.offset + self.length]
        self.setvalue(int.from_bytes(payload, sys.byteorder))


class Stats(genlmsg):
    """The answer to STATS_GET: FS_NL_STATS_A_*, as far as used here."""
    nla_map = (
        (1, 'WATCHES', 'number'),
        (4, 'SENT', 'number'),
        (12, 'SEQ', 'number'),
    )
    number = Uint


requests = GenericNetlinkSocket()
requests.bind('fs_event', Stats)
request = genlmsg()
request['cmd'] = STATS_GET
request['version'] = 1
stats = requests.nlm_request(request, msg_type=requests.prid,
                             msg_flags=NLM_F_REQUEST)[0]
print('watches', stats.get_attr('WATCHES'), 'seq', stats.get_attr('SEQ'),
      flush=True)

events = GenericNetlinkSocket()
events.bind('fs_event', Event)
events.add_membership('fs_event_mc_grp')
print('listening', flush=True)
left = int(sys.argv[1])
while left:
    data, (port, _) = events.recvfrom(65536)
    # The kernel's port is 0; a process with CAP_NET_ADMIN may send as well.
    if port:
        continue
    for event in events.marshal.parse(data):
        if event['cmd'] == EVENT:
            print('event', event.get_attr('EVENT_ID'), event.get_attr('MOUNT'),
                  'seq', event.get_attr('SEQ'), flush=True)
            left -= 1
