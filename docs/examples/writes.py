#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
writes.py PATH - say when a program has to stop taking writes, at 5 %, and when
it may go on, at 8 %. Any user may run it, with and without the module.
"""
import sys

import fsalert

try:
    alerts = fsalert.open()
    alerts.watch(sys.argv[1], space='5%:8%')
except (OSError, IndexError) as error:
    sys.exit(f'writes.py: {error}')
print('take writes', flush=True)
for event in alerts:
    if event.type == fsalert.Type.BELOW:
        print('stop taking writes', flush=True)
    elif event.type in (fsalert.Type.ABOVE, fsalert.Type.BACK):
        print('go on', flush=True)
    elif event.type == fsalert.Type.REMOVED:
        # after BACK: the watch could not be made again
        print('stop taking writes', flush=True)
        sys.exit(f'writes.py: {sys.argv[1]} is not watched any more')
    elif event.type == fsalert.Type.UNMOUNT:
        break
