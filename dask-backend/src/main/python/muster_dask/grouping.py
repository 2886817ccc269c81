"""Makes groups of tasks that are ready for Dask: what is fused, and what is batched."""

import itertools
import time

from .sizes import Sizes
from .tasks import Group

FLIGHT = 20_000
MOST_AT_ONCE = 500
HOLD_SECONDS = 1.0  # for the tasks that are to follow in the same group


class Grouping:
    """Takes tasks from the queues of the routes. Not thread-safe.

    lifecycle: decides which of them are ready still, and which follow. capacity: tells how many tasks a route's workers
    can run at a time.
    """

    def __init__(self, spec, lifecycle, capacity, clock=time.monotonic):
        self._run = spec["run"]
        self._batch = spec["batch"]
        self._sizes = Sizes(lifecycle.stages, spec["batch"], spec["batch_seconds"])
        self._routes = lifecycle.routes
        self._capacity = capacity
        self._lifecycle = lifecycle
        self._numbers = itertools.count()
        self._clock = clock
        self.holds = False  # whether something was held when groups were made last

    def make(self):
        """Returns groups of what can be sent, at most MOST_AT_ONCE."""
        groups = []
        self.holds = False
        for route in self._routes:
            self._fill_route(route, groups)
        while groups:  # A group that was just made lets tasks of other routes go.
            before = len(groups)
            for route in self._routes:
                self._fill_route(route, groups)
            if len(groups) == before:
                break
        return groups

    def _fill_route(self, route, groups):
        capacity = max(1, self._capacity(route))
        limit = max(32, 8 * capacity) if self._batch else FLIGHT
        if not self._batch and route.flight > FLIGHT // 2:
            return
        while route.flight < limit and len(groups) < MOST_AT_ONCE:
            queues = [queue for queue in route.queues.values() if queue and not self._held(queue[0])]
            if not queues:
                return
            made = False
            for queue in sorted(queues, key=lambda each: -each[0].stage.depth):
                size = self._sizes.of(queue, capacity, route)
                if size:
                    group = self._group(queue, size, route)
                    if group.tasks:
                        groups.append(group)
                    made = True
                    break
            if not made:
                return

    def _held(self, task):
        """Tells whether a task is to wait: what follows it is about to come, and would have to travel by itself."""
        stage = task.stage
        if not stage.next_comes:
            return False
        if self._lifecycle.whole(task):
            stage.held_since = None
            return False
        now = self._clock()
        if stage.held_since is None:
            stage.held_since = now
        elif now - stage.held_since >= HOLD_SECONDS:
            stage.next_comes = False  # It takes too long: what is ready goes first.
            return False
        self.holds = True
        return True

    def _group(self, queue, size, route):
        group = Group(self._run, next(self._numbers), route)
        while queue and len(group.tasks) < size * 64 and size > 0:
            if group.tasks and (queue[0].blames or self._held(queue[0])):
                break
            task = queue.popleft()
            if not self._lifecycle.ready(task):
                continue
            size -= 1
            alone = task.blames
            while task is not None:
                task = self._lifecycle.join(task, group, alone)
            if alone:
                break
        if group.tasks:
            route.flight += 1
        return group
