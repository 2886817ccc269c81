"""How tasks of a run on Dask change their state: what waits, what is queued, what fails, and which outputs are kept.

The states are in `lifecycle`.
"""

from .decisions import INPUT_LOST, Fail, LetGo, TakeBack
from .outputs import Outputs
from .tasks import DONE, FAILED, IN_DASK, LIVE, QUEUED, SENT, WAITING

MOST_REVIVALS = 3
MOST_REMAKES = 5


class Transitions:
    """The tasks of a run, and what follows from a change of one. Not thread-safe.

    lost, decide: as for the lifecycle.
    """

    def __init__(self, lost, decide):
        self.tasks = {}
        self._given_up = False  # some output
        self._outputs = Outputs()
        self._lost = lost
        self._decide = decide

    def producers(self, task):
        """Yields the tasks of this backend that a task reads, as far as they are known."""
        for link, numbers in task.reads():
            if link["here"]:
                for number in numbers:
                    producer = self.tasks.get(number)
                    if producer is not None:
                        yield producer

    # States

    def _move(self, task, state):
        """Changes a task's state. One that succeeded and runs again pins what it reads until that is over."""
        before, task.state = task.state, state
        if task.succeeded and (before in LIVE) != (state in LIVE):
            for producer in self.producers(task):
                producer.pins += 1 if state in LIVE else -1
                if producer.unread():
                    self._let_go(producer)

    def _begin(self, task):
        """Lets a task wait until it can be sent; what it reads is made again where that is lost."""
        begun = [task]
        while begun:
            task = begun.pop()
            self._let_go(task)
            task.group, task.waiting = None, 0
            self._move(task, WAITING)
            given_up = (each.why for each in self.producers(task) if each.why) if self._given_up else iter(())
            hopeless = task.route.dead or next(given_up, None)
            for producer in () if hopeless or not task.stage.links else self.producers(task):
                if producer.state in IN_DASK and not self._readable(producer):
                    self._move(producer, WAITING)  # Its first report stands.
                    begun.append(producer)
                if producer.state not in task.stage.ready:
                    producer.await_(task)
                    task.waiting += 1
            if hopeless:
                self._fail(task, "BACKEND", hopeless, hopeless=True)
            elif task.waiting == 0:
                self._queue(task)

    def _queue(self, task):
        self._move(task, QUEUED)
        task.route.queue(task)

    def _succeed(self, task):
        self._move(task, DONE)
        task.succeeded = True
        self._outputs.read(self.producers(task))
        if task.unread():
            self._let_go(task)
        gatherers, task.gatherers = task.gatherers, None
        for waiter in gatherers or ():
            if waiter.awaits_nothing_more():
                self._queue(waiter)

    def _fail(self, task, kind, message, hopeless=False):
        """Ends an attempt in failure. One that succeeded is tried again; when that is hopeless, what reads it fails."""
        failed = [(task, kind, message, hopeless)]
        while failed:
            task, kind, message, hopeless = failed.pop()
            if hopeless and task.state != WAITING:
                continue  # It waited for several.
            self._let_go(task)
            if not task.succeeded:
                self._move(task, FAILED)
                worker = task.worker if kind in ("WORKER_LOST", INPUT_LOST) else None
                self._decide(Fail(task.number, task.attempt, kind, message, worker))
                continue
            task.failures += 1
            if task.failures <= MOST_REMAKES and not hopeless and not task.route.dead:
                self._begin(task)
                continue
            self._move(task, FAILED)
            self._given_up = True
            task.why = "an output of %s was lost and could not be made again: %s" % (task.stage.id, message)
            waiters = (task.waiters or []) + (task.gatherers or [])
            task.waiters = task.gatherers = None
            failed.extend((waiter, "BACKEND", task.why, True) for waiter in waiters)

    def _upstream(self, task, missing):
        """Takes back a task that found no output of others."""
        # What was sent before a producer's latest group has read an earlier attempt; it only comes too early.
        number = task.group.number
        made = [each for each in map(self.tasks.get, missing) if each.state == DONE]
        lost = [each for each in made if each.group is None or each.group.number <= number]
        if lost:
            task.revivals += 1
            if task.revivals > MOST_REVIVALS:
                return self._fail(task, "NETWORK", "an output that it reads could not be had from its worker")
            for producer in lost:
                self._let_go(producer)  # It should have been there.
        self._begin(task)

    def _starve(self, group):
        """Takes back groups that can do nothing for want of this one's outputs; Dask would make these again in vain."""
        wanting = [group]
        while wanting:
            for reader in wanting.pop().readers or ():
                present = [task for task in reader.tasks if task.group is reader and task.state in IN_DASK]
                starved = set()
                for task in present:
                    producers = self.producers(task)
                    if task.state == SENT and any(each.state not in IN_DASK or each in starved for each in producers):
                        starved.add(task)
                if not reader.over and starved and len(starved) == len(present):
                    reader.end()
                    reader.abandoned = True
                    self._decide(LetGo(reader, True))
                    for task in present:
                        self._begin(task)
                    wanting.append(reader)

    # Groups and their outputs

    def _readable(self, task):
        """Tells whether an output that is in Dask can be read there: it is kept, and not lost."""
        if task.kept and self._lost(task.group):
            self._let_go(task)
        return task.kept

    def _let_go(self, task):
        """Keeps a task's output no longer. A group of which nothing is kept is let go of, or Dask makes it again."""
        if task.kept:
            task.kept = False
            group = task.group
            group.kept -= 1
            if group.kept == 0:
                self._outputs.drop(group)
                if group.over and not group.abandoned:
                    self._decide(LetGo(group, True))

    def _take_back(self, group):
        """Takes a group back from Dask, with the outputs that are kept there."""
        if not group.abandoned:
            group.end()
            group.abandoned = True
            self._decide(TakeBack(group))
            for task in group.tasks:
                if task.group is group:
                    self._let_go(task)

    def _abandon(self, group, guilty, kind, reason):
        """Gives a group up: the guilty fail, others run again; outputs are made again when something reads them."""
        group.end()
        if not group.abandoned:
            group.abandoned = True
            self._decide(LetGo(group, True))
        for task in group.tasks:
            if task.group is group:
                unheard = task.state == SENT
                self._let_go(task)
                if task in guilty:
                    self._fail(task, kind, reason)
                elif unheard:
                    self._begin(task)
