"""Sends groups of tasks to Dask, and learns what becomes of them: what waits, and what runs again."""

import collections
import itertools

from . import blame
from .grouping import MOST_AT_ONCE, Grouping
from .payloads import Payloads
from .runtime import run_group
from .tasks import DONE, FAILED, GONE, IN_DASK, QUEUED, SENT, WAITING, Route, Stage, Task

MOST_REVIVALS = 3
MOST_REMAKES = 5
MOST_SILENCES = 3
MOST_DONE = 10_000


class Flow:
    """The tasks of a run on their way through Dask. Not thread-safe: everything happens on the event loop.

    client: needs map and cancel. capacity: tells how many tasks a route's workers can run at a time. tell: takes a
    worker's name, or None, and a report for the JVM. watch: takes a group that was sent; what becomes of it is to be told.
    """

    def __init__(self, spec, client, capacity, tell, watch):
        self._client = client
        self._tell = tell
        self._watch = watch
        self.stages = {stage["index"]: Stage(stage) for stage in spec["stages"]}
        self.routes = [Route(number, route) for number, route in enumerate(spec["routes"])]
        self.tasks = {}
        self._payloads = Payloads(spec, self.stages.values(), self.tasks)
        self.partitions = self._payloads.partitions
        self.values = self._payloads.values
        self.common = self._payloads.common
        self._grouping = Grouping(spec, self.stages, self.routes, capacity, self._producers, self._enqueue)
        self._done = collections.deque()
        self.groups = 0

    # What the JVM says

    def submit(self, stage, attempt, route, runs, deps):
        """Takes tasks: runs of (first, count, place of the first, its folder); the folders of the others differ in the number at the end."""
        stage = self.stages[stage]
        route = self.routes[route]
        for first, count, place, folder in runs:
            dataset, _, counted = folder.rpartition(".")
            for offset in range(count):
                number = first + offset
                task = self.tasks.get(number)
                if task is None:
                    task = self.tasks[number] = Task(number, stage)
                    task.place = place + offset if place >= 0 else -1
                    task.folder = "%s.%d" % (dataset, int(counted) + offset) if offset else folder
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
                task.released = True
                if task.unread():
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
        if task.succeeded and not task.pinning:
            self._pin(task, 1)
        for producer in self._producers(task):
            if producer.unreadable():
                self._enqueue(producer)  # Its first report stands.
            if producer.gone():
                return self._fail(task, "BACKEND", producer.why)
            if producer.state not in task.stage.ready:
                producer.await_(task)
                task.waiting += 1
        if task.waiting == 0:
            self._grouping.queue(task)

    def fill(self):
        """Sends what can be sent, some at a time, so that workers begin early; returns whether there may be more."""
        groups = self._grouping.make()
        self._send(groups)
        return len(groups) >= MOST_AT_ONCE

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
        for _, group, _, needed in made:
            for producer in needed:
                producer.read_by(group)

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
        if kind == "u" and item[4] != group.number:
            return False  # It was taken back, and had begun.
        group.open -= 1
        if kind == "o":
            task.state = DONE
            if task.succeeded:
                self._remade(task)
            task.succeeded = True
            task.stage.measured(worker, item[4] / 1e9)
            if task.gatherers is not None:
                self._made(task)
        else:
            group.failed = True
            if kind == "u":
                self._upstream(task, item[3])
            elif task.succeeded:
                self._fail(task, item[5], item[6])
            else:
                task.state = FAILED
                task.let_go()
        if group.open == 0:
            if group.failed:
                self._starve(group)
            if not group.over:
                self.finished(group)
        return kind == "o" or (kind == "f" and not task.succeeded)

    def _pin(self, task, change):
        """Keeps what a task reads that has to be made again, until it is: the JVM is done with that, and lets go of it only once."""
        task.pinning = change > 0
        for producer in self._producers(task):
            producer.pins += change
            if producer.unread():
                producer.let_go()

    def _remade(self, task):
        if task.pinning:
            self._pin(task, -1)
        if task.unread():
            task.let_go()

    def _made(self, task):
        """Lets go those that gather a task's output, if it was the last that they wait for."""
        gatherers, task.gatherers = task.gatherers, None
        for waiter in gatherers:
            if waiter.state == WAITING:
                waiter.waiting -= 1
                if waiter.waiting == 0:
                    self._grouping.queue(waiter)

    def _starve(self, group):
        """Takes back the groups that can do nothing for want of the outputs of this one.

        While they wait in Dask they want these outputs; if a worker is lost, Dask makes them again, which is of no use any more.
        """
        for reader in group.readers or ():
            present = [task for task in reader.tasks if task.group is reader and task.state in IN_DASK]
            starved = set()
            for task in present:
                producers = self._producers(task)
                if task.state == SENT and any(each.state not in IN_DASK or each in starved for each in producers):
                    starved.add(task)
            if not reader.over and starved and len(starved) == len(present):
                reader.abandoned = True
                self._over(reader)
                reader.future = None
                for task in present:
                    self._enqueue(task)
                self._starve(reader)

    def _upstream(self, task, missing):
        """Parks a task until what it reads is there."""
        # What was sent before a producer's latest group has read an earlier attempt; it only comes too early.
        producers = [self.tasks[number] for number in missing]
        number = task.group.number
        lost = [each for each in producers if each.state == DONE and (each.group is None or each.group.number <= number)]
        if lost:
            task.revivals += 1
            if task.revivals > MOST_REVIVALS:
                return self._fail(task, "NETWORK", "an output that it reads could not be had from its worker, again and again")
            for producer in lost:
                producer.let_go()  # It should have been there.
        self._enqueue(task)

    def finished(self, group):
        """Learns that a group is done, from Dask or because all its tasks have reported."""
        if group.over:
            return
        self._over(group)
        if group.kept == 0:
            if group.failed:
                group.future = None
            else:
                self._done.append(group)

    def tidy(self, most=MOST_DONE):
        """Lets go of groups whose outputs nothing reads, but for the last: each is some work for the scheduler, which can wait.

        Returns what Dask is to forget.
        """
        forgotten = []
        while len(self._done) > most:
            group = self._done.popleft()
            if group.kept == 0 and group.future is not None:
                forgotten.append(group.key)
                group.future = None
        return forgotten

    def unreported(self, group):
        """Runs again what a group that is done has said nothing of."""
        for task in group.tasks:
            if task.group is group and task.state == SENT:
                task.silences += 1
                if task.silences > MOST_SILENCES:
                    self._fail(task, "BACKEND", "it was carried out %d times, and no report of it has come" % task.silences)
                else:
                    self._enqueue(task)

    def _over(self, group):
        if not group.over:
            group.over = True
            group.route.flight -= 1

    def broke(self, group, lost, alone, message, kind="BACKEND"):
        """Learns that Dask could not carry out a group. kind: of the failure, if no worker was lost.

        lost: whether that was because a worker died. alone: whether what it had at hand is not known otherwise; then a task is
        to blame that was alone.
        """
        if group.abandoned:
            return
        self._over(group)
        open_tasks = [task for task in group.tasks if task.group is group and task.state == SENT]
        if not lost:
            for task in open_tasks:
                self._fail(task, kind, message)
        else:
            for task in open_tasks if alone else ():
                task.blames += 1
            self._again(group, open_tasks if alone and len(open_tasks) == 1 else [], message)

    def cancelled(self, group):
        """Learns that a group will not be carried out, since one that it reads will not be."""
        if not group.abandoned:
            self._over(group)
            self._again(group, [], "")

    def running_on(self, worker):
        """Returns the tasks that a worker has said it runs."""
        return [
            (task.number, task.attempt, None, False)
            for task in self.tasks.values()
            if task.state == SENT and task.worker == worker
        ]

    def unheard(self, blamed):
        """Tells whether what became of a task is still to be told that was over on its worker. blamed: as for `blame.unheard`."""
        return any(over for _, over in blame.unheard(self.tasks, blamed))

    def worker_died(self, blamed, reason, worker):
        """Learns which tasks a worker had at hand when it was lost. blamed: as for `blame.unheard`."""
        for group, guilty, why in blame.guilty(self.tasks, blamed, reason, worker):
            self._drop(group)
            for task in guilty:
                task.blames += 1
                task.worker = worker
            self._again(group, guilty, why)

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
        if task.pinning:
            self._pin(task, -1)
        task.why = "an output of %s was lost and could not be made again: %s" % (task.stage.id, message)
        waiters = (task.waiters or []) + (task.gatherers or [])
        task.waiters = task.gatherers = None
        for waiter in waiters:
            if waiter.state == WAITING:
                self._fail(waiter, "BACKEND", task.why)
