"""The tasks of a run as the bridge sees them, and what they have in common."""

import collections
import json

WAITING, QUEUED, SENT, DONE, FAILED, GONE = range(6)
IN_DASK = (SENT, DONE)
LIVE = (WAITING, QUEUED, SENT)
KEY = "muster-"


class Task:
    """One task of the workflow, as far as Dask is concerned."""

    __slots__ = (
        "number", "stage", "attempt", "route", "place", "folder", "deps", "missing", "state", "group", "waiters", "gatherers",
        "waiting", "blames", "kept", "worker", "revivals", "silences", "succeeded", "failures", "why", "released",
        "pins",
    )  # fmt: skip

    def __init__(self, number, stage, place):
        self.number = number
        self.stage = stage
        self.attempt = 0
        self.route = None
        self.place = place  # the number of its partition or dataset, or -1
        self.folder = None  # below the run's directory
        self.deps = None
        self.missing = None  # what it goes without, of a stage that tolerates it, by input
        self.state = GONE
        self.group = None
        self.waiters = None  # those that wait until it is in Dask
        self.gatherers = None  # those that wait until it is done
        self.waiting = 0
        self.blames = 0
        self.kept = False  # its output, in Dask
        self.worker = None
        self.revivals = 0
        self.silences = 0  # how often it was carried out and nothing was heard of it
        self.succeeded = False  # then the JVM is done with it, and it runs again only for what reads it
        self.failures = 0  # since it succeeded
        self.why = None  # its output is lost, and was given up
        self.released = False  # all that read it were done once
        self.pins = 0  # how many of those have to be made again

    def unread(self):
        """Tells whether nothing reads its output any more."""
        return self.released and self.pins == 0

    def awaits_nothing_more(self):
        """Learns that one that it waits for is ready; returns whether that was the last."""
        if self.state != WAITING:
            return False
        self.waiting -= 1
        return self.waiting == 0

    def reads(self):
        """Yields what it reads: (link, numbers of tasks)."""
        for position, link in enumerate(self.stage.links):
            if link["identity"]:
                yield link, (link["first"] + self.number - self.stage.first,)
            else:
                yield link, [number for first, end in self.deps[position] for number in range(first, end)]

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


def number_of(key):
    """Returns the number of the group that has a key in Dask, or None if it is none of ours."""
    number = key.rpartition("-")[2] if isinstance(key, str) and key.startswith(KEY) else ""
    return int(number) if number.isdigit() else None


class Group:
    """Tasks that travel to Dask together."""

    __slots__ = (
        "number", "key", "tasks", "route", "future", "open", "kept", "begun", "over", "abandoned", "failed", "readers",
    )  # fmt: skip

    def __init__(self, run, number, route):
        self.number = number  # later ones have higher numbers
        self.key = "%s%s-%d" % (KEY, run, number)
        self.route = route
        self.tasks = []
        self.future = None  # Dask's, while Dask has the group
        self.open = 0  # tasks of which nothing has been heard
        self.kept = 0
        self.begun = False  # something was heard of it: it has all that it reads
        self.over = False  # nothing more is expected of it
        self.abandoned = False  # it was given up, and nothing said of it counts any more
        self.failed = False  # or some of its tasks did
        self.readers = None

    def read_by(self, reader):
        """Learns that a group was sent that reads it."""
        if self.readers is None:
            self.readers = []
        self.readers.append(reader)

    def end(self):
        """Expects nothing more of it."""
        if not self.over:
            self.over = True
            self.route.flight -= 1

    def unheard(self):
        """Returns those of its tasks of which nothing has been heard."""
        return [task for task in self.tasks if task.group is self and task.state == SENT]


class Stage:
    """What the tasks of a stage have in common."""

    def __init__(self, spec):
        self.index = spec["index"]
        self.first = spec["first"]
        self.next = spec["next"]  # its tasks may follow those of this one in their groups
        self.next_comes = spec["next_comes"]  # the JVM tells of these without waiting for anything
        self.held_since = None  # its tasks wait for them
        self.depth = spec["depth"]
        self.fetch = spec["fetch"]
        self.read_here = spec["read_here"]
        self.keep = spec["keep"]  # also what only the next task of the same group reads
        self.scope = spec["scope"]
        self.links = spec["links"]
        self.gathers = any(link["many"] for link in self.links)
        # A task that waits in Dask for one output may hold on to many others for long; some may have to be made again.
        self.ready = (DONE,) if self.gathers else IN_DASK
        self.id = spec["code"]["stage"]
        self.text = json.dumps(dict(spec["code"], fetch=spec["fetch"], read_here=spec["read_here"], copies=spec["copies"]))
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
        self.flight = 0  # groups in Dask
        self.dead = None  # why there will be no workers

    def lose(self, pool, reason):
        """Learns that a pool will have no workers."""
        if pool in self.pools:
            self.pools = [each for each in self.pools if each != pool]
            if not self.pools:
                self.dead = reason

    def queue(self, task):
        """Queues a task that is ready."""
        queue = self.queues.get(task.stage.index)
        if queue is None:
            queue = self.queues[task.stage.index] = collections.deque()
        queue.append(task)
