# SPDX-License-Identifier: GPL-2.0-only
"""
Random requests: the kernel's `watch` and fsalert-poll get the same ones, and have
to answer alike: accepted or refused, at which word and why, and with the same
events in the same lines.
"""

import os
import random
import time

from mounts import fill, run
from sources import parse

DEADLINE = 20
SEED = int(os.environ.get("FSE_SEED", "1"))

PATHS = ["TOP/half", "TOP/full", "TOP/bind", "TOP/b\\040k", "TOP/disk",
         "TOP/link"]
WRONG = ["TOP/half/sub", "TOP/no", "/proc", "TOP/hidden/in", "relative",
         "TOP/half/file/x", "TOP/b\\07x", "TOP/loop", "/", "TOP/image"]
AMOUNTS = ["1", "10", "64", "256", "512", "513", "1000", "1M", "2M", "1K", "3G",
           "50%", "100%", "10%", "90%"]
WRONG_AMOUNTS = ["101%", "99999999999999999999", "1X", "17000000000G", "5:",
                 "10:5", "many"]
NAMES = ["enospc", "enospc_meta", "corrupted", "io_error", "remount_ro",
         "shutdown"]


class Requests:
    """Random requests; every second has something wrong."""

    def __init__(self, top, seed, as_user):
        self.top = top
        self.random = random.Random(seed)
        self.letters = "TTIIG" if as_user else "GTI"

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
        path = self.one_of(PATHS, WRONG).replace("TOP", self.top)
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


def set_up(mounts):
    """Every path of PATHS and WRONG."""
    top = mounts.top
    for name in "half", "full", "bind", "b k", "disk", "hidden", "image":
        os.mkdir(f"{top}/{name}")
    for name in "half", "full", "b k", "hidden":
        mounts.tmpfs(path=f"{top}/{name}")
    fill(top + "/half", 2 << 20)
    fill(top + "/full", 4 << 20)
    os.mkdir(top + "/half/sub")
    os.mkdir(top + "/hidden/in")
    mounts.tmpfs(path=top + "/hidden/in")
    os.chmod(top + "/hidden", 0o700)
    run("mount", "--bind", top + "/half", top + "/bind")
    run("mount", "--bind", mounts.ext4(), top + "/disk")
    run("mksquashfs", top + "/half/sub", top + "/squashed", "-quiet",
        "-no-progress")
    run("mount", "-o", "loop", top + "/squashed", top + "/image")
    os.symlink("half", top + "/link")
    os.symlink("loop", top + "/loop")


def shown(line):
    """
    What has to be the same: not the numbers of a run, nor the process to blame
    for ENOSPC.
    """
    text = " ".join(word for word in line["text"].split(" ") if not
                    word.startswith(("seq=", "time=", "pid=")))
    return int(line["entry"]), text


def drain(source, seconds):
    while text := source.read_line(seconds):
        source.events.append(parse(text))


def is_of_full(line):
    return "enospc" in line["event"] or "enospc" in line.get("of", "")


def all_shown(source):
    # Built in, file system events report calls that fail, not that it is full.
    built_in = not os.path.exists("/sys/module/fs_events/initstate")
    # The order is that of each watch; sorted() keeps it.
    return sorted((shown(line) for line in source.events
                   if not (built_in and is_of_full(line))),
                  key=lambda event: event[0])


def settle(sources):
    """Wait until both have said the same. Return: they have."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        for source in sources:
            drain(source, 0.01)
        if all_shown(sources[0]) == all_shown(sources[1]):
            for source in sources:
                source.events.clear()
            return True
    return False


def ask(source, request):
    source.send(request)
    return source.reply()["text"]


def show(request, answers, sources):
    print(f"# {request}")
    for answer, source in zip(answers, sources):
        print(f"# {'kernel' if source.is_kernel else 'fsalert-poll'}: {answer}")
        for _, text in all_shown(source):
            print(f"#   {text}")


def compare(sources, mounts, rounds, as_user):
    """Return: both did the same in all rounds."""
    set_up(mounts)
    requests = Requests(mounts.top, SEED, as_user)
    accepted = 0
    for _ in range(rounds):
        request = requests.write()
        answers = [ask(source, request) for source in sources]
        if not settle(sources) or answers[0] != answers[1]:
            show(request, answers, sources)
            return False
        accepted += answers[0] == "accepted"
    # Until both have been silent for a second.
    for source in sources:
        drain(source, 1)
    print(f"# {rounds} writes, {accepted} of them accepted")
    if settle(sources):
        return True
    show("at the end", ("", ""), sources)
    return False
