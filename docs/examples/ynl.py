#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
ynl.py YNL SPEC MOUNT PERCENT - watch a file system for one level of available
space, and show its events until it is unmounted.

YNL is tools/net/ynl of a kernel tree, SPEC is fs_event.yaml. No number of the
interface is needed here: the names are those of the specification.
"""
import select
import socket
import sys

sys.path.insert(0, sys.argv[1])
from lib import YnlFamily   # pylint: disable=wrong-import-position

spec, mount, percent = sys.argv[2:]


class KernelSocket(socket.socket):
    """Drops what the kernel, whose port is 0, did not send: a process with
    CAP_NET_ADMIN may send as well, and ynl does not look."""
    def recv(self, *args):
        while True:
            data, (port, _) = self.recvfrom(*args)
            if port == 0:
                return data


events = YnlFamily(spec, schema='')
events.sock = KernelSocket(fileno=events.sock.detach())
events.ntf_subscribe('fs_event_mc_grp')

requests = YnlFamily(spec, schema='')
level = {'kind': 'space', 'trigger': int(percent), 'unit': 'percent'}
entry = requests.do('entry-set', {'mount': mount, 'level': [level]})
print('watching, entry', entry['id'], flush=True)

event_id = ''
while event_id != 'info-unmount':
    select.select([events.sock], [], [])
    events.check_ntf()
    for message in events.async_msg_queue:
        event = message['msg']
        if event.get('entry-id') != entry['id']:
            continue
        event_id = events.consts['event-type'].entries_by_val[event['event-id']].name
        print(event_id, event['mount'], event.get('data', ''), flush=True)
    events.async_msg_queue.clear()
