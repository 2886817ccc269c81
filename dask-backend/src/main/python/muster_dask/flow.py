"""Makes groups of tasks and sends them to Dask: what is fused, what is batched, what waits, and what runs again."""

import collections
import itertools

from .payloads import Payloads
from .runtime import run_group, table
from .sizes import Sizes
from .tasks import DONE, FAILED, GONE, IN_DASK, QUEUED, SENT, WAITING, Group, Route, Stage, Task

MOST_REVIVALS = 3
MOST_REMAKES = 5
MOST_DONE = 10_000
FLIGHT = 20_000
MOST_AT_ONCE = 500


class Flow:
    """The tasks of a run on their way through Dask. Not thread-safe: everything happens on the event loop.

    client: needs map and cancel. capacity: tells how many tasks a route's workers can run at a time. tell: takes a
    worker's name, or None, and a report for the JVM. watch: takes a group that was sent; what becomes of it is to be told.
    """

    def __init__(self, spec, client, capacity, tell, watch):
        self._client = client
        self._capacity = capacity
        self._tell = tell
        self._watch = watch
        self._table_future = None
        self._id = spec["run"]
        self._batch = spec["batch"]
        self.stages = {stage["index"]: Stage(stage) for stage in spec["stages"]}
        self._sizes = Sizes(self.stages, spec["batch"], spec["batch_seconds"])
        self.routes = [Route(number, route) for number, route in enumerate(spec["routes"])]
        self.tasks = {}
        self._payloads = Payloads(spec, self.tasks)
        self.partitions = self._payloads.partitions
        self.values = self._payloads.values
        self._done = collections.deque()
        self._keys = itertools.count()
        self.groups = 0

    # What the JVM says

    def submit(self, stage, attempt, route, runs, deps):
        """Takes tasks: runs of (first, count, place of the first)."""
        stage = self.stages[stage]
        route = self.routes[route]
        for first, count, place in runs:
            for offset in range(count):
                number = first + offset
                task = self.tasks.get(number)
                if task is None:
                    task = self.tasks[number] = Task(number, stage)
                    task.place = place + offset if place >= 0 else -1
                    task.deps = deps.get(str(number)) if deps else None
                task.attempt = attempt
                task.route = route
                task.worker = None
                task.revivals = 0
                if route.dead:
                    self._fail(task, "BACKEND", route.dead)
                else:
                    self._enqueue(task)

    def cancel(self, tasks):
        """Ends attempts; returns those that run, by worker."""
        running = collections.defaultdict(list)
        for number, attempt in tasks:
            task = self.tasks.get(number)
            if task is None or task.attempt != attempt:
                continue
            if task.state == SENT:
                if task.worker is not None:
                    running[task.worker].append((number, attempt))
                group = task.group
                task.state = GONE
                if all(each.state != SENT for each in group.tasks) and task.worker is None:
                    self._drop(group)
            elif task.state != DONE:
                task.state = GONE
        return running

    def release(self, tasks):
        """Lets go of outputs that nothing reads any more."""
        for number in tasks:
            task = self.tasks.get(number)
            if task is not None:
                task.let_go()

    def pool_died(self, pool, reason):
        """Learns that a pool will have no workers; fails what only it could run."""
        for route in self.routes:
            if pool in route.pools:
                route.pools = [each for each in route.pools if each != pool]
                if not route.pools:
                    route.dead = reason
        for task in list(self.tasks.values()):
            if task.route.dead and task.state in (WAITING, QUEUED, SENT):
                if task.group is not None and not task.group.over:
                    self._drop(task.group)
                self._fail(task, "BACKEND", reason)

    # Queues

    def _producers(self, task):
        """Yields the tasks of this backend that a task reads, as far as they are known."""
        for link, numbers in self._payloads.dependencies(task):
            if link["here"]:
                for number in numbers:
                    producer = self.tasks.get(number)
                    if producer is not None:
                        yield producer

    def _enqueue(self, task):
        task.let_go()
        task.group = None
        task.waiting = 0
        task.state = WAITING
        for producer in self._producers(task):
            if producer.unreadable():
                self._enqueue(producer)  # Its first report stands.
            if producer.gone():
                return self._fail(task, "BACKEND", producer.why)
            if producer.state not in IN_DASK:
                if producer.waiters is None:
                    producer.waiters = []
                producer.waiters.append(task)
                task.waiting += 1
        if task.waiting == 0:
            self._queue(task)

    def _queue(self, task):
        task.state = QUEUED
        queue = task.route.queues.get(task.stage.index)
        if queue is None:
            queue = task.route.queues[task.stage.index] = collections.deque()
        queue.append(task)

    def fill(self):
        """Sends what can be sent, some at a time, so that workers begin early; returns whether there may be more."""
        groups = []
        for route in self.routes:
            self._fill_route(route, groups)
        while groups:  # A group that was just made lets tasks of other routes go.
            before = len(groups)
            for route in self.routes:
                self._fill_route(route, groups)
            if len(groups) == before:
                break
        self._send(groups)
        return len(groups) >= MOST_AT_ONCE

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
        group = Group(self._id, next(self._keys), route)
        while queue and len(group.tasks) < size * 64 and size > 0:
            if queue[0].blames and group.tasks:
                break
            task = queue.popleft()
            if task.state != QUEUED:
                continue
            if any(producer.state not in IN_DASK or producer.unreadable() for producer in self._producers(task)):
                self._enqueue(task)  # What it reads was lost while it was queued.
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
                    self._queue(waiter)
        task.kept = task.stage.read_here and (follower is None or task.stage.keep)
        if task.kept:
            group.kept += 1
        return follower

    # To Dask

    def _send(self, groups):
        made = []
        for group in groups:
            payload, needed = self._payloads.of(group)
            first = group.tasks[0].stage
            made.append(((first.depth, group.route.number, len(needed)), group, payload, needed))
        made.sort(key=lambda each: each[0])
        for (depth, route, _), batch in itertools.groupby(made, lambda each: each[0]):
            _, sent, payloads, needed = zip(*batch)
            # Arguments one by one: Dask looks into every list for what might be a task.
            arguments = [list(column) for column in zip(*([each.future for each in groups] for groups in needed))]
            if self._payloads.table is not None:
                arguments.append([self._shared_table()] * len(sent))
            options = {"priority": depth} if depth else {}
            futures = self._client.map(
                run_group,
                payloads,
                *arguments,
                key=[group.key for group in sent],
                resources=self.routes[route].resources,
                pure=False,
                **options,
            )
            self.groups += len(sent)
            for group, future in zip(sent, futures):
                group.future = future
                self._watch(group)

    def _shared_table(self):
        if self._table_future is None:
            name = "muster-%s-datasets" % self._id
            (self._table_future,) = self._client.map(table, [self._payloads.table], key=[name], pure=False)
        return self._table_future

    # What Dask says

    def report(self, worker, item):
        """Takes one report of a worker; returns whether the JVM is to hear of it."""
        task = self.tasks.get(item[1])
        kind = item[0]
        if kind in "ld":
            return True
        if task is None or item[2] != task.attempt or task.state != SENT:
            return False
        if kind == "s":
            first = task.worker is None
            task.worker = worker
            return first
        group = task.group
        group.open -= 1
        if kind == "u":
            self._upstream(task, item[3])
        elif kind == "o":
            task.state = DONE
            task.succeeded = True
            task.stage.measured(worker, item[4] / 1e9)
        elif task.succeeded:
            self._fail(task, item[5], item[6])
        else:
            task.state = FAILED
        if group.open == 0 and not group.over:
            self.finished(group)
        return kind == "o" or (kind == "f" and not task.succeeded)

    def _upstream(self, task, missing):
        """Parks a task until what it reads is there."""
        # What was sent before a producer's latest group has read an earlier attempt; it only comes too early.
        producers = [self.tasks[number] for number in missing]
        lost = [each for each in producers if each.state == DONE and each.group.number <= task.group.number]
        if lost:
            task.revivals += 1
            if task.revivals > MOST_REVIVALS:
                return self._fail(task, "BACKEND", "an output that it reads was lost with its worker again and again")
            for producer in lost:
                producer.let_go()  # It should have been there.
        self._enqueue(task)

    def finished(self, group):
        """Learns that a group is done, from Dask or because all its tasks have reported."""
        if group.over:
            return
        self._over(group)
        if group.kept == 0:
            self._done.append(group)

    def tidy(self):
        """Lets go of groups whose outputs nothing reads, but for the last: each is some work for the scheduler, which can wait."""
        self._let_go(MOST_DONE)

    def _let_go(self, most):
        while len(self._done) > most:
            group = self._done.popleft()
            if group.kept == 0:
                group.future = None

    def unreported(self, group):
        """Runs again what a group that is done has said nothing of."""
        for task in group.tasks:
            if task.group is group and task.state == SENT:
                self._enqueue(task)

    def _over(self, group):
        if not group.over:
            group.over = True
            group.route.flight -= 1

    def broke(self, group, lost, blame, message):
        """Learns that Dask could not carry out a group.

        lost: whether that was because a worker died. blame: whether what it had at hand is not known otherwise; then a task is
        to blame that was alone.
        """
        if group.abandoned:
            return
        self._over(group)
        open_tasks = [task for task in group.tasks if task.group is group and task.state == SENT]
        if not lost:
            for task in open_tasks:
                self._fail(task, "BACKEND", message)
        else:
            for task in open_tasks if blame else ():
                task.blames += 1
            self._again(group, open_tasks if blame and len(open_tasks) == 1 else [], message)

    def cancelled(self, group):
        """Learns that a group will not be carried out, since one that it reads will not be."""
        if not group.abandoned:
            self._over(group)
            self._again(group, [], "")

    def running_on(self, worker):
        """Returns the tasks that a worker has said it runs."""
        return [
            (task.number, task.attempt) for task in self.tasks.values() if task.state == SENT and task.worker == worker
        ]

    def worker_died(self, blamed, reason, worker):
        """Learns which tasks a worker had at hand when it died."""
        self._let_go(0)  # Else Dask would make again what was lost with the worker and nothing reads.
        for number, attempt in blamed:
            task = self.tasks.get(number)
            if task is None or task.attempt != attempt or task.state != SENT or task.group.over:
                continue
            group = task.group
            if group.abandoned:
                continue
            self._drop(group)
            task.blames += 1
            task.worker = worker
            self._again(group, [task], reason)

    def _drop(self, group):
        """Takes a group back from Dask."""
        if not group.abandoned:
            group.abandoned = True
            self._over(group)
            if group.future is not None:
                self._client.cancel([group.future], force=True)
                group.future = None

    def _again(self, group, guilty, reason):
        """Queues what a group leaves behind; the guilty are reported instead."""
        group.abandoned = True
        group.future = None
        for task in group.tasks:
            if task.group is not group:
                continue
            if task in guilty:
                self._fail(task, "WORKER_LOST", reason)
            elif task.state == SENT:
                self._enqueue(task)
            elif task.state == DONE and task.kept:
                self._enqueue(task)

    def _fail(self, task, kind, message):
        if task.succeeded:
            return self._fail_again(task, message)
        task.state = FAILED
        self._tell(task.worker if kind == "WORKER_LOST" else None, ["f", task.number, task.attempt, None, 0, kind, message])

    def _fail_again(self, task, message):
        """Makes an output once more that was lost and could not be made again; fails what reads it when that is hopeless."""
        task.failures += 1
        if task.failures <= MOST_REMAKES and not task.route.dead:
            return self._enqueue(task)
        task.state = FAILED
        task.why = "an output of %s was lost and could not be made again: %s" % (task.stage.folder, message)
        waiters, task.waiters = task.waiters, None
        for waiter in waiters or ():
            if waiter.state == WAITING:
                self._fail(waiter, "BACKEND", task.why)
