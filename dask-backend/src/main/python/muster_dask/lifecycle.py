"""Decides what becomes of the tasks of a run on Dask: what is ready, what is kept, what runs again, who is to blame.

It knows no Dask, no connection and no clock: each method takes an event, and what follows from it is told as decisions.

    state     what it means                            what ends it
    WAITING   something that it reads is not ready     all is ready: QUEUED
    QUEUED    it can be sent                           it joins a group: SENT. What it reads was lost: WAITING
    SENT      its group is in Dask                     a report: DONE or FAILED. Its group is lost: WAITING
    DONE      it succeeded                             its output is lost, and a reader is to be sent: WAITING
    FAILED    it failed, or its output is given up     another attempt: WAITING
    GONE      the JVM has cancelled the attempt        another attempt: WAITING

What a task reads is ready when it is in Dask (SENT or DONE, and its output is kept); for a task that gathers, when it
is DONE. The JVM hears once of each attempt. A task that is DONE and runs again does so for its readers, and the JVM
hears no more of it; meanwhile it pins what it reads itself, which the JVM may have released. An output is kept as long
as the JVM has not released it, or it is pinned.
"""

import collections

from .decisions import INPUT_LOST, LetGo
from .outputs import MOST_LOSSES, readers
from .tasks import DONE, FAILED, GONE, LIVE, QUEUED, SENT, Task
from .transitions import Transitions

MOST_SILENCES = 3


class Lifecycle(Transitions):
    """The states of the tasks of a run. Not thread-safe.

    lost: takes a group; tells whether its outputs are gone, and Dask will not make them again. decide: takes a
    decision; it must not tell of an event. told: whether it is told of workers that are lost; else, what is reported
    once more was lost with its worker.
    """

    def __init__(self, stages, routes, lost, decide, told=True):
        super().__init__(lost, decide)
        self._told = told
        self.stages = stages
        self.routes = routes

    # Events: what the JVM says

    def submit(self, stage, attempt, route, runs, deps, missing=None):
        """Takes tasks: runs of (first, count, place, folder of the first; the number at its end is counted up).

        deps: what they read, by number. missing: what they go without, by number, of a stage that tolerates it.
        """
        stage, route = self.stages[stage], self.routes[route]
        for first, count, place, folder in runs:
            dataset, _, counted = folder.rpartition(".")
            for offset in range(count):
                number = first + offset
                task = self.tasks.get(number)
                if task is None:
                    task = self.tasks[number] = Task(number, stage, place + offset if place >= 0 else -1)
                    task.folder = "%s.%d" % (dataset, int(counted) + offset) if offset else folder
                    task.deps = deps.get(str(number)) if deps else None
                    task.missing = missing.get(str(number)) if missing else None
                elif task.state in LIVE or task.succeeded:
                    self._move(task, GONE)  # The JVM wants another attempt of it, whatever became of the last one.
                    task.succeeded, task.failures, task.why = False, 0, None
                task.attempt, task.route, task.worker, task.revivals = attempt, route, None, 0
                self._begin(task)

    def cancel(self, attempts):
        """Ends attempts: (task, attempt) each; returns those that run, by worker."""
        running = collections.defaultdict(list)
        for number, attempt in attempts:
            task = self.tasks.get(number)
            if task is None or task.attempt != attempt or task.state not in LIVE:
                continue
            sent = task.state == SENT
            self._move(task, GONE)
            self._let_go(task)
            if sent and task.worker is not None:
                running[task.worker].append((number, attempt))
            elif sent and task.group.kept == 0 and not task.group.unheard():
                self._take_back(task.group)
        return running

    def release(self, numbers):
        """Lets go of outputs that nothing reads any more."""
        for number in numbers:
            task = self.tasks.get(number)
            if task is not None:
                task.released = True
                if task.unread():
                    self._let_go(task)

    def pool_died(self, pool, reason):
        """Learns that a pool will have no workers; fails what only it could run."""
        for route in self.routes:
            route.lose(pool, reason)
        for task in list(self.tasks.values()):
            if task.route.dead and task.state in LIVE:
                if task.group is not None:
                    self._take_back(task.group)
                self._fail(task, "BACKEND", task.route.dead)
        self.look()

    # Events: what is sent to Dask

    def ready(self, task):
        """Tells whether a task that was queued is to be sent now."""
        if task.state != QUEUED:
            return False
        if task.succeeded and task.unread():
            self._move(task, DONE)  # It was to be made again, and nothing reads it any more.
            return False
        ready = task.stage.ready
        if not task.stage.links or all(each.state in ready and self._readable(each) for each in self.producers(task)):
            return True
        self._begin(task)  # What it reads was lost while it was queued.
        return False

    def whole(self, task):
        """Tells whether the JVM has told of all that is to follow a task in its group."""
        stage = task.stage
        while stage.next_comes:
            stage = self.stages[stage.next]
            if stage.first + task.number - task.stage.first not in self.tasks:
                return False
        return True

    def join(self, task, group, alone):
        """Puts a task into a group that is about to be sent; returns the one that is to follow it there, or None."""
        self._move(task, SENT)
        task.group = group
        group.open += 1
        group.tasks.append(task)
        follower = None
        waiters, task.waiters = task.waiters, None
        for waiter in waiters or ():
            if waiter.awaits_nothing_more():
                may_follow = waiter.stage.index == task.stage.next and waiter.route is group.route
                if may_follow and not alone and not waiter.blames:
                    follower = waiter
                else:
                    self._queue(waiter)
        task.kept = task.stage.read_here and (follower is None or task.stage.keep)
        if task.kept:
            group.kept += 1
            self._outputs.keep(group)
        return follower

    # Events: what workers report

    def report(self, worker, item):
        """Takes one report of a worker; returns whether the JVM is to hear of it."""
        task = self.tasks.get(item[1])
        kind = item[0]
        if kind in "ldc":
            return True
        if task is None or item[2] != task.attempt or task.state != SENT:
            if kind == "o" and task is not None and item[2] == task.attempt and not self._told:
                self._made_again(task, worker)
            return False
        group = task.group
        group.begun = True
        if kind == "s":
            first, task.worker = task.worker is None, worker
            return first
        if kind == "u" and item[4] != group.number:
            return False  # It was taken back, and had begun.
        group.open -= 1
        heard = kind != "u" and not task.succeeded  # of what is made again, the JVM has heard
        if kind == "o":
            task.worker = worker
            self._succeed(task)
            task.stage.measured(worker, item[4] / 1e9)
        else:
            group.failed = True
            if kind == "u":
                self._upstream(task, item[3])
            elif task.succeeded:
                self._fail(task, item[5], item[6])
            else:
                self._move(task, FAILED)
                self._let_go(task)
        if group.open == 0:
            if group.failed:
                self._starve(group)
            self.finished(group)
        return heard

    def _made_again(self, task, worker):
        """Learns that Dask made an output once more, by itself: the worker that made it before is gone."""
        before, task.worker = task.worker, worker
        if self._outputs.made_again(task):
            self._lost_too_often(task, before)

    # Events: what becomes of groups

    def finished(self, group):
        """Learns that a group is done, from Dask or because all its tasks have reported."""
        if not group.over:
            group.end()
            if group.kept == 0:
                self._decide(LetGo(group, group.failed))

    def unreported(self, group):
        """Runs again what a group that is done has said nothing of."""
        for task in group.unheard():
            task.silences += 1
            if task.silences > MOST_SILENCES:
                self._fail(task, "BACKEND", "it was carried out %d times without a report" % task.silences)
            else:
                self._begin(task)

    def broke(self, group, lost, alone, message, kind="BACKEND"):
        """Learns that Dask could not carry out a group.

        lost: whether that was because a worker died. alone: whether what that had at hand is not known otherwise; then
        a task is to blame that was alone. kind: of the failure, if no worker was lost.
        """
        if group.abandoned:
            return
        unheard = group.unheard()
        for task in unheard if lost and alone else ():
            task.blames += 1
        guilty = unheard if not lost or (alone and len(unheard) == 1) else ()
        self._abandon(group, guilty, "WORKER_LOST" if lost else kind, message)

    def cancelled(self, group):
        """Learns that a group will not be carried out, since one that it reads will not be."""
        if not group.abandoned:
            self._abandon(group, (), "BACKEND", "")

    def worker_died(self, blamed, reason, worker, held=()):
        """Learns what a worker had at hand when it was lost.

        blamed: (task, attempt, number of its group or None, whether it was over) each. To blame are those that it
        carried out; where a group had none, those that were over and whose reports were lost. held: numbers of the
        groups whose outputs only it had. Dask makes these again; where one is lost again and again, what is to read it
        fails with its workers.
        """
        busy = {group for _, _, group, over in blamed if not over}  # also with what was cancelled
        groups = {}
        for task, over in self._unheard(blamed):
            groups.setdefault(task.group, ([], []))[over].append(task)
        for group, (running, over) in groups.items():
            guilty = running or (over if group.number not in busy else ())
            self._take_back(group)
            for task in guilty:
                task.blames += 1
                task.worker = worker
            untold = "its worker %s was lost before it had told what became of it" % worker
            self._abandon(group, guilty, "WORKER_LOST", reason if running else untold)
        for producer in self._outputs.lost(held):
            self._lost_too_often(producer, worker)

    def _lost_too_often(self, producer, worker):
        """Ends the attempts of what is to read an output. With another attempt the output is made again, if nothing is at it."""
        found, at_it = readers(producer, self.tasks.values())
        if not at_it:
            self._outputs.forget(producer)
            self._let_go(producer)
        producer.blames += 1  # Alone it harms no other outputs.
        why = "the output of %s that it reads was lost %d times, each time with its worker, at last with %s"
        why %= producer.stage.id, MOST_LOSSES, worker
        for group, tasks in found.items():
            for task in tasks:
                task.worker = worker
            if group is None:
                for task in tasks:
                    self._fail(task, INPUT_LOST, why)
            else:
                self._take_back(group)
                self._abandon(group, tasks, INPUT_LOST, why)

    def look(self):
        """Takes back what Dask can no longer make since its pools have died; what reads that ends with the reason."""
        if any(route.dead for route in self.routes):
            for task in list(self.tasks.values()):
                if task.route.dead and task.kept and self._lost(task.group):
                    self._take_back(task.group)

    # Questions

    def untold(self, blamed):
        """Tells whether a task was over on its worker, and that is still to be told. blamed: as for `worker_died`."""
        return any(over for _, over in self._unheard(blamed))

    def _unheard(self, blamed):
        for number, attempt, group, over in blamed:
            task = self.tasks.get(number)
            if task is not None and task.attempt == attempt and task.state == SENT and not task.group.abandoned:
                if group in (None, task.group.number):
                    yield task, over
