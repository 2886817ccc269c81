"""Gathers what the JVM is to hear of tasks, so that reports travel together."""

import array
import base64
import sys

from .cluster import job_of, pool_of
from .reports import PLAIN

TELL_SECONDS = 0.005


class Telling:
    """Reports on their way to the JVM. Not thread-safe.

    later: takes seconds and a function to call then. write: takes a message. processes: the names of the workers that
    are one of several processes of their job.
    """

    def __init__(self, later, write, processes):
        self._later = later
        self._write = write
        self._processes = processes
        self._pending = []
        self._due = False

    def tell(self, worker, item, pool=None):
        """Takes a report. worker: its name, or None."""
        if worker in self._processes:
            worker = job_of(worker)
        plain = item[0] == "o" and len(item) == PLAIN
        last = self._pending[-1] if self._pending else None
        if last is None or last[0] != worker or plain != isinstance(last[2], array.array):
            last = [worker, pool or (worker and pool_of(worker)), array.array("q") if plain else []]
            self._pending.append(last)
        if plain:  # Most are: they travel as numbers.
            last[2].extend(item[1:])
        else:
            last[2].append(item)
        if not self._due:
            self._due = True
            self._later(TELL_SECONDS, self.flush)

    def flush(self):
        """Writes what was gathered."""
        self._due = False
        if self._pending:
            items, self._pending = self._pending, []
            for each in items:
                if isinstance(each[2], array.array):
                    if sys.byteorder == "big":
                        each[2].byteswap()
                    each[2] = base64.b64encode(each[2]).decode("ascii")
            self._write({"ev": "reports", "workers": items})
