"""Frames between the JVM and a Python process.

A frame is a length (4 bytes, big-endian), the number of a call (8 bytes) and that many bytes of JSON.
"""

import os
import queue
import signal
import struct
import threading
import time

from . import children
from .encoding import dump

HEADER = struct.Struct(">Iq")
NO_CALL = -1
MAX_FRAME = 256 * 1024 * 1024


class Channel:
    """Writes frames, for the call that runs; thread-safe. Children of this process cannot write."""

    def __init__(self, fd):
        self._fd = fd
        self._lock = threading.Lock()
        self.number = NO_CALL  # of the call that runs

    def send(self, data, number):
        """Writes a message of a call, which is JSON already; returns whether it could: neither a child nor what is left of an earlier call can."""
        if children.is_child():
            return False
        with self._lock:
            if number != self.number:
                return False
            self._write(data, number)
        return True

    def finish(self, data, number):
        """Writes the last message of a call, which is JSON already."""
        with self._lock:
            self.number = NO_CALL
            self._write(data, number)

    def teller(self, number):
        """Returns what passes on what the function of a call says."""
        return Teller(self, number)

    def _write(self, data, number):
        rest = memoryview(HEADER.pack(len(data), number) + data)
        while rest:
            rest = rest[os.write(self._fd, rest) :]


class Teller:
    """Passes on what the function of one call says; each method returns whether it could."""

    def __init__(self, channel, number):
        self._channel = channel
        self._number = number

    def log(self, text):
        """Passes on a line of the log."""
        return self._channel.send(dump({"type": "log", "message": text}), self._number)

    def diagnostic(self, name, value):
        """Passes on a diagnostic, encoded."""
        return self._channel.send(b'{"type":"diagnostic","name":%s,"value":%s}' % (dump(name), value), self._number)


def read_exactly(fd, count):
    """Returns `count` bytes, or None if there are no more."""
    parts = []
    while count:
        part = os.read(fd, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_frame(fd):
    """Returns number and bytes of one frame, or None at the end."""
    header = read_exactly(fd, HEADER.size)
    if header is None:
        return None
    length, number = HEADER.unpack(header)
    data = read_exactly(fd, length)
    return None if data is None else (number, data)


class Reader(threading.Thread):
    """Reads frames, and ends the process at once when there will be no more while a call runs."""

    def __init__(self, fd):
        super().__init__(daemon=True, name="muster-reader")
        self._fd = fd
        self.calls = queue.Queue()
        self.received = 0
        self.answered = 0  # Written by the thread that answers.

    def run(self):
        # A signal that this thread took would not wake the function that the main thread runs.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True:
            frame = read_frame(self._fd)
            if frame is None:
                break
            self.received += 1
            self.calls.put(frame)
        if self.received == self.answered:
            self.calls.put(None)
            time.sleep(5)  # For what the functions registered with atexit.
        if os.getsid(0) == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)
