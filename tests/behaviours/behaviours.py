#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
behaviours.py FUSE-SERVER SOURCE... [-- NAME...] - what private watches do, in one
list for all sources of their events: "kernel", the file `watch`, and the path of
the program fsalert-poll. With both, they also have to answer random requests
alike.

As root. It makes mounts, in a mount namespace of its own. Prints TAP, and lines
for tests/behaviours/table.
"""

import contextlib
import os
import random
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import alike
from mounts import LIBC, Mounts, Skip, device, fill, run, wait_until
from sources import DEADLINE, SOON, Helper, Kernel


def only(kernel, why):
    """A behaviour of the kernel alone, or of the helper alone."""
    def mark(test):
        test.kernel, test.why = kernel, why
        return test
    return mark


def differs(how):
    """The two differ, as fsalert-poll(8) says."""
    def mark(test):
        test.differs = how
        return test
    return mark


PROGRAM_ONLY = only(False, "the kernel is no program")

# Of <linux/fuse.h>.
FUSE_GETATTR, FUSE_OPENDIR = 3, 27


def escape(path):
    """As in a request."""
    for char in "\\ \t\n;":
        path = path.replace(char, f"\\{ord(char):03o}")
    return path


# --- requests ---------------------------------------------------------------

@only(False, "the kernel has every event")
def test_capabilities(source, _):
    line = source.capabilities
    assert line["head"] == "capabilities"
    assert line["source"] == "poll"
    assert "thr_lrbelow" in line["events"].split(",")
    assert "enospc" in line["events"].split(",")
    assert "remount_ro" in line["some"].split(",")
    assert "remount_ro" in line["some_why"]
    assert "missing" not in line


def test_grammar(source, mounts):
    path = mounts.tmpfs()
    at = len(path) + 1
    source.refuse(f"{path} T 1many", 22, at + 2)
    source.refuse(f"{path} X", 22, at)
    source.refuse(f"{path} T 10 20", 34, at + 5)
    source.refuse(f"{path} T 10:5", 34, at + 2, "re-arm")
    source.refuse("relative T 1", 22, 0)
    source.refuse(f"{path} T 1;" * 1024 + path, 7, 1024 * (at + 4))
    source.refuse("x" * 70000, 7, 65536, "64 KiB")
    source.accept(f"{path} T 1;" * 1024)
    source.silent()


def test_no_mount(source, mounts):
    path = mounts.tmpfs()
    os.mkdir(path + "/sub")
    source.refuse(f"{path}/sub T 1", 22, 0, "not a mount point")
    source.refuse(f"{path}/no T 1", 2, 0, "no such path")
    source.refuse(f"!{path}", 2, 1, "not watched")
    source.refuse("/proc T 1", 95, 6)


def test_transaction(source, mounts):
    a, b = mounts.tmpfs(), mounts.tmpfs()
    source.refuse(f"{a} T 100%;{b} T 100%;{a}/no T 1", 2, 2 * len(a) + 16)
    source.silent()
    source.accept(f"{a} T 100%;{b} T 100%")
    source.any_order("thr_lrbelow", {"mount": a, "entry": 1},
                     {"mount": b, "entry": 2})
    # neither of the two
    source.refuse(f"!{a};!{a}", 2, len(a) + 3)
    source.refuse("!#1;!#3", 2, 5)
    source.silent()
    source.accept(f"!#1;!{b}")
    source.any_order("cleared", {"mount": a}, {"mount": b})
    source.silent()


@only(False, "a write(2) has its result, and no line")
def test_many(source, mounts):
    """Lines that come at once each have a reply."""
    path = mounts.tmpfs()
    source.process.stdin.write(f"{path} T 1\n\n{path}\n{path} T 2\n".encode())
    assert [source.reply()["head"] for _ in range(4)] == \
        ["accepted", "accepted", "refused", "accepted"]


def test_types(source, mounts):
    path = mounts.tmpfs()
    source.accept(f"{path} T 100% I 100%")
    source.event("thr_lrbelow")
    source.event("ino_below", level_nr=1, total=100)
    source.refuse(f"!{path} G", 2, len(path) + 2, "type")
    source.accept(f"!{path} T")
    source.event("cleared", of="thr_lrbelow")
    source.accept(f"!{path} I")
    source.event("cleared", of="ino_below")
    source.refuse(f"!{path}", 2, 1)
    # removed and set again in a transaction: without the state it had
    source.accept(f"{path} T 100% I 1")
    source.event("thr_lrbelow", entry=2)
    source.accept(f"!{path} T;{path} T 100%")
    source.event("cleared", of="thr_lrbelow", entry=2)
    source.event("thr_lrbelow", entry=2)
    source.refuse(f"!#2;{path} T 1;!#2", 2, len(path) + 10)
    source.accept("")
    source.event("cleared", of="thr_lrbelow", entry=2)
    # removed and made again in a transaction: another watch
    source.accept(f"{path} T 100%")
    source.event("thr_lrbelow", entry=3)
    source.accept(f"!{path};{path} T 100%")
    source.event("cleared", of="thr_lrbelow", entry=3)
    source.event("thr_lrbelow", entry=4)


def test_blank(source, mounts):
    path = mounts.tmpfs()
    source.accept(f"{path} T 100%")
    source.event("thr_lrbelow")
    source.accept(f"{path} T 100%;")
    source.silent()
    source.accept("  \t ")
    source.event("cleared", of="thr_lrbelow")
    source.refuse(f"!{path}", 2, 1)
    source.accept("")


def test_escapes(source, mounts):
    path = mounts.top + "/a b=c\n\\ü;"
    os.mkdir(path)
    mounts.tmpfs(path=path)
    asked = escape(path)
    source.accept(f"{asked} T 100%")
    line = source.event("thr_lrbelow", mount=path)
    assert r"/a\040b\075c\012\134ü;" in line["text"], line["text"]
    assert re.fullmatch(
        r"seq=1 time=\d+\.\d{6} event=thr_lrbelow dev=0:\d+ mount=\S+ "
        r"fstype=tmpfs source=tmpfs avail=1024 level=1024 level_nr=1 "
        r"total=1024 frsize=4096 pid=\d+ count=1 entry=1 fsid=[0-9a-f]{16}"
        r"( uuid=[0-9a-f-]{36})?", line["text"]), line["text"]


def test_thousands(source, mounts):
    """Requests, one after the other."""
    path = mounts.tmpfs()
    for i in range(3000):
        source.accept(f"{path} T {i % 1000 + 1}")
        source.refuse(f"{path} T {i} x", 22, len(path) + 4 + len(str(i)))
    source.silent()


def test_any_bytes(source, mounts):
    """Whatever is requested has a reply, and changes nothing when refused."""
    path = mounts.tmpfs()
    parts = [path, " ", "T", "I", "G", ":", "%", "10", "!", "#", ";", "\\040",
             "\\", "\0", "\x1b", "\udcff", "18446744073709551615", "K", ","]
    numbers = random.Random(1)
    for _ in range(1000):
        source.send("".join(numbers.choices(parts, k=numbers.randint(1, 30))))
        source.reply()
    source.accept("")
    source.accept(f"{path} T 100%")
    for _ in range(20):
        if (line := source.events.pop(0) if source.events else
                source.line())["event"] == "thr_lrbelow":
            return
    raise AssertionError(line["text"])


# --- levels -----------------------------------------------------------------

def test_levels(source, mounts):
    path = mounts.tmpfs()
    source.accept(f"{path} T 512:768 256 128")
    source.silent()
    fill(path, 3 << 20)
    source.event("thr_lrbelow", level=512, level_nr=1)
    source.event("thr_urbelow", level=256, level_nr=2)
    fill(path, 1 << 19, "more")
    source.event("thr_below", level=128, level_nr=3)
    os.unlink(path + "/more")
    source.event("thr_above", level_nr=3)
    # more than the first level, and not more than its re-arm
    os.truncate(path + "/file", 3 << 19)
    source.event("thr_urabove", level_nr=2)
    source.silent()
    os.unlink(path + "/file")
    source.event("thr_lrabove", level_nr=1, avail=1024)


def test_rewritten(source, mounts):
    path = mounts.tmpfs()
    source.accept(f"{path} T 100% 10%")
    source.event("thr_lrbelow")
    source.accept(f"{path} T 100% 10%")
    source.accept(f"{path} T 100% 20%")
    source.silent()
    source.accept(f"{path} T 10%")
    source.event("cleared", of="thr_lrbelow", level_nr=1)
    source.silent()


def test_inodes(source, mounts):
    path = mounts.tmpfs()
    source.accept(f"{path} I 50 10")
    for i in range(60):
        fill(path, 0, f"f{i}")
    source.event("ino_below", level=50, level_nr=1)
    for i in range(60):
        os.unlink(f"{path}/f{i}")
    source.event("ino_above", level_nr=1)


def overfill(path):
    """Fill it, and one byte more: built in, the kernel reports the refusal."""
    with open(path + "/file", "wb", buffering=0) as file:
        file.write(b"x" * (4 << 20))
        try:
            file.write(b"x")
        except OSError as error:
            assert error.errno == 28, error
        else:
            raise AssertionError("there is space left")


def test_full(source, mounts):
    path = mounts.tmpfs()
    source.accept(f"{path} G:enospc")
    overfill(path)
    source.event("enospc", errno=28)
    os.unlink(path + "/file")
    source.event("cleared", of="enospc")
    overfill(path)
    source.event("enospc", errno=28)
    source.accept(f"!{path} G")
    source.event("cleared", of="enospc")


# --- mounts -----------------------------------------------------------------

def test_unmount(source, mounts):
    path, other, bind = mounts.tmpfs(), mounts.ext4(), mounts.directory()
    run("mount", "--bind", path, bind)
    source.accept(f"{path} T 1;{bind} T 1;{other} G")
    run("umount", bind)
    source.event("unmount", SOON, mount=bind, errno=18, last=1)
    run("umount", path)
    source.event("unmount", SOON, mount=path, errno=0, last=1)
    run("umount", other)
    source.event("unmount", SOON, mount=other, errno=0, last=1)
    source.refuse("!#1", 2, 1)
    # the program goes on
    mounts.tmpfs(path=path)
    source.accept(f"{path} T 100%")
    source.event("thr_lrbelow", entry=4)


@differs("kernel: with the last user; fsalert-poll: at once")
def test_unmount_busy(source, mounts):
    path = mounts.tmpfs()
    source.accept(f"{path} T 100%")
    source.event("thr_lrbelow")
    with open(path + "/file", "wb"):
        run("umount", "-l", path)
        if source.is_kernel:
            source.silent(1)
        else:
            # the file system is still there
            source.event("unmount", errno=18, last=1)
    if source.is_kernel:
        source.event("unmount", errno=0, last=1)


def test_not_busy(source, mounts):
    """Nothing that is watched is kept busy, not for a moment."""
    path = mounts.ext4()
    for _ in range(20):
        source.accept(f"{path} G T 10% I 10%")
        run("umount", path)
        source.event("unmount", SOON, errno=0)
        run("mount", "-o", "loop", path + ".img", path)


def test_moved(source, mounts):
    path, to = mounts.tmpfs(), mounts.directory("to")
    source.accept(f"{path} T 50%")
    run("mount", "--move", path, to)
    fill(to, 3 << 20)
    source.event("thr_lrbelow", mount=to)


def test_covered(source, mounts):
    """Another mount at the same place is not the one that is watched."""
    path = mounts.tmpfs()
    source.accept(f"{path} T 50%")
    mounts.tmpfs(path=path)
    fill(path, 3 << 20)
    source.silent(2.5)
    run("umount", path)
    fill(path, 3 << 20)
    source.event("thr_lrbelow", mount=path)


def test_hostile_names(source, mounts):
    """Whatever a name holds, it forges neither a field nor a line."""
    names = [b"\nseq=9 event=corrupted mount=", b"\x1b]0;x\x07\x9b", b"\xff\xfe",
             b"a=b\"#\\134", "\u202egnp\u2028".encode(), b"x" * 200]
    for name in names:
        path = mounts.top.encode() + b"/" + name
        os.mkdir(path)
        run("mount", "-t", "tmpfs", "-o", "size=4M", b"s" + name, path)
        source.accept(escape(os.fsdecode(path)) + " T 100%")
        line = source.event("thr_lrbelow")
        assert line["mount"].encode("latin-1") == path or \
            line["mount"].encode() == path, line["text"]
        assert line["text"].isprintable(), line["text"]
        assert line["text"].count(" event=") == 1, line["text"]
        assert line["text"].count(" mount=") == 1, line["text"]
        run("umount", path)
        source.event("unmount", SOON, errno=0, last=1)


def test_long_names(source, mounts):
    """A path of more than a line is cut, and what follows is complete."""
    path = mounts.top
    fd = os.open(path, os.O_RDONLY)
    for _ in range(14):
        os.mkdir("\n" * 250, dir_fd=fd)
        below = os.open("\n" * 250, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
        path += "/" + "\n" * 250
    os.close(fd)
    mounts.tmpfs(path=path)
    source.accept(escape(path) + " T 100%")
    line = source.event("thr_lrbelow", fstype="tmpfs", level=1024, entry=1)
    assert len(line["text"]) < 8192, len(line["text"])
    assert "\\ fstype=" in line["text"], line["text"][-300:]
    run("umount", path)
    source.event("unmount", SOON, last=1)


def test_stacked(source, mounts):
    """Mounts on top of each other: thousands, or as many as there is time for."""
    path, other = mounts.tmpfs(), mounts.tmpfs()
    end = time.monotonic() + SOON
    for number in range(3000):
        if number > 100 and time.monotonic() > end:
            break
        assert LIBC.mount(b"none", path.encode(), b"tmpfs", 0, None) == 0
    source.accept(f"{path} T 100%;{other} T 50%")
    source.event("thr_lrbelow", mount=path)
    below_and_above(source, other)
    while LIBC.umount2(path.encode(), 0) == 0:
        pass
    source.event("unmount", mount=path)


@contextlib.contextmanager
def child(work):
    """A process that does something all the time."""
    pid = os.fork()
    if not pid:
        while True:
            work()
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_mount_flood(source, mounts):
    """
    A program that mounts all the time, on a machine of many mounts, delays events
    and requests a little.
    """
    path, at = mounts.tmpfs(), mounts.directory().encode()
    end = time.monotonic() + SOON
    for _ in range(1000):
        if time.monotonic() < end:
            LIBC.mount(b"none", mounts.directory().encode(), b"tmpfs", 0, None)
    source.accept(f"{path} T 50%")

    def flood():
        LIBC.mount(b"none", at, b"tmpfs", 0, None)
        LIBC.umount2(at, 0)

    with child(flood):
        for i in range(5):
            fill(path, 3 << 20)
            source.event("thr_lrbelow", SOON, mount=path)
            os.unlink(path + "/file")
            source.event("thr_lrabove", SOON, mount=path)
            source.accept(f"{path} T {50 - i}% 1%")


def test_mount_flood_fair(source, mounts):
    """A flood of mounts delays none of many watches more than others."""
    path, at = mounts.tmpfs("size=64M"), mounts.directory().encode()
    names = [mounts.directory() for _ in range(100)]
    for name in names:
        run("mount", "--bind", path, name)
        source.accept(f"{name} T 8192")

    def flood():
        LIBC.mount(b"none", at, b"tmpfs", 0, None)
        LIBC.umount2(at, 0)

    def change():
        """Space changes near the level, so all are asked as often as can be."""
        for size in 28, 27:
            os.posix_fallocate(small, 0, size << 20)
            os.truncate(small, size << 20)
            os.statvfs(path)

    fill(path, 27 << 20, "small")
    small = os.open(path + "/small", os.O_RDWR)
    with child(flood), child(change):
        source.silent(1)
        fill(path, 8 << 20, "more")
        seen = {source.event("thr_lrbelow", SOON)["mount"] for _ in names}
    os.close(small)
    assert seen == set(names)


# --- errors -----------------------------------------------------------------

@differs("kernel, built in: remount_ro has the errno of the reason")
def test_ext4_error(source, mounts):
    path = mounts.ext4()
    name = os.path.basename(device(path))
    source.accept(f"{path} G")
    with open(f"/sys/fs/ext4/{name}/trigger_fs_error", "w",
              encoding="ascii") as file:
        file.write("test")
    source.event("corrupted", errno=117)
    line = source.event("remount_ro")
    assert line["errno"] in ("30", "117"), line["text"]
    source.silent(1.2)
    # who comes later learns of it as well
    source.accept(f"!{path}")
    source.event("cleared", of="remount_ro")


def test_ext4_continues(source, mounts):
    path = mounts.ext4("errors=continue")
    name = os.path.basename(device(path))
    source.accept(f"{path} G")
    for _ in range(2):
        with open(f"/sys/fs/ext4/{name}/trigger_fs_error", "w",
                  encoding="ascii") as file:
            file.write("test")
        source.event("corrupted", errno=117)
    source.silent(1.2)


def test_ext4_twins(source, mounts):
    """A snapshot has the UUID of its origin; the error is that of one."""
    mkfs = ["mkfs.ext4", "-q", "-F", "-U", "c0ffee00-0000-4000-8000-000000000001"]
    options = "errors=continue"
    paths = [mounts.image(mkfs, 32 << 20, options) for _ in range(2)]
    source.accept(f"{paths[0]} G;{paths[1]} G")
    for path in reversed(paths):
        # Counters are read first when the watch is new.
        source.silent(1.2)
        name = os.path.basename(device(path))
        with open(f"/sys/fs/ext4/{name}/trigger_fs_error", "w",
                  encoding="ascii") as file:
            file.write("test")
        source.event("corrupted", SOON, errno=117, mount=path)
    source.silent(1.2)


def test_rate(source, mounts):
    """Ten lines a second; what comes in between is counted."""
    path = mounts.ext4("errors=continue")
    name = os.path.basename(device(path))
    source.accept(f"{path} G:corrupted")
    begun = time.monotonic()
    for _ in range(100):
        with open(f"/sys/fs/ext4/{name}/trigger_fs_error", "w",
                  encoding="ascii") as file:
            file.write("test")
    lines = counted = 0
    while counted < 100:
        counted += int(source.event("corrupted", SOON, errno=117)["count"])
        lines += 1
    assert counted == 100, counted
    assert lines <= 10 * (time.monotonic() - begun) + 2, lines
    source.silent(0.5)


def test_administrator(source, mounts):
    """A remount is not a failure, through whichever mount."""
    path, bind = mounts.ext4(), mounts.directory("bind")
    run("mount", "--bind", path, bind)
    source.accept(f"{path} G;{bind} G")
    for options in "ro", "rw":
        run("mount", "-o", "remount," + options, path)
        source.silent(2.2)


@differs("kernel: a remount is no event; fsalert-poll can't tell it from a failure")
def test_turned_ro(source, mounts):
    """Read-only without mount(8), as by an error."""
    path = mounts.ext4()
    source.accept(f"{path} G:remount_ro")
    flip = ("import ctypes, sys; libc = ctypes.CDLL(None, use_errno=True); "
            "fs = libc.syscall(433, -100, sys.argv[1].encode(), 0); "
            "assert fs >= 0; "
            "flag = sys.argv[2].encode(); "
            "assert libc.syscall(431, fs, 0, flag, None, 0) == 0; "
            "assert libc.syscall(431, fs, 7, None, None, 0) == 0")
    run(sys.executable, "-c", flip, path, "ro")
    if source.is_kernel:
        source.silent(2)
    else:
        source.event("remount_ro", errno=30)
    run(sys.executable, "-c", flip, path, "rw")
    if source.is_kernel:
        source.silent(2)
    else:
        source.event("cleared", of="remount_ro")


@differs("kernel, built in: remount_ro has the errno of the reason")
def test_xfs_shutdown(source, mounts):
    path = mounts.image(["mkfs.xfs", "-q", "-f"], 320 << 20)
    source.accept(f"{path} G:remount_ro,shutdown")
    run("xfs_io", "-x", "-c", "shutdown", path)
    line = source.event("remount_ro")
    assert line["errno"] in ("30", "108"), line["text"]
    source.event("shutdown", errno=108)
    run("umount", path)
    source.event("unmount", errno=0)


# --- servers ----------------------------------------------------------------

def below_and_above(source, path):
    fill(path, 3 << 20)
    source.event("thr_lrbelow", mount=path)
    os.unlink(path + "/file")
    source.event("thr_lrabove", mount=path)


def threads(source):
    return len(os.listdir(f"/proc/{source.process.pid}/task"))


def marks(source):
    """How many inotify has. The program may set them after it has replied."""
    fds = f"/proc/{source.process.pid}/fdinfo/"
    text = ""
    for name in os.listdir(fds):
        # A thread may have closed it meanwhile.
        with contextlib.suppress(OSError), \
                open(fds + name, encoding="ascii") as file:
            text += file.read()
    return text.count("inotify wd:")


def test_server_hangs_asked(source, mounts):
    """A watched server hangs: it holds up neither events nor requests."""
    path, server = mounts.fuse()
    to, other = mounts.directory("to"), mounts.tmpfs()
    source.accept(f"{path} T 1;{other} T 50%")
    if not source.is_kernel:
        wait_until(lambda: marks(source) == 2)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        # One that was moved is asked at once.
        run("mount", "--move", path, to)
        if not source.is_kernel:
            wait_until(lambda: threads(source) == 2)
        below_and_above(source, other)
        source.accept(f"{other} T 40%")
        below_and_above(source, other)
        source.accept("")
    finally:
        os.kill(server.pid, signal.SIGCONT)
    if not source.is_kernel:
        wait_until(lambda: threads(source) == 1)
    source.silent()


def test_server_hangs_request(source, mounts):
    """A request that waits for a server holds up no event."""
    path, server = mounts.fuse()
    other = mounts.tmpfs()
    source.accept(f"{other} T 50%;{path} T 1")
    os.kill(server.pid, signal.SIGSTOP)
    try:
        source.send(f"{path} T 2")
        for _ in range(3):
            below_and_above(source, other)
        if source.is_kernel:
            return
        # it ends although a thread is kept by the server
        source.process.stdin.close()
        assert select.select([source.process.stdout], [], [], 5)[0]
        assert source.process.stdout.read(1) == b""
    finally:
        os.kill(server.pid, signal.SIGCONT)


def test_server_opens_nothing(source, mounts):
    """Its figures are all that a server is asked for."""
    other = mounts.tmpfs()
    for silent, options in (FUSE_OPENDIR, ""), (FUSE_GETATTR, "default_permissions"):
        path, server = mounts.fuse(0, silent, options)
        try:
            source.accept(f"{path} T 100%")
            source.event("thr_lrbelow", mount=path)
            source.accept(f"{other} T 50%")
            below_and_above(source, other)
            source.accept("")
            source.event("cleared", mount=path)
        finally:
            server.kill()
            server.wait(DEADLINE)


def test_server_goes(source, mounts):
    path, server = mounts.fuse()
    source.accept(f"{path} T 100%")
    source.event("thr_lrbelow", fstype="fuse.demo")
    if not source.is_kernel:
        wait_until(lambda: marks(source) == 1)
    run("umount", path)
    source.event("unmount", mount=path, errno=0, last=1)
    server.wait(DEADLINE)


# --- the reader and the writer ----------------------------------------------

def test_slow_reader(source, mounts):
    """1,024 events wait at most; then the oldest go and are counted."""
    path = mounts.tmpfs("size=32M")
    names = [mounts.directory() for _ in range(20)]
    levels = " ".join(str(level) for level in range(6000, 5936, -1))
    for name in names:
        run("mount", "--bind", path, name)
        source.accept(f"{name} T {levels}")
    # Another one says when it is time to go on.
    witness = source.another()
    witness.accept(f"{path} T 5937")
    seen = lost = 0
    end = time.monotonic() + DEADLINE
    # A busy machine may let the source miss what the witness has seen.
    while not lost:
        assert time.monotonic() < end, f"{seen} lines, {lost} lost"
        for _ in range(3):
            fill(path, 16 << 20)
            witness.event("thr_lrbelow")
            os.unlink(path + "/file")
            witness.event("thr_lrabove")
        while (text := source.read_line(3)) is not None:
            key, _, number = text.split(" ")[0].partition("=")
            if key == "lost":
                lost += int(number)
            else:
                seen += 1
                assert int(number) == seen + lost, text
    witness.close()
    assert seen >= 1024, f"{seen} lines, {lost} lost"


@PROGRAM_ONLY
def test_end(source, mounts):
    path = mounts.tmpfs()
    done = subprocess.run([source.program], input=f"{path} T 100%\n".encode(),
                          stdout=subprocess.PIPE, check=True, timeout=60)
    lines = done.stdout.decode().splitlines()
    assert lines[1] == "accepted", lines
    assert "event=thr_lrbelow" in lines[2], lines
    # more than is read at a time
    many = f"{path} T 50%\n".encode() * 3000
    done = subprocess.run([source.program], input=many, stdout=subprocess.PIPE,
                          check=True, timeout=DEADLINE)
    assert done.stdout.count(b"accepted\n") == 3000, done.stdout[-200:]
    # a line that was not ended is not carried out
    done = subprocess.run([source.program], input=f"{path} T 100%".encode(),
                          stdout=subprocess.PIPE, check=True, timeout=60)
    assert len(done.stdout.splitlines()) == 1, done.stdout


@PROGRAM_ONLY
def test_closed_files(source, _):
    for files in "<&-", ">&-", "2>&-", "<&- >&- 2>&-":
        subprocess.run(f"{source.program} {files} </dev/null", shell=True, check=True,
                       timeout=60, stdout=subprocess.DEVNULL)
        subprocess.run(f"{source.program} {files}", shell=True, check=True, timeout=60,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


@PROGRAM_ONLY
def test_reader_goes(source, _):
    source.process.stdout.close()
    assert source.process.wait(60) == 0


@PROGRAM_ONLY
def test_output_fails(source, _):
    done = subprocess.run(f"{source.program} </dev/null >/dev/full", shell=True,
                          check=False, stderr=subprocess.PIPE, text=True,
                          timeout=60)
    assert done.returncode == 1, done
    assert "No space left" in done.stderr, done


@PROGRAM_ONLY
def test_directory(source, mounts):
    """The directory that it was started in is not kept busy."""
    path = mounts.tmpfs()
    with subprocess.Popen([source.program], cwd=path, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        assert process.stdout.readline().startswith(b"capabilities ")
        run("umount", path)
        process.stdin.close()


@PROGRAM_ONLY
def test_arguments(source, _):
    assert subprocess.run([source.program, "/srv"], check=False, timeout=60,
                          stderr=subprocess.DEVNULL).returncode == 2
    version = subprocess.check_output([source.program, "--version"], text=True)
    assert version.startswith("fsalert-poll "), version


# --- without privilege ------------------------------------------------------

def test_user(source, mounts):
    path = mounts.tmpfs()
    poll = source.another(as_user=True)
    if not source.is_kernel:
        assert "enospc" in poll.capabilities["missing"].split(",")
        assert "CAP_SYS_ADMIN" in poll.capabilities["why"]
    poll.refuse(f"{path} G", 1, len(path) + 1, "CAP_SYS_ADMIN")
    poll.refuse(f"{path} T 10 G", 1, len(path) + 6)
    poll.accept(f"{path} T 512 I 50")
    fill(path, 3 << 20)
    poll.event("thr_lrbelow", mount=path)
    os.unlink(path + "/file")
    poll.event("thr_lrabove", mount=path)
    run("umount", path)
    poll.event("unmount", last=1)
    poll.close()


@differs("fsalert-poll: only that the mount went, for want of the right to read")
def test_user_hidden(source, mounts):
    """A directory that may not be searched, one that may not be read."""
    path = mounts.tmpfs()
    os.mkdir(path + "/in")
    mounts.tmpfs(path=path + "/in")
    poll = source.another(as_user=True)
    os.chmod(path + "/in", 0o311)
    poll.accept(f"{path}/in T 1")
    run("umount", path + "/in")
    poll.event("unmount", errno=0 if source.is_kernel else 18, last=1)
    mounts.tmpfs(path=path + "/in")
    os.chmod(path, 0o600)
    poll.refuse(f"{path}/in T 1", 13, 0)
    poll.close()


def test_user_limit(source, mounts):
    path = mounts.tmpfs("size=4M")
    names = []
    for i in range(129):
        names.append(f"{path}/{i}")
        os.mkdir(names[-1])
        run("mount", "--bind", path, names[-1])
    poll = source.another(as_user=True)
    for name in names[:128]:
        poll.accept(f"{name} T 1")
    poll.refuse(f"{names[128]} T 1", 122, 0, "too many")
    poll.accept(f"!{names[0]};{names[128]} T 1")
    poll.close()


# --- running ----------------------------------------------------------------

def open_source(name):
    return Kernel() if name == "kernel" else Helper(name)


def run_test(name, test):
    """Return: what to say about it, None when it passed."""
    source = open_source(name)
    mounts = Mounts(TOP, FUSE_SERVER)
    try:
        test(source, mounts)
        source.finish()
    except Skip as reason:
        return f"SKIP {reason}"
    except Exception:
        for line in traceback.format_exc().splitlines():
            print("#", line)
        return "failed"
    finally:
        source.kill()
        mounts.clean()
    return None


def run_alike(names, as_user):
    sources = [open_source(name) for name in names]
    if as_user:
        both = [source.another(as_user=True) for source in sources]
        for source in sources:
            source.kill()
        sources = both
    rounds = 200 * int(os.environ.get("FSE_ROUNDS", "1"))
    mounts = Mounts(TOP, FUSE_SERVER)
    try:
        same = alike.compare(sources, mounts, rounds, as_user)
    finally:
        for source in sources:
            source.kill()
        mounts.clean()
    return None if same else "failed"


class Report:
    def __init__(self):
        self.number = 0
        self.failed = 0

    def say(self, name, source, said, note=""):
        self.number += 1
        self.failed += said == "failed"
        result = "not ok" if said == "failed" else "ok"
        skip = f" # {said}" if said and said != "failed" else ""
        print(f"{result} {self.number} - {source}: {name}{skip}")
        shown = (said or "passed").removeprefix("SKIP ")
        print(f"# behaviour | {source} | {name} | {shown}{note}", flush=True)


def run_list(report, tests, names):
    for name, test in tests:
        for source in names:
            is_kernel = source == "kernel"
            label = "kernel" if is_kernel else "fsalert-poll"
            if getattr(test, "kernel", is_kernel) != is_kernel:
                print(f"# behaviour | {label} | {name} | no: {test.why}")
                continue
            # Without KVM it is slow there, and can be late.
            if not is_kernel and os.environ.get("FSE_IN_VM"):
                print(f"# behaviour | {label} | {name} | no: on the host")
                continue
            note = getattr(test, "differs", "")
            report.say(name, label, run_test(source, test),
                       note and f" ({note})")


def main(names, wanted):
    tests = [(name[5:].replace("_", " "), test)
             for name, test in globals().items()
             if name.startswith("test_") and
             (not wanted or name[5:] in wanted)]
    report = Report()
    run_list(report, tests, names)
    if len(names) == 2:
        for as_user in False, True:
            name = "random requests, as " + ("a user" if as_user else "root")
            if not wanted or "random" in wanted:
                report.say(name, "both", run_alike(names, as_user))
    print(f"1..{report.number}")
    os.rmdir(TOP)
    return 1 if report.failed or not report.number else 0


def usage():
    print("usage, as root: behaviours.py FUSE-SERVER SOURCE... [-- NAME...]",
          file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    words = sys.argv[1:]
    split = words.index("--") if "--" in words else len(words)
    if os.geteuid() or split < 2:
        usage()
    if "FSALERT_NS" not in os.environ:
        os.environ["FSALERT_NS"] = "1"
        os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.argv])
    FUSE_SERVER = words[0]
    TOP = tempfile.mkdtemp(prefix="fsalert-")
    os.chmod(TOP, 0o755)
    sys.exit(main(words[1:split], words[split + 1:]))
