"""The tasks of a run as the bridge sees them, and what they have in common."""

import json

WAITING, QUEUED, SENT, DONE, FAILED, GONE = range(6)
IN_DASK = (SENT, DONE)


class Task:
    """One task of the workflow, as far as Dask is concerned."""

    __slots__ = (
        "number", "stage", "attempt", "route", "place", "folder", "deps", "state", "group", "waiters", "gatherers", "waiting", "blames",
        "kept", "worker", "revivals", "silences", "succeeded", "failures", "why", "released", "pins", "pinning",
    )  # fmt: skip

    def __init__(self, number, stage):
        self.number = number
        self.stage = stage
        self.attempt = 0
        self.route = None
        self.place = -1
        self.folder = None  # below the run's directory
        self.deps = None
        self.state = WAITING
        self.group = None
        self.waiters = None  # those that wait until it is in Dask
        self.gatherers = None  # those that wait until it is done
        self.waiting = 0
        self.blames = 0
        self.kept = False
        self.worker = None
        self.revivals = 0
        self.silences = 0  # how often it was carried out and nothing was heard of it
        self.succeeded = False  # then the JVM is done with it, and it runs again only for what reads it
        self.failures = 0  # since it succeeded
        self.why = None
        self.released = False  # all that read it were done once
        self.pins = 0  # how many of those have to be made again
        self.pinning = False  # it is one of those

    def gone(self):
        """Tells whether its output is lost, and was given up."""
        return self.why is not None

    def unread(self):
        """Tells whether nothing reads its output any more."""
        return self.released and self.pins == 0

    def unreadable(self):
        """Tells whether it must run again for what reads it now: its output was not kept, or is lost."""
        if self.state not in IN_DASK:
            return False
        if self.kept and self.group.spoilt():
            self.let_go()
        return not self.kept

    def await_(self, waiter):
        """Learns that a task waits for it."""
        if waiter.stage.gathers:
            if self.gatherers is None:
                self.gatherers = []
            self.gatherers.append(waiter)
        else:
            if self.waiters is None:
                self.waiters = []
            self.waiters.append(waiter)

    def let_go(self):
        """Keeps its output no longer; a group of which nothing is kept is let go of, else Dask would make it again."""
        if self.kept:
            self.kept = False
            self.group.kept -= 1
            if self.group.kept == 0 and self.group.over:
                self.group.future = None


class Group:
    """Tasks that travel to Dask together."""

    __slots__ = ("number", "key", "tasks", "route", "future", "open", "kept", "over", "abandoned", "failed", "readers")

    def __init__(self, run, number, route):
        self.number = number  # later ones have higher numbers
        self.key = "muster-%s-%d" % (run, number)
        self.route = route
        self.tasks = []
        self.future = None
        self.open = 0  # tasks of which nothing has been heard
        self.kept = 0
        self.over = False
        self.abandoned = False
        self.failed = False  # or some of its tasks did
        self.readers = None

    def read_by(self, reader):
        """Learns that a group was sent that reads it."""
        if self.readers is None:
            self.readers = []
        self.readers.append(reader)

    def needless(self):
        """Lets go of it, if it is still at hand for Dask though it has reported all and nothing reads it; returns whether it did.

        If an output that it read was lost while it ran, Dask forgets that it runs, and runs it again.
        """
        if self.over and self.kept == 0:
            self.future = None
        return self.future is None

    def spoilt(self):
        """Tells whether its outputs are gone for good: Dask made them once more, and could not."""
        return self.future is not None and self.future.status in ("error", "cancelled")

    def unreported(self):
        """Tells whether nothing has been heard of some of its tasks."""
        return any(task.group is self and task.state == SENT for task in self.tasks)


class Stage:
    """What the tasks of a stage have in common."""

    def __init__(self, spec):
        self.index = spec["index"]
        self.first = spec["first"]
        self.next = spec["next"]
        self.depth = spec["depth"]
        self.fetch = spec["fetch"]
        self.read_here = spec["read_here"]
        self.keep = spec["keep"]  # also what only the next task of the same group reads
        self.scope = spec["scope"]
        self.links = spec["links"]
        self.gathers = any(link["many"] for link in self.links)
        # A task that waits in Dask for one output may wait for long and hold on to many others; some may have to be made again.
        self.ready = (DONE,) if self.gathers else IN_DASK
        self.id = spec["code"]["stage"]
        self.text = json.dumps(dict(spec["code"], fetch=spec["fetch"]))
        self.inputs = spec["code"]["inputs"]
        self.seconds = None
        self._seen = set()

    def measured(self, worker, seconds):
        """Learns how long a task takes. The first on each worker is left out: it imports modules."""
        if worker not in self._seen:
            self._seen.add(worker)
        elif self.seconds is None:
            self.seconds = seconds
        else:
            self.seconds += (seconds - self.seconds) * 0.2


class Route:
    """Tasks that go to the same workers."""

    def __init__(self, number, spec):
        self.number = number
        self.resources = spec["resources"]
        self.pools = spec["pools"]
        self.queues = {}
        self.flight = 0
        self.dead = None
