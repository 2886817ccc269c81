"""Sends groups of tasks to Dask, and carries out what is decided of them."""

import collections
import itertools

from .decisions import INPUT_LOST, Fail, LetGo
from .grouping import MOST_AT_ONCE, Grouping
from .lifecycle import Lifecycle
from .payloads import Payloads
from .runtime import run_group
from .tasks import Route, Stage

MOST_DONE = 10_000


class Flow:
    """The tasks of a run on their way to Dask. Not thread-safe: everything happens on the event loop.

    Events go to its lifecycle. client: needs map and cancel. capacity: tells how many tasks a route's workers can run
    at a time. tell: takes a worker's name, or None, and a report for the JVM. watch: takes a group that was sent; what
    becomes of it is to be told.
    """

    def __init__(self, spec, client, capacity, tell, watch):
        self._client = client
        self._tell = tell
        self._watch = watch
        stages = {stage["index"]: Stage(stage) for stage in spec["stages"]}
        self.routes = [Route(number, route) for number, route in enumerate(spec["routes"])]
        # Somebody else's scheduler does not say that a worker is lost.
        self.lifecycle = Lifecycle(stages, self.routes, lost, self._carry_out, told=not spec["address"])
        self._payloads = Payloads(spec, stages.values(), self.lifecycle.tasks)
        self.partitions = self._payloads.partitions
        self.values = self._payloads.values
        self.places = self._payloads.places
        self.common = self._payloads.common
        self._grouping = Grouping(spec, self.lifecycle, capacity)
        self._done = collections.deque()
        self.groups = 0

    def fill(self):
        """Sends what can be sent, some at a time, so that workers begin early; returns whether there may be more."""
        groups = self._grouping.make()
        self._send(groups)
        return len(groups) >= MOST_AT_ONCE

    def holds(self):
        """Tells whether something that could be sent waits for a moment."""
        return self._grouping.holds

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

    def tidy(self, most=MOST_DONE):
        """Lets go of groups whose outputs nothing reads, but for the last: each is work for the scheduler.

        Returns what Dask is to forget.
        """
        forgotten = []
        while len(self._done) > most:
            group = self._done.popleft()
            if group.future is not None:
                forgotten.append(group.key)
                group.future = None
        return forgotten

    def _carry_out(self, decision):
        if isinstance(decision, Fail) and decision.kind == INPUT_LOST:
            self._tell(decision.worker, ["w", decision.task, decision.attempt, decision.message])
        elif isinstance(decision, Fail):
            report = ["f", decision.task, decision.attempt, None, 0, decision.kind, decision.message]
            self._tell(decision.worker, report)
        elif isinstance(decision, LetGo) and not decision.soon:
            self._done.append(decision.group)
        else:
            group = decision.group
            if group.future is not None and not isinstance(decision, LetGo):
                self._client.cancel([group.future], force=True)
            group.future = None


def lost(group):
    """Tells whether outputs of a group are gone for good: Dask cannot make them again, or has no workers for it."""
    future = group.future
    if future is None:  # It is about to be sent.
        return False
    return future.status in ("error", "cancelled") or (
        group.route.dead is not None and group.over and future.status != "finished"
    )
