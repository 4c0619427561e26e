#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
poll.py ROUNDS - in the VM: the kernel's `watch` and fsalert-poll get the same
random requests, and have to answer alike: accepted or refused, at which word
and why, and with the same events in the same lines. As root and as a user that
owns nothing. Prints TAP.
"""

import os
import random
import select
import subprocess
import sys
import time

DEADLINE = 20
TOP = "/mnt"
SEED = int(os.environ.get("FSE_SEED", "1"))

PATHS = ["/mnt/half", "/mnt/full", "/mnt/bind", "/mnt/b\\040k", "/mnt/disk",
         "/mnt/link"]
WRONG = ["/mnt/half/sub", "/mnt/no", "/proc", "/mnt/hidden/in", "relative",
         "/mnt/half/file/x", "/mnt/b\\07x", "/mnt/loop", "/", "/mnt/image"]
AMOUNTS = ["1", "10", "64", "256", "512", "513", "1000", "1M", "2M", "1K", "3G",
           "50%", "100%", "10%", "90%"]
WRONG_AMOUNTS = ["101%", "99999999999999999999", "1X", "17000000000G", "5:",
                 "10:5", "many"]
NAMES = ["enospc", "enospc_meta", "corrupted", "io_error", "remount_ro",
         "shutdown"]


class Source:
    """Lines from a descriptor; what comes from them is kept as (key, line)."""

    def __init__(self, read_from):
        self.read_from = read_from
        self.buffer = b""
        self.events = []

    def line(self, seconds):
        while b"\n" not in self.buffer:
            if not select.select([self.read_from], [], [], seconds)[0]:
                return None
            data = os.read(self.read_from, 65536)
            if not data:
                return None
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode()

    def take(self, line):
        fields = dict(word.partition("=")[::2] for word in line.split(" "))
        # What differs from run to run, and who is to blame for ENOSPC.
        text = " ".join(word for word in line.split(" ") if not
                        word.startswith(("seq=", "time=", "pid=")))
        self.events.append((fields["entry"], text))

    def drain(self, seconds):
        while (line := self.line(seconds)) is not None:
            self.take(line)

    def sorted_events(self):
        # The order is that of each watch; sorted() keeps it.
        return sorted(self.events, key=lambda event: int(event[0]))


class Kernel(Source):
    def __init__(self):
        self.fd = os.open("/sys/fs/events/watch", os.O_RDWR | os.O_NONBLOCK)
        super().__init__(self.fd)

    def request(self, request):
        try:
            os.write(self.fd, request.encode() or b"\n")
        except OSError as error:
            while not (line := self.line(1)).startswith("refused"):
                self.take(line)
            assert f"errno={error.errno} " in line, line
            return line
        return "accepted"


class Helper(Source):
    def __init__(self):
        self.process = subprocess.Popen(["/fsalert-poll"], bufsize=0,
                                        stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        super().__init__(self.process.stdout.fileno())
        assert self.line(DEADLINE).startswith("capabilities ")

    def request(self, request):
        self.process.stdin.write(request.encode() + b"\n")
        while not (line := self.line(DEADLINE)).startswith(
                ("accepted", "refused")):
            self.take(line)
        return line


def run(*command):
    subprocess.run(command, check=True)


def fill(path, size):
    with open(path + "/file", "wb") as file:
        file.write(b"x" * size)


def set_up():
    for name in "half", "full", "bind", "b k", "disk", "hidden", "image":
        os.mkdir(f"{TOP}/{name}")
    for name in "half", "full", "b k", "hidden":
        run("mount", "-t", "tmpfs", "-o", "size=4M,nr_inodes=100", "tmpfs",
            f"{TOP}/{name}")
    fill(TOP + "/half", 2 << 20)
    fill(TOP + "/full", 4 << 20)
    os.mkdir(TOP + "/half/sub")
    os.mkdir(TOP + "/hidden/in")
    run("mount", "-t", "tmpfs", "tmpfs", TOP + "/hidden/in")
    os.chmod(TOP + "/hidden", 0o700)
    run("mount", "--bind", TOP + "/half", TOP + "/bind")
    run("mkfs.ext4", "-q", "/dev/vda")
    run("mount", "/dev/vda", TOP + "/disk")
    run("mksquashfs", "/mnt/half/sub", "/image", "-quiet", "-no-progress")
    run("mount", "-o", "loop", "/image", TOP + "/image")
    os.symlink("half", TOP + "/link")
    os.symlink("loop", TOP + "/loop")


class Requests:
    """Random requests; every second has something wrong."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.letters = "GTI" if not os.geteuid() else "TTIIG"

    def one_of(self, right, wrong):
        return self.random.choice(wrong if self.random.random() < 0.02
                                  else right)

    def amount(self):
        return self.one_of(AMOUNTS, WRONG_AMOUNTS)

    def level(self):
        level = self.amount()
        if self.random.random() < 0.2:
            level += ":" + self.random.choice(AMOUNTS)
        return level

    def spec(self, letter):
        if letter == "G":
            if self.random.random() < 0.5:
                return "G"
            names = self.random.sample(NAMES, self.random.randint(1, 3))
            return "G:" + ",".join(self.one_of([name], ["", "thr_lrbelow"])
                                   for name in names)
        nr = self.one_of([1, 1, 1, 2], [0, 3])
        return " ".join([letter] + [self.level() for _ in range(nr)])

    def request(self):
        path = self.one_of(PATHS, WRONG)
        kind = self.random.random()
        if kind < 0.05:
            return f"!#{self.random.randint(0, 30)}"
        if kind < 0.1:
            return f"!{path}"
        letters = self.random.sample(self.letters,
                                     self.random.choice([1, 1, 2]))
        letters = sorted(set(letters), key=letters.index)
        if kind < 0.2:
            return f"!{path} " + " ".join(letters)
        letters = self.one_of([letters], [letters + letters, ["X"]])
        return path + " " + " ".join(self.spec(letter) for letter in letters)

    def write(self):
        if self.random.random() < 0.03:
            return ""
        nr = self.random.choice([1, 1, 1, 2, 3])
        return self.random.choice([";", " ; "]).join(
            self.request() for _ in range(nr))


def settle(kernel, helper):
    """Wait until both have said the same. Return: they have."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        kernel.drain(0.01)
        helper.drain(0.01)
        if kernel.sorted_events() == helper.sorted_events():
            kernel.events.clear()
            helper.events.clear()
            return True
    return False


def show(request, answers, sources):
    print(f"# {request}")
    for name, answer, source in zip(("kernel", "helper"), answers, sources):
        print(f"# {name}: {answer}")
        for _, text in source.sorted_events():
            print(f"#   {text}")


def compare(rounds, seed):
    """Return: both did the same in all rounds."""
    kernel, helper = Kernel(), Helper()
    requests = Requests(seed)
    accepted = 0
    for _ in range(rounds):
        request = requests.write()
        answers = kernel.request(request), helper.request(request)
        same = answers[0] == answers[1]
        if not settle(kernel, helper) or not same:
            show(request, answers, (kernel, helper))
            return False
        accepted += answers[0] == "accepted"
    # Until both have been silent for a second.
    kernel.drain(1)
    helper.drain(1)
    same = settle(kernel, helper)
    if not same:
        show("at the end", ("", ""), (kernel, helper))
    helper.process.stdin.close()
    helper.process.wait()
    os.close(kernel.fd)
    print(f"# {rounds} writes, {accepted} of them accepted")
    return same


def compare_as_user(rounds, seed):
    child = os.fork()
    if not child:
        os.setgroups([])
        os.setgid(64999)
        os.setuid(1000)
        same = compare(rounds, seed)
        sys.stdout.flush()
        os._exit(not same)
    return os.waitpid(child, 0)[1] == 0


def main():
    rounds = int(sys.argv[1])
    set_up()
    failed = 0
    print("1..2")
    for number, (who, test) in enumerate((("root", compare),
                                          ("a user", compare_as_user)), 1):
        sys.stdout.flush()
        same = test(rounds, SEED)
        print(f"{'ok' if same else 'not ok'} {number} - as {who}", flush=True)
        failed += not same
    sys.exit(failed)


main()
