"""Reports of what became of tasks, and the note of what a worker has at hand."""

import collections
import mmap
import os
import threading
import time
import typing

from muster_task import ownfiles

SOON_SECONDS = 0.02
RECORD = 48
SLOTS = 1024
PLAIN = 5  # the length of a report of success whose output does not travel
OVER = ord(".")
BROKEN = b"the connection is broken"
LEFT = b"the worker left"


class Reporter:
    """Gathers reports and sends them: at the end of a group, or a moment later together with others. Thread-safe.

    send: takes reports. later: takes seconds and a function to call then, on any thread.
    """

    def __init__(self, send, later, clock=time.monotonic):
        self._send = send
        self._later = later
        self._clock = clock
        self._items = collections.deque()
        self._running = {}
        self._lock = threading.Lock()
        self._due = False
        self._flushed = 0.0

    def begin(self, task, attempt, started):
        """Says that this thread begins with a task; that is told only if it is still at it when reports are sent."""
        self._running[threading.get_ident()] = [task, attempt, started, False]
        if not self._due:
            self._arm()

    def end(self):
        """Says that this thread's task is over."""
        self._running.pop(threading.get_ident(), None)

    def add(self, item):
        """Adds a report."""
        self._items.append(item)
        if not self._due:
            self._arm()

    def flush(self, soon=False):
        """Sends what is gathered. soon: that may wait a moment, for what else there is to come."""
        now = self._clock()
        if soon and now - self._flushed < SOON_SECONDS:
            return
        self._flushed = now
        with self._lock:
            for running in list(self._running.values()):
                if not running[3]:
                    running[3] = True
                    self._items.append(["s", running[0], running[1], running[2]])
            items = []
            while self._items:
                items.append(self._items.popleft())
            if items:
                self._send([sendable(item) for item in items])

    def running(self):
        """Returns thread, task and attempt of what runs."""
        return [(thread, item[0], item[1]) for thread, item in list(self._running.items())]

    def _arm(self):
        self._due = True
        self._later(SOON_SECONDS, self._on_time)

    def _on_time(self):
        self._due = False  # First: what is added from now on is not sent here.
        self.flush()


def sendable(item):
    """Returns a report that can be sent; another that says so in its place if it cannot: one that cannot would cost the connection."""
    if item[0] == "s" or len(item) == PLAIN:
        return item  # Numbers of our own.
    import msgpack  # What Dask sends its messages with; this module is also read where there is none.

    try:
        msgpack.packb(item, use_bin_type=True)
        return item
    except Exception as error:
        why = "what was to be told of it cannot be sent: %s" % ascii(error)[:1000]
    if item[0] in "ld":
        return ["l", item[1], "a line or diagnostic is left out: " + why]
    if item[0] == "c":
        return item[:3] + [[["content", "a file whose name cannot be told", None]]]
    if item[0] == "u":
        return item[:3] + [[int(task) for task in item[3]], item[4]]
    return ["f", item[1], item[2], item[3], item[4], "SERIALIZATION", why]


class Ledger:
    """Says in a file which tasks are being carried out, and which were last, so that it is known when the process dies. Thread-safe.

    The file is mapped into memory: noting a task is no system call, and what is noted outlives the process. A task stays noted when it is over,
    until its place is needed: its report may be lost with the connection, or with the process.
    """

    def __init__(self, path):
        self._map = None
        self._free = collections.deque(range(SLOTS))
        self._taken = {}
        if path is not None:
            # Kept open: where the file is on another machine, it is written back when it is closed.
            self._fd = ownfiles.create(path, ownfiles.SECRET, os.O_RDWR)
            os.ftruncate(self._fd, SLOTS * RECORD + RECORD)
            self._map = mmap.mmap(self._fd, SLOTS * RECORD + RECORD)

    def enter(self, task, attempt, group):
        """Notes the task that this thread is about to carry out, and the number of its group."""
        if self._map is not None and self._free:
            slot = self._free.popleft()
            text = b"%d %d %d" % (task, attempt, group)
            self._taken[threading.get_ident()] = slot
            self._map[slot * RECORD : (slot + 1) * RECORD] = text.ljust(RECORD - 1) + b"\n"

    def leave(self):
        """Notes that this thread's task is over."""
        slot = self._taken.pop(threading.get_ident(), None)
        if slot is not None:
            self._map[(slot + 1) * RECORD - 2] = OVER
            self._free.append(slot)

    def broken(self):
        """Notes that the connection is broken: what was told last may be lost."""
        self._note(BROKEN)

    def left(self):
        """Notes that the worker ends by itself, unless its connection is broken: what it carried out is told."""
        if self._map is not None and not self._map[SLOTS * RECORD :].startswith(BROKEN):
            self._note(LEFT)

    def _note(self, how):
        if self._map is not None:
            self._map[SLOTS * RECORD : SLOTS * RECORD + RECORD] = how.ljust(RECORD, b"\0")


class Noted(typing.NamedTuple):
    """What a worker's file says. tasks: (task, attempt, number of its group, whether it was over) each. end: BROKEN, LEFT or nothing."""

    tasks: list
    end: bytes

    def blamed(self):
        """Returns the tasks that may have cost the worker, or whose reports may be lost.

        Those that it carried out. Where its connection broke, and where it was at none of them and died all the same, also those that were
        over: what they left behind may have ended it, and of what was told already nobody is to blame.
        """
        running = [task for task in self.tasks if not task[3]]
        if self.end == BROKEN or not (running or self.end == LEFT):
            return self.tasks
        return running


def clear_ledger(path):
    """Makes a worker's file name nothing; the worker must have stopped."""
    try:
        with open(path, "r+b") as file:
            file.write(bytes(os.path.getsize(path)))
    except FileNotFoundError:
        return  # It had not begun.


def read_ledger(path):
    """Returns what a worker's file says."""
    with open(path, "rb") as file:
        content = file.read()
    found = []
    for start in range(0, min(len(content) + 1 - RECORD, SLOTS * RECORD), RECORD):
        record = content[start : start + RECORD].replace(b"\0", b" ")
        words = record[: RECORD - 2].split()
        if len(words) == 3:
            found.append(tuple(int(word) for word in words) + (record[RECORD - 2] == OVER,))
    return Noted(found, content[SLOTS * RECORD :].rstrip(b"\0"))
