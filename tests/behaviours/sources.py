# SPDX-License-Identifier: GPL-2.0-only
"""
The two sources of events of private watches, with one interface: the file
`watch` of the kernel, and the program fsalert-poll.
"""

import contextlib
import os
import re
import select
import subprocess
import threading
import time

DEADLINE = 70   # s: a file system at rest is asked every 60 s
SOON = 10       # s: no question has to be waited for

WATCH = "/sys/fs/events/watch"

# A user and a group that own nothing.
UID, GID = 1000, 64999


def unescape(text):
    return re.sub(r"\\(\d{3})", lambda m: chr(int(m.group(1), 8)), text)


def parse(text):
    """The fields of a line, its first word and all of it."""
    words = text.split(" ")
    line = {"text": text, "head": words[0].split("=")[0]}
    for word in words:
        key, equals, value = word.partition("=")
        if equals:
            line[key] = unescape(value)
    return line


class Source:
    """Lines from a descriptor."""

    def __init__(self, fd):
        self.fd = fd
        self.buffer = b""
        self.events = []

    def read_line(self, deadline):
        """A line, or None when none came; "" at the end of the file."""
        end = time.monotonic() + deadline
        while b"\n" not in self.buffer:
            left = max(end - time.monotonic(), 0)
            if not select.select([self.fd], [], [], left)[0]:
                return None
            data = os.read(self.fd, 65536)
            if not data:
                return ""
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode()

    def line(self, deadline=DEADLINE):
        text = self.read_line(deadline)
        assert text is not None, f"no line within {deadline} s"
        assert text, "unexpected end of the file"
        return parse(text)

    def another(self, as_user=False):
        raise NotImplementedError

    def send(self, request):
        raise NotImplementedError

    def reply(self):
        raise NotImplementedError

    def accept(self, request):
        self.send(request)
        line = self.reply()
        assert line["head"] == "accepted", f"{request[:200]}: {line['text']}"

    def refuse(self, request, errno, at, why=None):
        self.send(request)
        line = self.reply()
        assert line["head"] == "refused", f"{request[:200]}: {line['text']}"
        got = (int(line["errno"]), int(line["at"]))
        assert got == (errno, at), f"{request[:200]}: {line['text']}"
        assert why is None or why in line["why"], line["text"]

    def event(self, name, deadline=DEADLINE, **fields):
        line = self.events.pop(0) if self.events else self.line(deadline)
        assert line.get("event") == name, f"not {name}: {line['text']}"
        for key, value in fields.items():
            assert line.get(key) == str(value), \
                f"{key} is not {value}: {line['text']}"
        return line

    def any_order(self, name, *wanted):
        """An event for each of `wanted`: file systems do not wait in line."""
        wanted = [{k: str(v) for k, v in fields.items()} for fields in wanted]
        while wanted:
            line = self.event(name)
            found = [w for w in wanted if w.items() <= line.items()]
            assert found, f"none of {wanted}: {line['text']}"
            wanted.remove(found[0])

    def silent(self, seconds=0.3):
        assert not self.events, self.events[0]["text"]
        text = self.read_line(seconds)
        assert not text, f"unexpected: {text}"


class Kernel(Source):
    """
    The file `watch`. write(2) gives the reply; the first line to be read then
    has the reason of a refusal.
    """

    is_kernel = True

    def __init__(self, as_user=False):
        self.as_user = as_user
        self.thread = None
        self.done = None
        with self.rights():
            super().__init__(os.open(WATCH, os.O_RDWR | os.O_NONBLOCK))

    def another(self, as_user=False):
        return Kernel(as_user)

    @contextlib.contextmanager
    def rights(self):
        """Those of the user, for a while."""
        groups = os.getgroups()
        if self.as_user:
            os.setgroups([])
            os.setresgid(GID, GID, 0)
            os.setresuid(UID, UID, 0)
        try:
            yield
        finally:
            if self.as_user:
                os.setresuid(0, 0, 0)
                os.setresgid(0, 0, 0)
                os.setgroups(groups)

    def write(self, request):
        try:
            with self.rights():
                os.write(self.fd, request.encode(errors="surrogateescape") or b"\n")
            self.done = 0
        except OSError as error:
            self.done = error.errno

    def send(self, request):
        """It may wait for a server."""
        self.done = None
        self.thread = threading.Thread(target=self.write, args=[request],
                                       daemon=True)
        self.thread.start()

    def reply(self):
        self.thread.join(DEADLINE)
        assert self.done is not None, "write(2) does not return"
        if not self.done:
            return {"head": "accepted", "text": "accepted"}
        # The reason comes before any event that nothing has begun to read.
        begun = self.buffer.count(b"\n")
        for _ in range(begun + 1):
            line = self.line(SOON)
            if line["head"] == "refused":
                assert line["errno"] == str(self.done), line["text"]
                return line
            self.events.append(line)
        raise AssertionError(f"no reason after errno {self.done}")

    def close(self):
        os.close(self.fd)

    finish = close

    def kill(self):
        with contextlib.suppress(OSError):
            os.close(self.fd)


class Helper(Source):
    """The program; a line is a request, and each has a line as its reply."""

    is_kernel = False

    def __init__(self, program, as_user=False):
        user = {"user": UID, "group": GID, "extra_groups": []}
        self.program = program
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            bufsize=0, **(user if as_user else {}))
        super().__init__(self.process.stdout.fileno())
        self.capabilities = self.line()

    def another(self, as_user=False):
        return Helper(self.program, as_user)

    def send(self, request):
        self.process.stdin.write(request.encode(errors="surrogateescape") + b"\n")

    def reply(self):
        while True:
            line = self.line()
            if line["head"] in ("accepted", "refused"):
                return line
            self.events.append(line)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        status = self.process.wait(DEADLINE)
        assert status == 0, f"exit status {status}"

    def finish(self):
        """At the end of a test, which may have ended it."""
        if self.process.poll() is None and not self.process.stdin.closed:
            self.close()

    def kill(self):
        self.process.kill()
        self.process.wait()
