#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
forge.py PID ENTRY - in the VM: send each netlink socket of a process the event that
a watch has ended, as the kernel would, from a port of our own.
"""
import os
import socket
import struct
import sys

from pyroute2.netlink import genlmsg
from pyroute2.netlink.generic import GenericNetlinkSocket

EVENT = 1
EVENT_ID = 1
ENTRY_ID = 21
UNMOUNT = 13

pid, entry = sys.argv[1:]
family = GenericNetlinkSocket()
family.bind('fs_event', genlmsg)
event = struct.pack('=BBHHHIHHI', EVENT, 1, 0, 8, EVENT_ID, UNMOUNT,
                    8, ENTRY_ID, int(entry))
message = struct.pack('=IHHII', 16 + len(event), family.prid, 0, 0, 0) + event

inodes = set()
for fd in os.listdir(f'/proc/{pid}/fd'):
    name = os.readlink(f'/proc/{pid}/fd/{fd}')
    if name.startswith('socket:['):
        inodes.add(name[len('socket:['):-1])
sent = 0
with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16) as forger:
    forger.bind((0, 0))
    with open('/proc/net/netlink', encoding='ascii') as table:
        for line in table.readlines()[1:]:
            words = line.split()
            if words[9] in inodes:
                forger.sendto(message, (int(words[2]), 0))
                sent += 1
sys.exit(sent == 0)
