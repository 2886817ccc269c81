"""Makes groups of tasks that are ready for Dask: what is fused, and what is batched."""

import collections
import itertools

from .sizes import Sizes
from .tasks import DONE, QUEUED, SENT, WAITING, Group

FLIGHT = 20_000
MOST_AT_ONCE = 500


class Grouping:
    """The queues of tasks that are ready, by route and stage. Not thread-safe.

    capacity: tells how many tasks a route's workers can run at a time. producers: returns the tasks that a task reads. wait:
    takes a task that was ready and is not any more.
    """

    def __init__(self, spec, stages, routes, capacity, producers, wait):
        self._run = spec["run"]
        self._batch = spec["batch"]
        self._sizes = Sizes(stages, spec["batch"], spec["batch_seconds"])
        self._routes = routes
        self._capacity = capacity
        self._producers = producers
        self._wait = wait
        self._numbers = itertools.count()

    def queue(self, task):
        """Takes a task that is ready."""
        task.state = QUEUED
        queue = task.route.queues.get(task.stage.index)
        if queue is None:
            queue = task.route.queues[task.stage.index] = collections.deque()
        queue.append(task)

    def make(self):
        """Returns groups of what can be sent, at most MOST_AT_ONCE."""
        groups = []
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
            queues = [queue for queue in route.queues.values() if queue]
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

    def _group(self, queue, size, route):
        group = Group(self._run, next(self._numbers), route)
        while queue and len(group.tasks) < size * 64 and size > 0:
            if queue[0].blames and group.tasks:
                break
            task = queue.popleft()
            if task.state != QUEUED:
                continue
            if task.unread():
                task.state = DONE  # It was to be made again, and nothing reads it any more.
                continue
            ready = task.stage.ready
            if any(producer.state not in ready or producer.unreadable() for producer in self._producers(task)):
                self._wait(task)  # What it reads was lost while it was queued.
                continue
            size -= 1
            alone = task.blames
            while task is not None:
                follower = self._join(task, group, alone)
                task = follower
            if alone:
                break
        if group.tasks:
            route.flight += 1
        return group

    def _join(self, task, group, alone):
        """Adds a task to a group; returns the one that is to follow it there."""
        task.state = SENT
        task.group = group
        group.open += 1
        group.tasks.append(task)
        follower = None
        waiters, task.waiters = task.waiters, None
        for waiter in waiters or ():
            if waiter.state != WAITING:
                continue
            waiter.waiting -= 1
            if waiter.waiting == 0:
                if waiter.stage.index == task.stage.next and not alone and not waiter.blames and waiter.route is group.route:
                    follower = waiter
                else:
                    self.queue(waiter)
        task.kept = task.stage.read_here and (follower is None or task.stage.keep)
        if task.kept:
            group.kept += 1
        return follower
