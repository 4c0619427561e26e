# SPDX-License-Identifier: LGPL-2.1-or-later
"""
Alerts about file systems: little space or few inodes left, no space, corruption,
I/O errors, writes no longer accepted, unmounts.

    alerts = fsalert.open()
    alerts.watch('/srv', space='5%:8%')
    for event in alerts:
        print(event.name, event.mount, event.avail)

open(), open_all(), open_config() and open_fd() return Alerts, which give each Event;
watches() returns the global watches, each with its state. escape(), mount_of() and
type_of() help to write requests and to read them.

This is libfsalert; its manual page libfsalert(3) says what is promised. An object
may be used by one thread at a time. Errors are OSError, with the reason.
"""
from __future__ import annotations

import ctypes
import enum
import errno
import os
from typing import Iterator, Optional, Union

__all__ = ['Alerts', 'Event', 'From', 'Key', 'Level', 'Severity', 'Type',
           'Watch', 'escape', 'mount_of', 'open', 'open_all', 'open_config',
           'open_fd', 'type_of', 'version', 'watches']

_INT_MAX = 2 ** 31 - 1
_lib = ctypes.CDLL('libfsalert.so.0', use_errno=True)
# The free() that belongs to the library's malloc().
_free = ctypes.CDLL(None).free
_free.restype = None
_free.argtypes = (ctypes.c_void_p,)


class From(enum.IntEnum):
    """Where the events of private watches come from."""
    ANY = 0
    KERNEL = 1
    POLL = 2


class Type(enum.IntEnum):
    """What happened."""
    UNKNOWN = 0
    ENOSPC = 1
    ENOSPC_META = 2
    BELOW = 3
    ABOVE = 4
    INO_BELOW = 5
    INO_ABOVE = 6
    REMOUNT_RO = 7
    CORRUPTED = 8
    IO_ERROR = 9
    SHUTDOWN = 10
    CLEARED = 11
    UNMOUNT = 12
    OWN = 13
    LOST = 32
    GONE = 33
    BACK = 34
    ADDED = 35
    CHANGED = 36
    REMOVED = 37

    @classmethod
    def _missing_(cls, value: object) -> Type:
        return cls.UNKNOWN


class Severity(enum.IntEnum):
    """How bad an event is."""
    INFO = 0
    WARNING = 1
    ERROR = 2


class Key(enum.IntEnum):
    """A fact; up to REQUEST each is an attribute of Event, too."""
    NAME = 1
    SEQ = 2
    TIME = 3
    DEV_MAJOR = 4
    DEV_MINOR = 5
    MOUNT = 6
    FSTYPE = 7
    SOURCE = 8
    AVAIL = 9
    TOTAL = 10
    FRSIZE = 11
    LEVEL = 12
    LEVEL_NR = 13
    ERRNO = 14
    INO = 15
    PID = 16
    COUNT = 17
    ENTRY = 18
    FSID = 19
    UUID = 20
    LAST = 21
    OF = 22
    RESYNC = 23
    ID = 24
    REQUEST = 25
    EVENTS = 26
    LASTING = 27
    INODES_FREE = 28
    INODES = 29
    ELSEWHERE = 30
    KIND = 31
    REARM = 32
    IS_BELOW = 33
    TEXT = 34


_TEXTS = {Key.NAME, Key.MOUNT, Key.FSTYPE, Key.SOURCE, Key.UUID, Key.REQUEST}


class _Spec(ctypes.Structure):
    _fields_ = [('size', ctypes.c_size_t), ('events', ctypes.c_char_p),
                ('space', ctypes.c_char_p), ('inodes', ctypes.c_char_p)]


def _declare(name: str, result: object, *arguments: object) -> None:
    function = getattr(_lib, name)
    function.restype = result
    function.argtypes = arguments


_handle = ctypes.c_void_p
_declare('fsalert_open', ctypes.c_int, ctypes.POINTER(_handle), ctypes.c_int)
_declare('fsalert_open_all', ctypes.c_int, ctypes.POINTER(_handle),
         ctypes.c_char_p, ctypes.c_size_t)
_declare('fsalert_open_config', ctypes.c_int, ctypes.POINTER(_handle),
         ctypes.c_char_p)
_declare('fsalert_open_fd', ctypes.c_int, ctypes.POINTER(_handle), ctypes.c_int)
_declare('fsalert_watch_fd', ctypes.c_int, _handle)
_declare('fsalert_unref', _handle, _handle)
_declare('fsalert_source', ctypes.c_int, _handle)
_declare('fsalert_queue_bytes', ctypes.c_size_t, _handle)
_declare('fsalert_request', ctypes.c_int, _handle, ctypes.c_char_p)
_declare('fsalert_watch', ctypes.c_int, _handle, ctypes.c_char_p,
         ctypes.POINTER(_Spec))
_declare('fsalert_mount_of', ctypes.c_int, ctypes.c_char_p,
         ctypes.POINTER(ctypes.c_void_p))
# As a pointer: c_char_p would lose what is to be freed.
_declare('fsalert_escape', ctypes.c_void_p, ctypes.c_char_p)
_declare('fsalert_why', ctypes.c_char_p, _handle,
         ctypes.POINTER(ctypes.c_size_t))
_declare('fsalert_fd', ctypes.c_int, _handle)
_declare('fsalert_wait', ctypes.c_int, _handle, ctypes.c_int,
         ctypes.POINTER(ctypes.c_void_p))
_declare('fsalert_can', ctypes.c_uint64, _handle)
_declare('fsalert_cannot', ctypes.c_char_p, _handle)
_declare('fsalert_type', ctypes.c_int, ctypes.c_void_p)
_declare('fsalert_severity', ctypes.c_int, ctypes.c_void_p)
_declare('fsalert_u64', ctypes.c_int, ctypes.c_void_p, ctypes.c_int,
         ctypes.POINTER(ctypes.c_uint64))
_declare('fsalert_str', ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)
_declare('fsalert_payload', ctypes.c_void_p, ctypes.c_void_p,
         ctypes.POINTER(ctypes.c_size_t))
_declare('fsalert_type_of', ctypes.c_int, ctypes.c_char_p)
_declare('fsalert_version', ctypes.c_char_p)
_entry_fn = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_declare('fsalert_list', ctypes.c_int, _entry_fn, ctypes.c_void_p)
_declare('fsalert_each', ctypes.c_int, _handle, _entry_fn, ctypes.c_void_p)
_declare('fsalert_entry_u64', ctypes.c_int, ctypes.c_void_p, ctypes.c_int,
         ctypes.POINTER(ctypes.c_uint64))
_declare('fsalert_entry_str', ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)
_declare('fsalert_level_u64', ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t,
         ctypes.c_int, ctypes.POINTER(ctypes.c_uint64))
_declare('fsalert_level_str', ctypes.c_char_p, ctypes.c_void_p,
         ctypes.c_size_t, ctypes.c_int)


def _decode(text: Optional[bytes]) -> Optional[str]:
    return None if text is None else os.fsdecode(text)


def _encode(text: Optional[str]) -> Optional[bytes]:
    data = None if text is None else os.fsencode(text)
    # C would take what is before it for all.
    if data and b'\0' in data:
        raise ValueError('embedded null character')
    return data


def _take(pointer: int) -> str:
    """Text that the library allocated."""
    try:
        return os.fsdecode(ctypes.string_at(pointer))
    finally:
        _free(pointer)


def _payload(pointer: ctypes.c_void_p) -> Optional[bytes]:
    length = ctypes.c_size_t()
    data = _lib.fsalert_payload(pointer, ctypes.byref(length))
    return ctypes.string_at(data, length.value) if data else None


class Event:
    """
    An event. Facts that it does not have are None. The payload is what a file
    system put into its own event, Type.OWN: a copy of its netlink attributes.
    """
    type: Type
    severity: Severity
    name: Optional[str]
    seq: Optional[int]
    time: Optional[int]
    dev_major: Optional[int]
    dev_minor: Optional[int]
    mount: Optional[str]
    fstype: Optional[str]
    source: Optional[str]
    avail: Optional[int]
    total: Optional[int]
    frsize: Optional[int]
    level: Optional[int]
    level_nr: Optional[int]
    errno: Optional[int]
    ino: Optional[int]
    pid: Optional[int]
    count: Optional[int]
    entry: Optional[int]
    fsid: Optional[int]
    uuid: Optional[str]
    last: Optional[int]
    of: Optional[Type]
    resync: Optional[int]
    id: Optional[int]
    request: Optional[str]
    payload: Optional[bytes]

    def __init__(self, pointer: ctypes.c_void_p) -> None:
        self.type = Type(_lib.fsalert_type(pointer))
        self.severity = Severity(_lib.fsalert_severity(pointer))
        number = ctypes.c_uint64()
        for key in (key for key in Key if key <= Key.REQUEST):
            value: Union[None, int, str] = None
            if key in _TEXTS:
                value = _decode(_lib.fsalert_str(pointer, key))
            elif not _lib.fsalert_u64(pointer, key, ctypes.byref(number)):
                value = Type(number.value) if key is Key.OF else number.value
            setattr(self, key.name.lower(), value)
        self.payload = _payload(pointer)

    @property
    def is_error(self) -> bool:
        """Is its severity that of an error?"""
        return self.severity is Severity.ERROR

    def __repr__(self) -> str:
        return f'<fsalert.Event {self.name} {self.mount}>'


def _types(mask: Optional[int]) -> frozenset[Type]:
    return frozenset(kind for kind in Type if kind and (mask or 0) >> kind & 1)


class Level:
    """A level of a watch: kind is Type.BELOW, space, or Type.INO_BELOW."""

    def __init__(self, entry: int, index: int) -> None:
        def number(key: Key) -> int:
            value = ctypes.c_uint64()
            _lib.fsalert_level_u64(entry, index, key, ctypes.byref(value))
            return value.value
        self.kind = Type(number(Key.KIND))
        self.level_nr = number(Key.LEVEL_NR)
        self.level = number(Key.LEVEL)
        self.rearm = number(Key.REARM)
        self.is_below = bool(number(Key.IS_BELOW))
        self.text = _decode(_lib.fsalert_level_str(entry, index, Key.TEXT))


class Watch:
    """A global watch, and the state that it is in."""

    def __init__(self, entry: int) -> None:
        def number(key: Key) -> Optional[int]:
            value = ctypes.c_uint64()
            if _lib.fsalert_entry_u64(entry, key, ctypes.byref(value)):
                return None
            return value.value

        def text(key: Key) -> Optional[str]:
            return _decode(_lib.fsalert_entry_str(entry, key))
        self.entry = number(Key.ENTRY)
        self.mount = text(Key.MOUNT)
        self.fstype = text(Key.FSTYPE)
        self.source = text(Key.SOURCE)
        self.request = text(Key.REQUEST)
        self.events = _types(number(Key.EVENTS))
        self.lasting = _types(number(Key.LASTING))
        self.avail = number(Key.AVAIL)
        self.total = number(Key.TOTAL)
        self.frsize = number(Key.FRSIZE)
        self.inodes_free = number(Key.INODES_FREE)
        self.inodes = number(Key.INODES)
        self.levels: list[Level] = []
        while _lib.fsalert_level_str(entry, len(self.levels), Key.TEXT):
            self.levels.append(Level(entry, len(self.levels)))

    def __repr__(self) -> str:
        return f'<fsalert.Watch {self.mount} {self.request}>'


class Alerts:
    """Watches and their events. Iterating waits for events, for ever."""

    def __init__(self, handle: ctypes.c_void_p) -> None:
        self._handle: Optional[ctypes.c_void_p] = handle

    def close(self) -> None:
        """End private watches, and give the descriptor back."""
        if self._handle:
            _lib.fsalert_unref(self._handle)
        self._handle = None

    __del__ = close

    def _opened(self) -> ctypes.c_void_p:
        if not self._handle:
            raise ValueError('the alerts are closed')
        return self._handle

    def __enter__(self) -> Alerts:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(self, result: int) -> None:
        if result < 0:
            why = _decode(_lib.fsalert_why(self._handle, None))
            raise OSError(-result, why or os.strerror(-result))

    def request(self, request: str) -> None:
        """Set, change or remove watches: '/srv T 10%:12%', '!/srv'."""
        self._check(_lib.fsalert_request(self._opened(), _encode(request)))

    def watch(self, path: str, *, space: Optional[str] = None,
              inodes: Optional[str] = None,
              events: Optional[str] = None) -> None:
        """Watch the file system that a path is on."""
        spec = _Spec(ctypes.sizeof(_Spec), _encode(events), _encode(space),
                     _encode(inodes))
        self._check(_lib.fsalert_watch(self._opened(), _encode(path),
                                       ctypes.byref(spec)))

    def fileno(self) -> int:
        """A descriptor to wait on: readable until next() returned None."""
        return int(_lib.fsalert_fd(self._opened()))

    def wait(self, timeout: Optional[float] = None) -> Optional[Event]:
        """Wait for an event, for so many seconds; None: none came."""
        pointer = ctypes.c_void_p()
        milliseconds = -1
        if timeout is not None:
            milliseconds = int(min(max(timeout, 0) * 1000, _INT_MAX))
        result = _lib.fsalert_wait(self._opened(), milliseconds,
                                   ctypes.byref(pointer))
        if result < 0:
            raise OSError(-result, os.strerror(-result))
        return Event(pointer) if result else None

    def next(self) -> Optional[Event]:
        """The next event, if there is one; never waits."""
        return self.wait(0)

    def __iter__(self) -> Iterator[Event]:
        while True:
            try:
                event = self.wait()
            except InterruptedError:
                continue
            if event:
                yield event

    def watches(self) -> list[Watch]:
        """All global watches, of open_all() alone."""
        found: list[Watch] = []
        self._check(_lib.fsalert_each(self._opened(), _collect(found), None))
        return found

    @property
    def source(self) -> From:
        """Where the events come from."""
        return From(_lib.fsalert_source(self._opened()))

    @property
    def queue_bytes(self) -> int:
        """Size of the kernel's queue for open_all(); 0: the object has none."""
        return int(_lib.fsalert_queue_bytes(self._opened()))

    def watch_fd(self) -> int:
        """
        The descriptor of the kernel's file that private watches live in. It stays
        the object's. The watches go on while a copy of it is open: open_fd()
        takes one, also in another process.
        """
        result = int(_lib.fsalert_watch_fd(self._opened()))
        if result < 0:
            raise OSError(-result, 'the watches are not in a file of the kernel')
        return result

    def can(self, kind: Type) -> bool:
        """Can the source give such events?"""
        return bool(_lib.fsalert_can(self._opened()) >> kind & 1)

    @property
    def cannot(self) -> Optional[str]:
        """Why the source can't give all events."""
        return _decode(_lib.fsalert_cannot(self._opened()))


def _collect(found: list[Watch]) -> object:
    def add(entry: int, _: object) -> int:
        found.append(Watch(entry))
        return 0
    return _entry_fn(add)


def watches() -> list[Watch]:
    """All global watches, without listening: needs no privilege."""
    found: list[Watch] = []
    result = _lib.fsalert_list(_collect(found), None)
    if result:
        raise OSError(-result, 'no global watches: ' + os.strerror(-result))
    return found


def open(source: From = From.ANY) -> Alerts:  # pylint: disable=redefined-builtin
    """Open private watches: levels need no privilege."""
    handle = ctypes.c_void_p()
    result = _lib.fsalert_open(ctypes.byref(handle), source)
    if result:
        raise OSError(-result, 'no source of events: ' + os.strerror(-result))
    return Alerts(handle)


def open_all(instance: Optional[str] = None, queue_bytes: int = 0) -> Alerts:
    """Open all global watches of the kernel."""
    handle = ctypes.c_void_p()
    path = _encode(instance)
    # ctypes would cut off what is more than 64 bits.
    if not 0 <= queue_bytes <= _INT_MAX:
        raise OSError(errno.EINVAL, f'a queue of {queue_bytes} bytes')
    result = _lib.fsalert_open_all(ctypes.byref(handle), path, queue_bytes)
    if result:
        raise OSError(-result, 'no global watches: ' + os.strerror(-result))
    return Alerts(handle)


def open_config(instance: Optional[str] = None) -> Alerts:
    """Open a handle that sets global watches, without listening to events."""
    handle = ctypes.c_void_p()
    result = _lib.fsalert_open_config(ctypes.byref(handle), _encode(instance))
    if result:
        raise OSError(-result, 'no global watches: ' + os.strerror(-result))
    return Alerts(handle)


def open_fd(descriptor: int) -> Alerts:
    """
    Go on with the watches of an earlier object, by a copy of its watch_fd().
    The descriptor belongs to the new object, which closes it; after an exception
    it is still the caller's. Two objects must not use the same watches at a time.
    """
    handle = ctypes.c_void_p()
    # ctypes would cut off what is more than an int.
    if not 0 <= descriptor <= _INT_MAX:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    result = _lib.fsalert_open_fd(ctypes.byref(handle), descriptor)
    if result:
        raise OSError(-result, 'no watches: ' + os.strerror(-result))
    return Alerts(handle)


def mount_of(path: str) -> str:
    """Path of the mount that a path is on."""
    mount = ctypes.c_void_p()
    result = _lib.fsalert_mount_of(_encode(path), ctypes.byref(mount))
    if result:
        raise OSError(-result, os.strerror(-result), path)
    assert mount.value
    return _take(mount.value)


def escape(path: str) -> str:
    """A path as it is written in a request: with blanks as \\040."""
    escaped = _lib.fsalert_escape(_encode(path))
    if not escaped:
        raise MemoryError
    return _take(escaped)


def type_of(name: str) -> Type:
    """The type that a name stands for: 'below' or, of the kernel, 'thr_lrbelow'."""
    return Type(_lib.fsalert_type_of(_encode(name)))


def version() -> str:
    """Version of the library."""
    return os.fsdecode(_lib.fsalert_version())
