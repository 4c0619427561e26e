#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
program_test.py PROGRAM FUSE-SERVER [TEST]... - what fsalert-poll does on this machine.

As root, in a mount namespace of its own, on a kernel without the module or
with it: the program knows nothing of that. Prints TAP.
"""

import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback

DEADLINE = 70   # s: a file system at rest is asked every 60 s
SOON = 10       # s: no question has to be waited for

# A user and group that own nothing.
NOBODY = {"user": 1000, "group": 64999, "extra_groups": []}


def unescape(text):
    return re.sub(r"\\(\d{3})", lambda m: chr(int(m.group(1), 8)), text)


class Poll:
    """The program, and lines from it as dictionaries."""

    def __init__(self, command=None, **kwargs):
        self.process = subprocess.Popen(
            command or PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            bufsize=0, **kwargs)
        self.buffer = b""
        self.events = []
        self.capabilities = self.line()

    def read_line(self, deadline):
        end = time.monotonic() + deadline
        while b"\n" not in self.buffer:
            left = max(end - time.monotonic(), 0)
            if not select.select([self.process.stdout], [], [], left)[0]:
                return None
            data = self.process.stdout.read(65536)
            assert data, "unexpected end of the program's output"
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode()

    def line(self, deadline=DEADLINE):
        text = self.read_line(deadline)
        assert text is not None, f"no line within {deadline} s"
        words = text.split(" ")
        line = {"text": text, "head": words[0].split("=")[0]}
        for word in words:
            key, equals, value = word.partition("=")
            if equals:
                line[key] = unescape(value)
        return line

    def send(self, request):
        self.process.stdin.write(request.encode() + b"\n")

    def reply(self):
        while True:
            line = self.line()
            if line["head"] in ("accepted", "refused"):
                return line
            self.events.append(line)

    def accept(self, request):
        self.send(request)
        line = self.reply()
        assert line["head"] == "accepted", line["text"]

    def refuse(self, request, errno, at, why=None):
        self.send(request)
        line = self.reply()
        assert line["head"] == "refused", f"{request}: {line['text']}"
        got = (int(line["errno"]), int(line["at"]))
        assert got == (errno, at), f"{request}: {line['text']}"
        assert why is None or why in line["why"], line["text"]

    def event(self, name, deadline=DEADLINE, **fields):
        line = self.events.pop(0) if self.events else self.line(deadline)
        assert line.get("event") == name, f"not {name}: {line['text']}"
        for key, value in fields.items():
            assert line.get(key) == str(value), \
                f"{key} is not {value}: {line['text']}"
        return line

    def silent(self, seconds=0.3):
        assert not self.events, self.events[0]["text"]
        text = self.read_line(seconds)
        assert text is None, f"unexpected: {text}"

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        status = self.process.wait(DEADLINE)
        assert status == 0, f"exit status {status}"


class Skip(Exception):
    """This machine lacks something."""


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Mounts:
    """Mounts below a directory of the test's own."""

    def __init__(self):
        self.top = tempfile.mkdtemp(dir=TOP)
        os.chmod(self.top, 0o755)
        self.nr = 0

    def directory(self, name="mnt"):
        self.nr += 1
        path = f"{self.top}/{name}{self.nr}"
        os.mkdir(path)
        return path

    def tmpfs(self, options="size=4M,nr_inodes=100", path=None):
        path = path or self.directory("tmpfs")
        run("mount", "-t", "tmpfs", "-o", options, "none", path)
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

    def fuse(self, ms=0):
        if not os.path.exists("/dev/fuse"):
            raise Skip("no /dev/fuse")
        path = self.directory("fuse")
        server = subprocess.Popen([FUSE_SERVER, path, str(ms)])
        wait_until(lambda: os.path.ismount(path))
        return path, server

    def clean(self):
        with open("/proc/self/mountinfo", encoding="utf-8") as file:
            paths = [unescape(line.split()[4]) for line in file]
        for path in reversed(paths):
            if path.startswith(self.top + "/"):
                subprocess.run(["umount", "-l", path], check=False)
        subprocess.run(["rm", "-rf", self.top], check=False)


def wait_until(condition):
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "deadline"
        time.sleep(0.01)


def fill(path, size, name="file"):
    with open(f"{path}/{name}", "wb") as file:
        file.write(b"x" * size)


def device(path):
    return subprocess.check_output(
        ["findmnt", "-no", "SOURCE", path], text=True).strip()


# --- requests ---------------------------------------------------------------

def test_capabilities(poll, _):
    line = poll.capabilities
    assert line["head"] == "capabilities"
    assert line["source"] == "poll"
    assert "thr_lrbelow" in line["events"].split(",")
    assert "enospc" in line["events"].split(",")
    assert "remount_ro" in line["some"].split(",")
    assert "remount_ro" in line["some_why"]
    assert "missing" not in line


def test_grammar(poll, mounts):
    path = mounts.tmpfs()
    at = len(path) + 1
    poll.refuse(f"{path} T 1many", 22, at + 2)
    poll.refuse(f"{path} X", 22, at)
    poll.refuse(f"{path} T 10 20", 34, at + 5)
    poll.refuse(f"{path} T 10:5", 34, at + 2, "re-arm")
    poll.refuse("relative T 1", 22, 0)
    poll.refuse(f"{path} T 1;" * 1024 + path, 7, 1024 * (at + 4))
    poll.refuse("x" * 70000, 7, 65536, "64 KiB")
    poll.accept(f"{path} T 1;" * 1024)
    poll.silent()


def test_no_mount(poll, mounts):
    path = mounts.tmpfs()
    os.mkdir(path + "/sub")
    poll.refuse(f"{path}/sub T 1", 22, 0, "not a mount point")
    poll.refuse(f"{path}/no T 1", 2, 0, "no such path")
    poll.refuse(f"!{path}", 2, 1, "not watched")
    poll.refuse("/proc T 1", 95, 6)


def test_transaction(poll, mounts):
    a, b = mounts.tmpfs(), mounts.tmpfs()
    poll.refuse(f"{a} T 100%;{b} T 100%;{a}/no T 1", 2, 2 * len(a) + 16)
    poll.silent()
    poll.accept(f"{a} T 100%;{b} T 100%")
    poll.event("thr_lrbelow", mount=a, entry=1)
    poll.event("thr_lrbelow", mount=b, entry=2)
    # neither of the two
    poll.refuse(f"!{a};!{a}", 2, len(a) + 3)
    poll.refuse("!#1;!#3", 2, 5)
    poll.silent()
    poll.accept(f"!#1;!{b}")
    poll.event("cleared", mount=a, of="thr_lrbelow")
    poll.event("cleared", mount=b, of="thr_lrbelow")
    poll.silent()


def test_many(poll, mounts):
    """Lines that come at once each have a reply."""
    path = mounts.tmpfs()
    poll.process.stdin.write(f"{path} T 1\n\n{path}\n{path} T 2\n".encode())
    assert [poll.reply()["head"] for _ in range(4)] == \
        ["accepted", "accepted", "refused", "accepted"]


def test_types(poll, mounts):
    path = mounts.tmpfs()
    poll.accept(f"{path} T 100% I 100%")
    poll.event("thr_lrbelow")
    poll.event("ino_below", level_nr=1, total=100)
    poll.refuse(f"!{path} G", 2, len(path) + 2, "type")
    poll.accept(f"!{path} T")
    poll.event("cleared", of="thr_lrbelow")
    poll.accept(f"!{path} I")
    poll.event("cleared", of="ino_below")
    poll.refuse(f"!{path}", 2, 1)
    # removed and set again in a transaction: without the state it had
    poll.accept(f"{path} T 100% I 1")
    poll.event("thr_lrbelow", entry=2)
    poll.accept(f"!{path} T;{path} T 100%")
    poll.event("cleared", of="thr_lrbelow", entry=2)
    poll.event("thr_lrbelow", entry=2)
    poll.refuse(f"!#2;{path} T 1;!#2", 2, len(path) + 10)
    poll.accept("")
    poll.event("cleared", of="thr_lrbelow", entry=2)
    # removed and made again in a transaction: another watch
    poll.accept(f"{path} T 100%")
    poll.event("thr_lrbelow", entry=3)
    poll.accept(f"!{path};{path} T 100%")
    poll.event("cleared", of="thr_lrbelow", entry=3)
    poll.event("thr_lrbelow", entry=4)


def test_blank(poll, mounts):
    path = mounts.tmpfs()
    poll.accept(f"{path} T 100%")
    poll.event("thr_lrbelow")
    poll.accept(f"{path} T 100%;")
    poll.silent()
    poll.accept("  \t ")
    poll.event("cleared", of="thr_lrbelow")
    poll.refuse(f"!{path}", 2, 1)
    poll.accept("")


def test_escapes(poll, mounts):
    path = mounts.top + "/a b=c\n\\ü;"
    os.mkdir(path)
    mounts.tmpfs(path=path)
    asked = path
    for char in "\\ \n;":
        asked = asked.replace(char, f"\\{ord(char):03o}")
    poll.accept(f"{asked} T 100%")
    line = poll.event("thr_lrbelow", mount=path)
    assert r"/a\040b\075c\012\134ü;" in line["text"], line["text"]
    assert re.fullmatch(
        r"seq=1 time=\d+\.\d{6} event=thr_lrbelow dev=0:\d+ mount=\S+ "
        r"fstype=tmpfs source=none avail=1024 level=1024 level_nr=1 "
        r"total=1024 frsize=4096 pid=0 count=1 entry=1 fsid=[0-9a-f]{16}"
        r"( uuid=[0-9a-f-]{36})?", line["text"]), line["text"]


# --- levels -----------------------------------------------------------------

def test_levels(poll, mounts):
    path = mounts.tmpfs()
    poll.accept(f"{path} T 512:768 256 128")
    poll.silent()
    fill(path, 3 << 20)
    poll.event("thr_lrbelow", level=512, level_nr=1)
    poll.event("thr_urbelow", level=256, level_nr=2)
    fill(path, 1 << 19, "more")
    poll.event("thr_below", level=128, level_nr=3)
    os.unlink(path + "/more")
    poll.event("thr_above", level_nr=3)
    # more than the first level, and not more than its re-arm
    os.truncate(path + "/file", 3 << 19)
    poll.event("thr_urabove", level_nr=2)
    poll.silent()
    os.unlink(path + "/file")
    poll.event("thr_lrabove", level_nr=1, avail=1024)


def test_rewritten(poll, mounts):
    path = mounts.tmpfs()
    poll.accept(f"{path} T 100% 10%")
    poll.event("thr_lrbelow")
    poll.accept(f"{path} T 100% 10%")
    poll.accept(f"{path} T 100% 20%")
    poll.silent()
    poll.accept(f"{path} T 10%")
    poll.event("cleared", of="thr_lrbelow", level_nr=1)
    poll.silent()


def test_inodes(poll, mounts):
    path = mounts.tmpfs()
    poll.accept(f"{path} I 50 10")
    for i in range(60):
        fill(path, 0, f"f{i}")
    poll.event("ino_below", level=50, level_nr=1)
    for i in range(60):
        os.unlink(f"{path}/f{i}")
    poll.event("ino_above", level_nr=1)


def test_full(poll, mounts):
    path = mounts.tmpfs()
    poll.accept(f"{path} G:enospc")
    fill(path, 4 << 20)
    poll.event("enospc", errno=28)
    os.unlink(path + "/file")
    poll.event("cleared", of="enospc")
    fill(path, 4 << 20)
    poll.event("enospc", errno=28)
    poll.accept(f"!{path} G")
    poll.event("cleared", of="enospc")


# --- mounts -----------------------------------------------------------------

def test_unmount(poll, mounts):
    path, other, bind = mounts.tmpfs(), mounts.ext4(), mounts.directory()
    run("mount", "--bind", path, bind)
    poll.accept(f"{path} T 1;{bind} T 1;{other} G")
    run("umount", bind)
    poll.event("unmount", SOON, mount=bind, errno=18, last=1)
    run("umount", path)
    poll.event("unmount", SOON, mount=path, errno=0, last=1)
    run("umount", other)
    poll.event("unmount", SOON, mount=other, errno=0, last=1)
    poll.refuse("!#1", 2, 1)
    # the program goes on
    mounts.tmpfs(path=path)
    poll.accept(f"{path} T 100%")
    poll.event("thr_lrbelow", entry=4)


def test_unmount_busy(poll, mounts):
    path = mounts.tmpfs()
    poll.accept(f"{path} T 100%")
    poll.event("thr_lrbelow")
    with open(path + "/file", "wb"):
        run("umount", "-l", path)
        # the file system is still there
        poll.event("unmount", errno=18, last=1)


def test_not_busy(poll, mounts):
    """Nothing that is watched is kept busy, not for a moment."""
    path = mounts.ext4()
    for _ in range(20):
        poll.accept(f"{path} G T 10% I 10%")
        run("umount", path)
        poll.event("unmount", SOON, errno=0)
        run("mount", "-o", "loop", path + ".img", path)


def test_moved(poll, mounts):
    path, to = mounts.tmpfs(), mounts.directory("to")
    poll.accept(f"{path} T 50%")
    run("mount", "--move", path, to)
    fill(to, 3 << 20)
    poll.event("thr_lrbelow", mount=to)


def test_covered(poll, mounts):
    """Another mount at the same place is not the one that is watched."""
    path = mounts.tmpfs()
    poll.accept(f"{path} T 50%")
    mounts.tmpfs(path=path)
    fill(path, 3 << 20)
    poll.silent(2.5)
    run("umount", path)
    fill(path, 3 << 20)
    poll.event("thr_lrbelow", mount=path)


# --- errors -----------------------------------------------------------------

def test_ext4_error(poll, mounts):
    path = mounts.ext4()
    name = os.path.basename(device(path))
    poll.accept(f"{path} G")
    with open(f"/sys/fs/ext4/{name}/trigger_fs_error", "w",
              encoding="ascii") as file:
        file.write("test")
    poll.event("corrupted", errno=117)
    poll.event("remount_ro", errno=30)
    poll.silent(1.2)
    # who comes later learns of it as well
    poll.accept(f"!{path}")
    poll.event("cleared", of="remount_ro")


def test_ext4_continues(poll, mounts):
    path = mounts.ext4("errors=continue")
    name = os.path.basename(device(path))
    poll.accept(f"{path} G")
    for _ in range(2):
        with open(f"/sys/fs/ext4/{name}/trigger_fs_error", "w",
                  encoding="ascii") as file:
            file.write("test")
        poll.event("corrupted", errno=117)
    poll.silent(1.2)


def test_administrator(poll, mounts):
    """A remount is not a failure."""
    path = mounts.ext4()
    poll.accept(f"{path} G")
    for options in "ro", "rw":
        run("mount", "-o", "remount," + options, path)
        poll.silent(2.2)


def test_turned_ro(poll, mounts):
    """Read-only without mount(8): what a file system does itself."""
    path = mounts.ext4()
    poll.accept(f"{path} G:remount_ro")
    flip = ("import ctypes, sys; libc = ctypes.CDLL(None, use_errno=True); "
            "fs = libc.syscall(433, -100, sys.argv[1].encode(), 0); "
            "assert fs >= 0; "
            "flag = sys.argv[2].encode(); "
            "assert libc.syscall(431, fs, 0, flag, None, 0) == 0; "
            "assert libc.syscall(431, fs, 7, None, None, 0) == 0")
    run(sys.executable, "-c", flip, path, "ro")
    poll.event("remount_ro", errno=30)
    run(sys.executable, "-c", flip, path, "rw")
    poll.event("cleared", of="remount_ro")


def test_xfs_shutdown(poll, mounts):
    path = mounts.image(["mkfs.xfs", "-q", "-f"], 320 << 20)
    poll.accept(f"{path} G:remount_ro,shutdown")
    run("xfs_io", "-x", "-c", "shutdown", path)
    poll.event("remount_ro", errno=30)
    poll.event("shutdown", errno=108)
    run("umount", path)
    poll.event("unmount", errno=0)


# --- servers ----------------------------------------------------------------

def below_and_above(poll, path):
    fill(path, 3 << 20)
    poll.event("thr_lrbelow", mount=path)
    os.unlink(path + "/file")
    poll.event("thr_lrabove", mount=path)


def test_server_hangs_asked(poll, mounts):
    """A watched server hangs: it holds up neither events nor requests."""
    path, server = mounts.fuse()
    to, other = mounts.directory("to"), mounts.tmpfs()
    poll.accept(f"{path} T 1;{other} T 50%")
    os.kill(server.pid, signal.SIGSTOP)
    try:
        # One that was moved is asked at once.
        run("mount", "--move", path, to)
        wait_until(lambda: len(os.listdir(f"/proc/{poll.process.pid}/task"))
                   == 2)
        below_and_above(poll, other)
        poll.accept(f"{other} T 40%")
        below_and_above(poll, other)
        poll.accept("")
    finally:
        os.kill(server.pid, signal.SIGCONT)
    wait_until(lambda: len(os.listdir(f"/proc/{poll.process.pid}/task")) == 1)
    poll.silent()


def test_server_hangs_request(poll, mounts):
    """A request that waits for a server holds up no event."""
    path, server = mounts.fuse()
    other = mounts.tmpfs()
    poll.accept(f"{other} T 50%;{path} T 1")
    os.kill(server.pid, signal.SIGSTOP)
    try:
        poll.send(f"{path} T 2")
        for _ in range(3):
            below_and_above(poll, other)
        # it ends although a thread is kept by the server
        poll.process.stdin.close()
        assert select.select([poll.process.stdout], [], [], 5)[0]
        assert poll.process.stdout.read(1) == b""
    finally:
        os.kill(server.pid, signal.SIGCONT)


def test_server_goes(poll, mounts):
    path, server = mounts.fuse()
    poll.accept(f"{path} T 100%")
    poll.event("thr_lrbelow", fstype="fuse.demo", source="server")
    run("umount", path)
    poll.event("unmount", mount=path, errno=0, last=1)
    server.wait(DEADLINE)


# --- the reader and the writer ----------------------------------------------

def test_slow_reader(poll, mounts):
    """1,024 events wait at most; then the oldest go and are counted."""
    path = mounts.tmpfs("size=32M")
    names = [mounts.directory() for _ in range(20)]
    levels = " ".join(str(level) for level in range(6000, 5936, -1))
    for name in names:
        run("mount", "--bind", path, name)
        poll.accept(f"{name} T {levels}")
    # Another one says when it is time to go on.
    witness = Poll()
    witness.accept(f"{path} T 5937")
    for _ in range(3):
        fill(path, 16 << 20)
        witness.event("thr_lrbelow")
        os.unlink(path + "/file")
        witness.event("thr_lrabove")
    witness.close()
    seen = lost = 0
    while (text := poll.read_line(3)) is not None:
        key, _, number = text.split(" ")[0].partition("=")
        if key == "lost":
            lost += int(number)
        else:
            seen += 1
            assert int(number) == seen + lost, text
    assert lost and seen >= 1024, f"{seen} lines, {lost} lost"


def test_end(_, mounts):
    path = mounts.tmpfs()
    done = subprocess.run([PROGRAM], input=f"{path} T 100%\n".encode(),
                          stdout=subprocess.PIPE, check=True, timeout=60)
    lines = done.stdout.decode().splitlines()
    assert lines[1] == "accepted", lines
    assert "event=thr_lrbelow" in lines[2], lines
    # more than is read at a time
    many = f"{path} T 50%\n".encode() * 3000
    done = subprocess.run([PROGRAM], input=many, stdout=subprocess.PIPE,
                          check=True, timeout=DEADLINE)
    assert done.stdout.count(b"accepted\n") == 3000, done.stdout[-200:]
    # a line that was not ended is not carried out
    done = subprocess.run([PROGRAM], input=f"{path} T 100%".encode(),
                          stdout=subprocess.PIPE, check=True, timeout=60)
    assert len(done.stdout.splitlines()) == 1, done.stdout


def test_closed_files(*_):
    for files in "<&-", ">&-", "2>&-", "<&- >&- 2>&-":
        subprocess.run(f"{PROGRAM} {files} </dev/null", shell=True, check=True,
                       timeout=60, stdout=subprocess.DEVNULL)
        subprocess.run(f"{PROGRAM} {files}", shell=True, check=True, timeout=60,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def test_reader_goes(poll, _):
    poll.process.stdout.close()
    assert poll.process.wait(60) == 0


def test_arguments(*_):
    assert subprocess.run([PROGRAM, "/srv"], check=False, timeout=60,
                          stderr=subprocess.DEVNULL).returncode == 2
    version = subprocess.check_output([PROGRAM, "--version"], text=True)
    assert version.startswith("fsalert-poll "), version


# --- without privilege ------------------------------------------------------

def test_user(_, mounts):
    path = mounts.tmpfs()
    poll = Poll(**NOBODY)
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


def test_user_hidden(_, mounts):
    """A directory that may not be searched, one that may not be read."""
    path = mounts.tmpfs()
    os.mkdir(path + "/in")
    mounts.tmpfs(path=path + "/in")
    poll = Poll(**NOBODY)
    os.chmod(path + "/in", 0o311)
    poll.accept(f"{path}/in T 1")
    run("umount", path + "/in")
    # Without the right to read, only that the mount went is known.
    poll.event("unmount", errno=18, last=1)
    mounts.tmpfs(path=path + "/in")
    os.chmod(path, 0o600)
    poll.refuse(f"{path}/in T 1", 13, 0)
    poll.close()


def test_user_limit(_, mounts):
    path = mounts.tmpfs("size=4M")
    names = []
    for i in range(129):
        names.append(f"{path}/{i}")
        os.mkdir(names[-1])
        run("mount", "--bind", path, names[-1])
    poll = Poll(**NOBODY)
    for name in names[:128]:
        poll.accept(f"{name} T 1")
    poll.refuse(f"{names[128]} T 1", 122, 0, "too many")
    poll.accept(f"!{names[0]};{names[128]} T 1")
    poll.close()


# --- running ----------------------------------------------------------------

def run_test(number, name, test):
    """Return: it passed."""
    mounts = Mounts()
    poll = Poll()
    result, note = "ok", ""
    try:
        test(poll, mounts)
        if poll.process.poll() is None and not poll.process.stdin.closed:
            poll.close()
    except Skip as reason:
        note = f" # SKIP {reason}"
    except Exception:
        result = "not ok"
        for line in traceback.format_exc().splitlines():
            print("#", line)
    finally:
        poll.process.kill()
        mounts.clean()
    print(f"{result} {number} - {name}{note}", flush=True)
    return result == "ok"


def main():
    tests = [(name[5:], test) for name, test in globals().items()
             if name.startswith("test_") and
             (not sys.argv[3:] or name[5:] in sys.argv[3:])]
    print(f"1..{len(tests)}")
    passed = [run_test(number, *test) for number, test in enumerate(tests, 1)]
    os.rmdir(TOP)
    sys.exit(not all(passed))


if __name__ == "__main__":
    if os.geteuid() or len(sys.argv) < 3:
        print("usage, as root: program_test.py PROGRAM FUSE-SERVER [TEST]...",
              file=sys.stderr)
        sys.exit(2)
    if "FSALERT_POLL_NS" not in os.environ:
        os.environ["FSALERT_POLL_NS"] = "1"
        os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.argv])
    PROGRAM, FUSE_SERVER = sys.argv[1:3]
    TOP = tempfile.mkdtemp(prefix="fsalert-poll-")
    os.chmod(TOP, 0o755)
    main()
