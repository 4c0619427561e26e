# SPDX-License-Identifier: GPL-2.0-only
"""Mounts for tests, below a directory of the test's own."""

import ctypes
import os
import select
import subprocess
import tempfile
import time

from sources import DEADLINE, unescape


LIBC = ctypes.CDLL(None, use_errno=True)
MNT_DETACH = 2


class Skip(Exception):
    """This machine lacks something."""


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def wait_until(condition, seconds=DEADLINE):
    """For what has no event to wait for, and comes within milliseconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "deadline"
        os.sched_yield()


def mount_points():
    with open("/proc/self/mountinfo", encoding="utf-8",
              errors="surrogateescape") as file:
        return [unescape(line.split()[4]) for line in file]


def wait_for_mount(path):
    """The kernel reports each change of the mount table to poll(2)."""
    end = time.monotonic() + DEADLINE
    with open("/proc/self/mountinfo", "rb") as table:
        changes = select.poll()
        changes.register(table, select.POLLPRI)
        # Its server may not answer to stat(2).
        while path not in mount_points():
            left = end - time.monotonic()
            assert left > 0, "deadline"
            changes.poll(left * 1000)


def fill(path, size, name="file"):
    with open(f"{path}/{name}", "wb") as file:
        file.write(b"x" * size)


def device(path):
    return subprocess.check_output(
        ["findmnt", "-no", "SOURCE", path], text=True).strip()


class Mounts:
    """All that a test mounts is gone after clean()."""

    def __init__(self, top, fuse_server):
        self.top = tempfile.mkdtemp(dir=top)
        os.chmod(self.top, 0o755)
        self.fuse_server = fuse_server
        self.nr = 0

    def directory(self, name="mnt"):
        self.nr += 1
        path = f"{self.top}/{name}{self.nr}"
        os.mkdir(path)
        return path

    def tmpfs(self, options="size=4M,nr_inodes=100", path=None):
        path = path or self.directory("tmpfs")
        run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path)
        return path

    def image(self, mkfs, size, options="defaults"):
        path = self.directory("disk")
        image = path + ".img"
        with open(image, "wb") as file:
            file.truncate(size)
        run(*mkfs, image)
        try:
            run("mount", "-o", "loop," + options, image, path)
        except subprocess.CalledProcessError as error:
            raise Skip(f"cannot mount what {mkfs[0]} made") from error
        return path

    def ext4(self, options="errors=remount-ro"):
        return self.image(["mkfs.ext4", "-q", "-F"], 32 << 20, options)

    def fuse(self, ms=0, silent=0, options=""):
        """silent: the number of a FUSE request that gets no answer."""
        if not os.path.exists("/dev/fuse"):
            raise Skip("no /dev/fuse")
        path = self.directory("fuse")
        server = subprocess.Popen([self.fuse_server, path, str(ms),
                                   str(silent), options])
        wait_for_mount(path)
        return path, server

    def clean(self):
        for path in reversed(mount_points()):
            if path.startswith(self.top + "/"):
                LIBC.umount2(os.fsencode(path), MNT_DETACH)
        subprocess.run(["rm", "-rf", self.top], check=False)
