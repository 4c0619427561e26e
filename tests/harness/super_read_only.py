#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
super_read_only.py MOUNT - make the super block read-only and leave the mount as it is,
as a file system does after an error.
"""

import ctypes
import os
import sys

FSCONFIG, FSPICK = 431, 433
AT_FDCWD = -100
SET_FLAG, RECONFIGURE = 0, 7
libc = ctypes.CDLL(None, use_errno=True)


def call(*args):
    result = libc.syscall(*args)
    if result < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    return result


fd = call(FSPICK, AT_FDCWD, sys.argv[1].encode(), 0)
call(FSCONFIG, fd, SET_FLAG, b"ro", None, 0)
call(FSCONFIG, fd, RECONFIGURE, None, None, 0)
