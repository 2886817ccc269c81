"""Finds out what becomes of the groups that Dask has."""

import asyncio
import time

from . import network

SWEEP_SECONDS = 0.2
SWEEP_RARITY = 50  # of the time, at most the 50th part is spent on it
UNREPORTED_SECONDS = 5
UNDECIDED = ("pending", "lost")  # what is lost is made again


class Watch:
    """Looks again and again at groups: that most are done is known from reports, at no cost to each.

    changed: is called when something may have become ready. failed: is called in an exception that nobody expects.
    """

    def __init__(self, changed, failed):
        self._changed = changed
        self._failed = failed
        self._groups = {}

    def add(self, group):
        """Takes a group that was sent."""
        self._groups[group] = None

    async def follow(self, flow, cluster, awaited, over):
        """Looks until it is over. awaited: lost workers of which it will be known soon what they had at hand."""
        pause = SWEEP_SECONDS
        while not over.is_set():
            await asyncio.sleep(pause)
            began = time.perf_counter()
            ended = [group for group in self._groups if not undecided(group)]
            pause = max(SWEEP_SECONDS, (time.perf_counter() - began) * SWEEP_RARITY)
            for group in ended:
                del self._groups[group]
                try:
                    await self._ended(group, flow.lifecycle, cluster, awaited, over)
                except Exception:
                    self._failed()
            try:
                flow.lifecycle.look()
                flow.tidy()
            except Exception:
                self._failed()
            if ended:
                self._changed()

    async def _ended(self, group, lifecycle, cluster, awaited, over):
        future = group.future
        if future is None:  # It was taken back, or let go of.
            return
        if future.status in UNDECIDED:  # Its outputs were lost since we looked, and are made again.
            return self.add(group)
        if future.status == "finished":
            lifecycle.finished(group)
            if group.unheard():
                loop = asyncio.get_running_loop()
                loop.call_later(UNREPORTED_SECONDS, self._unreported, group, lifecycle, over)
        elif future.status == "cancelled":
            lifecycle.cancelled(group)
        else:
            try:
                error = await future.exception()
            except asyncio.CancelledError:
                return lifecycle.cancelled(group)
            if error is None and future.status != "error":  # It failed, and is tried again.
                return self.add(group)
            # Dask does not say why if it failed with another group that was lost with its worker and is forgotten.
            lost = error is None or type(error).__name__ == "KilledWorker"
            if lost and awaited:
                return self.add(group)  # Who is to blame will be known soon.
            alone = cluster.scheduler is None
            why = "%s: %s" % (type(error).__name__, error) if error else "what it reads was lost with its worker"
            lifecycle.broke(group, lost, alone, why, network.kind(error))

    def _unreported(self, group, lifecycle, over):
        if not over.is_set():
            lifecycle.unreported(group)
            self._changed()


def undecided(group):
    """Tells whether more is to come of a group.

    One that has reported all and is read by nothing is let go of even if Dask has yet to carry it out: if an output
    that it read was lost while it ran, Dask forgets that it runs, and runs it again.
    """
    future = group.future
    if future is None or future.status not in UNDECIDED:
        return False
    if group.over and group.kept == 0:
        group.future = None
        return False
    return True
