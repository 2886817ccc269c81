"""Frames between the JVM and a Python process.

A frame is a length (4 bytes, big-endian), a number (8 bytes) and that many bytes. The number is that of a call, and the
bytes are JSON. Calls come in groups: they are carried out in their order, and each is answered before the next begins.
Frames that are no calls have a number below 0:

to the process    KEEP: an id (4 bytes) and JSON, which the calls to come name by the id. LOG: the beginning of the
                  paths of the files that standard output and error are written to; a run begins with it, and what was
                  kept is forgotten. SLOW: the call that runs takes its time; it may be of an earlier group by now.
from the process  NO_CALL: it is ready. RECALLED: the numbers of the calls that it will not begin, the first and the last.
"""

import collections
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
KEEP = -2
LOG = -3
SLOW = -4
RECALLED = -2
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

    def say(self, data, number):
        """Writes what is no message of a call."""
        with self._lock:
            self._write(data, number)

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


def frames(fd):
    """Yields number and bytes of each frame until there are no more."""
    rest = bytearray()
    while True:
        part = os.read(fd, 1 << 20)
        if not part:
            return
        rest += part
        start = 0
        while len(rest) - start >= HEADER.size:
            length, number = HEADER.unpack_from(rest, start)
            end = start + HEADER.size + length
            if len(rest) < end:
                break
            with memoryview(rest) as view:
                data = bytes(view[start + HEADER.size : end])
            yield number, data
            start = end
        del rest[:start]


class Reader(threading.Thread):
    """Reads frames. Ends the process at once when there will be no more while a call runs.

    channel: where calls that are not begun are told of. log: where the calls print to, or None.
    """

    def __init__(self, fd, channel, log):
        super().__init__(daemon=True, name="muster-reader")
        self._fd = fd
        self._channel = channel
        self._log = log
        self._calls = queue.SimpleQueue()
        self._lock = threading.Lock()
        # The numbers of the calls that were neither taken nor given back, in their order.
        self._waiting = collections.deque()
        self._open = 0
        self._running = False
        self.kept = {}

    def take(self):
        """Waits for the next call; returns its number and bytes, or None if there will be none."""
        while True:
            frame = self._calls.get()
            if frame is None:
                return None
            with self._lock:
                if self._waiting and self._waiting[0] == frame[0]:
                    self._waiting.popleft()
                    self._running = True
                    return frame
                self._open -= 1  # It was given back.

    def done(self):
        """Notes that a call that was taken is over. Comes before its answer."""
        with self._lock:
            self._running = False
            self._open -= 1

    def run(self):
        # A signal that this thread took would not wake the function that the main thread runs.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        for number, data in frames(self._fd):
            if number >= 0:
                with self._lock:
                    self._waiting.append(number)
                    self._open += 1
                self._calls.put((number, data))
            elif number == KEEP:
                self.kept[int.from_bytes(data[:4], "big")] = data[4:]
            elif number == LOG:
                self.kept.clear()
                self._log.open(os.fsdecode(data))
            elif number == SLOW:
                self._slow()
        if self._open == 0:
            self._calls.put(None)
            time.sleep(5)  # For what the functions registered with atexit.
        self._log.remove()
        if os.getsid(0) == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    def _slow(self):
        """Gives the calls back that wait behind the one that runs, and its log its place, so that it can be read meanwhile."""
        with self._lock:
            # Whoever has the answer to a call counts the next one as begun: told before that answer, or not that one.
            back = [self._waiting.pop() for _ in range(len(self._waiting) - (0 if self._running else 1))]
            if back:
                self._channel.say(dump([back[-1], back[0]]), RECALLED)
        try:
            self._log.show()
        except OSError:
            return  # Whoever ends the call finds out.
