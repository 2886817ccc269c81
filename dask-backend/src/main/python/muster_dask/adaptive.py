"""Pools whose size follows the work."""

import asyncio
import sys
import time

from .cluster import job_of, pool_of

LOOK_SECONDS = 1.0


class Adaptive:
    """Says how many workers pools are to have, and retires those with nothing to do.

    pools: the limits of each: min, max, idle (seconds). slots: of each pool. tell: takes a pool and how many workers it is
    to have.
    """

    def __init__(self, pools, slots, cluster, flow, tell):
        self._pools = pools
        self._slots = slots
        self._cluster = cluster
        self._flow = flow
        self._tell = tell
        self._idle_since = {}

    async def follow(self, over):
        """Looks again and again. over: the event that ends it."""
        told = {}
        while not over.is_set():
            for pool, limits in self._pools.items():
                wanted = self._wanted(pool, limits)
                alive = self._alive(pool)
                if wanted != told.get(pool):
                    told[pool] = wanted
                    self._tell(pool, wanted)
                surplus = [names for names in alive.values() if all(map(self._cluster.idle, names))][: max(0, len(alive) - wanted)]
                if surplus:
                    await self._retire([name for names in surplus for name in names])
            await asyncio.sleep(LOOK_SECONDS)

    def _alive(self, pool):
        """Returns the workers of a pool: the names of their processes, by job."""
        jobs = {}
        for name in self._cluster.addresses:
            if pool_of(name) == pool:
                jobs.setdefault(job_of(name), []).append(name)
        return jobs

    def _wanted(self, pool, limits):
        """Returns how many workers a pool is to have: more at once, fewer only after a while without work."""
        routes = [route for route in self._flow.routes if pool in route.pools]
        work = sum(route.flight + sum(len(each) for each in route.queues.values()) for route in routes)
        work = max(work, self._cluster.work(pool, [route.resources for route in routes]))
        alive = len(self._alive(pool))
        wanted = max(limits["min"], min(limits["max"], -(-work // self._slots[pool])))
        now = time.monotonic()
        if wanted >= alive:
            self._idle_since.pop(pool, None)
            return wanted
        if now - self._idle_since.setdefault(pool, now) < limits["idle"]:
            return max(wanted, min(alive, limits["max"]))
        return wanted

    async def _retire(self, names):
        try:
            addresses = [self._cluster.addresses[name] for name in names if name in self._cluster.addresses]
            await self._cluster.client.retire_workers(addresses, close_workers=True, remove=True)
        except Exception as error:
            print("muster: workers could not be retired: %r" % (error,), file=sys.stderr)
