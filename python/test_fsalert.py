#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
The module, with a script in place of fsalert-poll. Its types and keys are those of
the C header.
"""
import ctypes
import errno
import os
import re
import select
import sys
import unittest
from unittest import mock

import fsalert

HEADER = os.path.join(os.path.dirname(__file__), '..', 'libfsalert', 'fsalert.h')


class Test(unittest.TestCase):
    """Private watches."""

    def setUp(self) -> None:
        self.alerts = fsalert.open(fsalert.From.POLL)

    def tearDown(self) -> None:
        self.alerts.close()

    def readable(self) -> bool:
        """Is there something to say?"""
        return bool(select.select([self.alerts], [], [], 0)[0])

    def test_source(self) -> None:
        """What it can do."""
        self.assertEqual(self.alerts.source, fsalert.From.POLL)
        self.assertTrue(self.alerts.can(fsalert.Type.BELOW))
        self.assertFalse(self.alerts.can(fsalert.Type.SHUTDOWN))
        self.assertEqual(self.alerts.cannot, 'ext4 alone; no way')

    def test_events(self) -> None:
        """Events, their facts, and the descriptor."""
        self.assertIsNone(self.alerts.next())
        self.assertFalse(self.readable())
        self.alerts.request('/early T 1')
        self.assertTrue(self.readable())
        event = next(iter(self.alerts))
        self.assertEqual(event.type, fsalert.Type.BELOW)
        self.assertEqual(event.severity, fsalert.Severity.WARNING)
        self.assertFalse(event.is_error)
        self.assertEqual((event.name, event.seq, event.mount, event.dev_major),
                         ('thr_lrbelow', 1, '/below', 7))
        self.assertIsNone(event.errno)
        self.assertIsNone(event.of)
        # It keeps its facts when there is another one.
        self.assertEqual(self.alerts.wait(20).seq, 2)
        self.assertEqual(event.seq, 1)
        self.assertIsNone(self.alerts.next())
        self.assertFalse(self.readable())

    def test_refusals(self) -> None:
        """An exception with the reason."""
        with self.assertRaises(OSError) as caught:
            self.alerts.request('/refuse T 1 2')
        self.assertEqual(caught.exception.errno, errno.ERANGE)
        self.assertEqual(caught.exception.strerror, 'not smaller')
        with self.assertRaises(FileNotFoundError):
            self.alerts.watch('/nonexistent', space='5%')
        self.alerts.watch('/proc/self/status', space='5%')

    def test_death(self) -> None:
        """The helper dies, and is there again."""
        self.alerts.request('/srv T 1')
        with self.assertRaises(OSError):
            self.alerts.request('/die T 1')
        self.assertEqual(self.alerts.wait(20).type, fsalert.Type.GONE)
        self.assertEqual(self.alerts.wait(20).type, fsalert.Type.BACK)

    def test_numbers(self) -> None:
        """Types and keys are those of the header."""
        with open(HEADER, encoding='utf-8') as header:
            text = header.read()
        keys = dict(re.findall(r'\tFSALERT_KEY_(\w+)\t+= (\d+)', text))
        for key in fsalert.Key:
            self.assertEqual(int(keys[key.name]), key.value)
        types = dict(re.findall(r'\tFSALERT_([A-Z_]+)\t+= (\d+)', text))
        for kind in fsalert.Type:
            self.assertEqual(int(types[kind.name]), kind.value)
        self.assertEqual(fsalert.Type(4711), fsalert.Type.UNKNOWN)

    def test_complete(self) -> None:
        """Each function of the header is used, or has a Python name of its own."""
        own = {'is_error', 'name', 'next', 'ref', 'severity_of'}
        with open(HEADER, encoding='utf-8') as header:
            names = re.findall(r'^[a-z].*[ *]fsalert_(\w+)\(', header.read(), re.M)
        with open(fsalert.__file__, encoding='utf-8') as module:
            used = re.findall(r'_lib\.fsalert_(\w+)\(', module.read())
        self.assertGreater(len(names), 30)
        self.assertEqual(set(names) - set(used), own)

    def test_paths(self) -> None:
        """Paths of mounts, and how they are written."""
        self.assertEqual(fsalert.mount_of('/proc/self/status'), '/proc')
        self.assertEqual(fsalert.mount_of('/'), '/')
        with self.assertRaises(FileNotFoundError) as caught:
            fsalert.mount_of('/nonexistent')
        self.assertEqual(caught.exception.filename, '/nonexistent')
        self.assertEqual(fsalert.escape('/a b;\\\n\t'),
                         '/a\\040b\\073\\134\\012\\011')
        # A name that is no UTF-8 stays the same bytes.
        self.assertEqual(os.fsencode(fsalert.escape(os.fsdecode(b'/\xff'))),
                         b'/\xff')
        self.assertEqual(fsalert.escape(''), '')
        for function in fsalert.mount_of, fsalert.escape, fsalert.type_of:
            with self.assertRaises(ValueError):
                function('/proc\0/x')

    def test_names(self) -> None:
        """Types by their names."""
        self.assertIs(fsalert.type_of('below'), fsalert.Type.BELOW)
        self.assertIs(fsalert.type_of('thr_lrbelow'), fsalert.Type.BELOW)
        self.assertIs(fsalert.type_of('nonsense'), fsalert.Type.UNKNOWN)

    def test_payload(self) -> None:
        """A copy of what the library has; None for other events."""
        self.alerts.request('/early T 1')
        event = self.alerts.wait(20)
        self.assertIsNone(event.payload)
        data = ctypes.create_string_buffer(b'\x05\0\x01\0\0', 5)

        def payload(_: object, length: object) -> int:
            length._obj.value = len(data)
            return ctypes.addressof(data)
        with mock.patch.object(fsalert._lib, 'fsalert_payload', payload):
            event = self.alerts.wait(20)
        data[0] = 0
        self.assertEqual(event.payload, b'\x05\0\x01\0\0')

    def test_descriptor(self) -> None:
        """What is no file of the kernel is refused, and left alone."""
        with self.assertRaises(OSError) as caught:
            self.alerts.watch_fd()
        self.assertEqual(caught.exception.errno, errno.EOPNOTSUPP)
        reader, writer = os.pipe()
        with self.assertRaises(FileNotFoundError):
            fsalert.open_fd(reader)
        os.close(reader)
        os.close(writer)
        for descriptor in reader, -1, 2 ** 32 + writer:
            with self.assertRaises(OSError) as caught:
                fsalert.open_fd(descriptor)
            self.assertEqual(caught.exception.errno, errno.EBADF)

    def test_handover(self) -> None:
        """Watches go on with another object."""
        try:
            first = fsalert.open(fsalert.From.KERNEL)
        except OSError as error:
            self.skipTest(str(error))
        first.watch('/tmp', space='100%')
        copy = os.dup(first.watch_fd())
        first.close()
        with fsalert.open_fd(copy) as second:
            self.assertEqual(second.watch_fd(), copy)
            self.assertEqual(second.source, fsalert.From.KERNEL)
            self.assertEqual(second.wait(20).type, fsalert.Type.BELOW)
        with self.assertRaises(OSError):
            os.fstat(copy)

    def test_config(self) -> None:
        """Global watches are set without listening."""
        with fsalert.open_config('/nonexistent') as config:
            with self.assertRaises(FileNotFoundError):
                config.request('/proc T 1')
            self.assertIsNone(config.next())
            self.assertEqual(config.queue_bytes, 0)
        with self.assertRaises(OSError) as caught:
            fsalert.open_config('/' * 5000)
        self.assertEqual(caught.exception.errno, errno.ENAMETOOLONG)
        self.assertEqual(self.alerts.queue_bytes, 0)

    def test_arguments(self) -> None:
        """Nothing is cut off on the way to C."""
        for size in -1, 2 ** 31, 2 ** 32 + 4096, 2 ** 64 + 4096:
            with self.assertRaises(OSError) as caught:
                fsalert.open_all(queue_bytes=size)
            self.assertEqual(caught.exception.errno, errno.EINVAL)
        with self.assertRaises(ValueError):
            self.alerts.request('/srv T 1\0; /refuse T 1 2')
        with self.assertRaises(ValueError):
            self.alerts.watch('/proc\0/x', space='5%')
        with self.assertRaises(ValueError):
            self.alerts.watch('/proc', space='5%\0')
        with self.assertRaises(ValueError):
            fsalert.open_all('/\0')
        with self.assertRaises(ValueError):
            fsalert.open_config('/\0')
        self.assertIsNone(self.alerts.wait(-1))
        self.alerts.request('/later T 1')
        self.assertEqual(self.alerts.wait(1e10).seq, 1)

    def test_closed(self) -> None:
        """Not used after its end."""
        self.alerts.close()
        self.alerts.close()
        for use in (self.alerts.next, self.alerts.fileno, self.alerts.watches,
                    lambda: self.alerts.request('/srv T 1'),
                    lambda: self.alerts.watch('/proc', space='5%'),
                    lambda: self.alerts.can(fsalert.Type.BELOW),
                    lambda: self.alerts.source, lambda: self.alerts.cannot,
                    lambda: self.alerts.queue_bytes, self.alerts.watch_fd):
            with self.assertRaises(ValueError):
                use()

    def test_none(self) -> None:
        """No source at all."""
        path = os.environ['FSALERT_POLL']
        os.environ['FSALERT_POLL'] = '/nonexistent'
        with self.assertRaises(FileNotFoundError):
            fsalert.open(fsalert.From.POLL)
        os.environ['FSALERT_POLL'] = path
        with self.assertRaises(OSError) as caught:
            self.alerts.watches()
        self.assertEqual(caught.exception.errno, errno.EOPNOTSUPP)
        self.assertRegex(fsalert.version(), r'^\d+\.\d+$')


if __name__ == '__main__':
    sys.exit(unittest.main())
