"""Workers that are gone, until it is known what they had at hand."""

import asyncio
import time

from .cluster import job_of
from .tasks import SENT

LAST_REPORT_SECONDS = 0.5
LOOK_SECONDS = 0.005


class LostWorkers:
    """Finds out what a worker had at hand when it was lost.

    spawn: takes a coroutine. done: takes the name of a worker whose tasks are seen to. failed: is called in an
    exception that nobody expects.
    """

    def __init__(self, cluster, lifecycle, spawn, done, failed):
        self._cluster = cluster
        self._lifecycle = lifecycle
        self._spawn = spawn
        self._done = done
        self._failed = failed
        self.awaited = set()  # those whose keeper may say what they had at hand

    def went(self, name, held):
        """Takes a worker that is gone. held: numbers of the groups whose outputs only it had."""
        noted = self._cluster.ledger(name) if self._cluster.courier is None else None
        if noted is not None and not self._lifecycle.untold(noted.tasks):
            self._lost(name, noted.blamed(), held)
        else:
            self.awaited.add(name)
            self._spawn(self._await(name, noted, held))

    async def _await(self, name, noted, held):
        # What a worker told last may be on its way, and it may yet note that its connection broke.
        end = time.monotonic() + LAST_REPORT_SECONDS
        while noted is not None and self._lifecycle.untold(noted.tasks) and time.monotonic() < end:
            await asyncio.sleep(LOOK_SECONDS)
            noted = self._cluster.ledger(name)
        blamed = noted and noted.blamed()
        if self._cluster.courier is not None:
            blamed = await self._cluster.courier.ledger(name)
        self.awaited.discard(name)
        try:
            self._lost(name, blamed, held)
        except Exception:
            self._failed()

    def _lost(self, name, blamed, held):
        if blamed is None:
            tasks = self._lifecycle.tasks.values()
            running = [task for task in tasks if task.state == SENT and task.worker == name]
            blamed = [(task.number, task.attempt, None, False) for task in running]
        self._lifecycle.worker_died(blamed, "its worker %s died while it ran" % job_of(name), name, held)
        self._done(name)
