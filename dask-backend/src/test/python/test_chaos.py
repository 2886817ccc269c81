"""Random runs on a Dask that is made of nothing, whose tasks fail and whose workers die: each ends, with all tasks done or with the reason."""

import collections
import pickle
import random
import unittest

from muster_dask.flow import Flow
from muster_dask.values import Missing
from muster_dask.watch import undecided

MOST_STEPS = 6000
SEEDS = 150


def stage(index, count, first, links, joins):
    """Returns a stage as the JVM describes it. joins: whether its tasks follow those of the stage before in one group."""
    return {
        "index": index, "first": first, "next": index + 1 if joins else -1, "next_comes": joins, "depth": index,
        "fetch": False, "read_here": True, "copies": "none", "keep": True, "scope": "global", "links": links,
        "code": {"stage": "s%d" % index, "inputs": [["i%d" % number, None, number] for number in range(len(links))]},
    }  # fmt: skip


def link(producer, first, identity, place):
    """Returns a link: to the task of the same number, or to all."""
    return {
        "producer": producer, "identity": identity, "first": first, "here": True, "many": not identity, "inputs": [place]
    }  # fmt: skip


class Key:
    """What Dask knows of one group; also its future."""

    def __init__(self, payload, reads):
        _, self.calls, self.group = pickle.loads(payload)
        self.reads = reads
        self.status = "pending"
        self.value = None
        self.worker = None
        self.read = None
        self.made = False  # once at least
        self.forgotten = False  # while it runs

    def waits(self):
        """Tells whether it has no value, and may get one."""
        return self.status in ("pending", "lost")


class Run:
    """One run: the JVM, Dask, and what happens to it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        count = self.random.choice([2, 4, 8])
        self.routes = [self.random.randrange(2) for _ in range(5)]
        self.firsts = [0, count, 2 * count, 2 * count + 1, 3 * count + 1]
        self.counts = [count, count, 1, count, 1]
        self.keys = []
        self.watched = {}
        self.told = []
        self.done = set()
        self.released = set()
        self.failed = []
        self.reason = None
        self.in_vain = []
        self.batch = self.random.random() < 0.5
        self.takes = self.random.random() < 0.5  # whether the only reader of an output takes it
        self.attempts = collections.defaultdict(lambda: 1)
        self.disasters = self.random.randint(0, 30)
        first = self.firsts
        links = [
            [], [link(0, 0, True, 0)], [link(1, first[1], False, 0)],
            [link(1, first[1], True, 0), link(2, first[2], False, 1)], [link(3, first[3], False, 0)],
        ]  # fmt: skip
        joins = [self.routes[0] == self.routes[1], False, False, False, False]
        spec = {
            "base_dir": "/b", "mark": "/m", "run": "r", "records": False, "address": None, "batch": self.batch,
            "batch_seconds": 0.05,
            "stages": [stage(n, self.counts[n], first[n], links[n], joins[n]) for n in range(5)],
            "routes": [{"resources": {name: 1}, "pools": [name]} for name in "ab"],
            "datasets": [], "directory": "/d", "roots": None, "code": [],
        }  # fmt: skip
        self.flow = Flow(
            spec, self, lambda route: 2, lambda worker, item: self.told.append(item), lambda group: self.watched.setdefault(group)
        )
        self.readers = collections.defaultdict(set)
        for number in range(count):
            self.readers[number] = {first[1] + number}
            self.readers[first[1] + number] = {first[2], first[3] + number}
            self.readers[first[2]].add(first[3] + number)
            self.readers[first[3] + number] = {first[4]}
        one, three = [[first[1], first[2]]], [[first[3], first[4]]]
        deps = {first[2]: [one], first[4]: [three]}
        deps.update({first[3] + number: [None, [[first[2], first[3]]]] for number in range(count)})
        for index in range(5):
            runs = [[first[index], self.counts[index], -1, "s.0"]]
            self.flow.lifecycle.submit(index, 1, self.routes[index], runs, {str(key): value for key, value in deps.items()})

    # Dask's client

    def map(self, _, payloads, *dependencies, **__):
        """Takes groups."""
        made = [Key(payload, [each[number] for each in dependencies]) for number, payload in enumerate(payloads)]
        self.keys.extend(made)
        return made

    def cancel(self, keys, force):
        """Takes groups back, with what reads them."""
        for key in keys:
            self.end(key, "cancelled")

    # Dask

    def end(self, key, status):
        """Ends a group and what reads it."""
        if key.status != status:
            key.status, key.value, key.worker = status, None, None
            for other in self.keys:
                if key in other.reads and other.value is None:
                    self.end(other, status)

    def wanted(self):
        """Returns the groups that the client wants, and those that wait for what they read."""
        groups = set(self.watched) | {task.group for task in self.flow.lifecycle.tasks.values() if task.group}
        found = {group.future for group in groups if group.future is not None}
        ends = list(found)
        while ends:
            key = ends.pop()
            for each in key.reads if key.waits() else ():
                if each not in found:
                    found.add(each)
                    ends.append(each)
        return found

    def settle(self):
        """Makes again what is needed, ends what cannot be made, and leaves what nothing wants."""
        for key in self.keys:  # What is read comes before what reads it.
            for each in key.reads if key.waits() else ():
                if each.status in ("error", "cancelled"):
                    self.end(key, each.status)
        wanted = self.wanted()
        for key in reversed(self.keys):
            if key.waits() and not key.worker and key not in wanted:
                key.status = "released"
            for each in key.reads if key.waits() and key in wanted else ():
                if each.status == "released":
                    each.status = "pending"

    def work(self):
        """Lets a worker begin with a group, or end it."""
        self.settle()
        ready = [key for key in self.keys if key.waits() and not key.worker and all(each.value is not None for each in key.reads)]
        running = [key for key in self.keys if key.waits() and key.worker]
        if ready and (not running or self.random.random() < 0.6):
            key = self.random.choice(ready)
            if key.made and not self.batch and not self.useful(key):
                self.in_vain.append(key.calls)
            key.worker = "w-%d" % self.random.randrange(4)
            key.read = [each.value for each in key.reads]
        elif running:
            self.carry_out(self.random.choice(running))

    def useful(self, key):
        """Tells whether a group that was made before is of any use once more."""
        tasks = [self.flow.lifecycle.tasks[call[0]] for call in key.calls]
        return any(task.group and task.group.future is key and self.needed(task.number) for task in tasks) or any(
            key in other.reads and other.waits() and self.useful(other) for other in self.keys
        )

    def needed(self, task):
        """Tells whether a task is not done, or one that reads it and was lost."""
        if task not in self.done:
            return True
        group = self.flow.lifecycle.tasks[task].group
        there = group and group.future and group.future.value is not None
        return not there and any(self.needed(reader) for reader in self.readers[task])

    def carry_out(self, key):
        """Does what a worker does with a group."""
        own, kept, reports = {}, {}, []
        for task, attempt, _, _, _, inputs, keep, _, _ in key.calls:
            sources = [each for source in inputs or () for each in ([source[1:3]] if source[0] == "one" else source[1])]
            places = [(own if group < 0 else key.read[group], number) for group, number in sources]
            values = [place.get(number, Missing(number)) for place, number in places]
            missing = [each for value in values if isinstance(value, Missing) for each in value.tasks]
            for place, number in places if self.takes and not missing else ():
                if self.readers[number] == {task}:
                    place[number] = Missing(number)
            if missing:
                reports.append(["u", task, attempt, missing, key.group])
                own[task] = Missing(task, *missing)
            elif self.random.random() < (0.3 if attempt == 1 else 0.02):
                reports.append(["f", task, attempt, 0, 10, "OPERATION", "no"])
                own[task] = Missing(task)
            else:
                reports.append(["o", task, attempt, 0, 10])
                own[task] = "value"
            if keep:
                kept[task] = own[task]
        key.made = True
        worker = key.worker
        if key.forgotten:
            key.worker, key.forgotten = None, False
        else:
            key.value, key.status = kept, "finished"
        self.told.extend(item for item in reports if self.flow.lifecycle.report(worker, item))

    def lose_worker(self):
        """Kills a worker."""
        name = "w-%d" % self.random.randrange(4)
        self.flow.tidy(0)
        wanted = self.wanted()
        blamed, held = [], []
        for key in [key for key in self.keys if key.worker == name]:
            if key.waits():
                if self.random.random() < 0.5:
                    group = self.random.choice([None, key.group])
                    blamed.append(self.random.choice(key.calls)[:2] + (group, self.random.random() < 0.3))
                self.end(key, "error")
            elif key.status == "finished":
                held.append(key.group)
                key.value, key.worker, key.status = None, None, "lost" if key in wanted else "released"
                for reader in self.keys:
                    if key in reader.reads and reader.waits() and reader.worker:
                        reader.forgotten = True
        if self.random.random() < 0.5:
            self.sweep()
        self.flow.lifecycle.worker_died(blamed, "its worker died", name, held)

    # The bridge

    def sweep(self):
        """Tells what has become of groups."""
        for group in list(self.watched):
            key = group.future
            if undecided(group) or (key is not None and key.status == "released" and (group.kept or not group.over)):
                continue
            key = group.future
            del self.watched[group]
            if key is None:
                continue
            if key.status == "finished":
                self.flow.lifecycle.finished(group)
                if group.unheard():
                    self.flow.lifecycle.unreported(group)
            elif key.status == "cancelled":
                self.flow.lifecycle.cancelled(group)
            else:
                self.flow.lifecycle.broke(group, True, False, "KilledWorker")
        self.flow.tidy()

    # The JVM, which is done with a task that has succeeded once

    def hear(self):
        """Hears of tasks, and lets go of what is no longer read."""
        told, self.told = self.told, []
        for item in told:
            if item[0] == "o":
                self.done.add(item[1])
            elif item[0] == "w":
                self.failed.append(item[1])
            elif item[0] == "f" and item[1] not in self.done:
                self.failed.append(item[1])
                if item[5] in ("BACKEND", "NETWORK"):
                    self.reason = item[6]
        for task in self.done - self.released:
            if self.readers[task] and self.readers[task] <= self.done:
                self.released.add(task)
                self.flow.lifecycle.release([task])

    def try_again(self):
        """Hands over another attempt of a task that failed."""
        task = self.failed.pop(self.random.randrange(len(self.failed)))
        self.attempts[task] += 1
        index = max(each for each in range(5) if self.firsts[each] <= task)
        self.flow.lifecycle.submit(index, self.attempts[task], self.routes[index], [[task, 1, -1, "s"]], None)

    def end_of_run(self):
        """Runs; returns whether it came to an end."""
        for _ in range(MOST_STEPS):
            self.hear()
            if self.reason or len(self.done) == sum(self.counts):
                return True
            what = self.random.random()
            if what < 0.25:
                self.flow.fill()
            elif what < 0.35 and self.failed:
                self.try_again()
            elif what < 0.45:
                self.sweep()
            elif what < 0.5 and self.disasters:
                self.disasters -= 1
                self.lose_worker()
            else:
                self.work()
        return False


class ChaosTest(unittest.TestCase):
    """Many random runs."""

    def test_every_run_comes_to_its_end(self):
        done = 0
        for seed in range(SEEDS):
            run = Run(seed)
            with self.subTest(seed=seed):
                self.assertTrue(run.end_of_run(), "%d of %d tasks done" % (len(run.done), sum(run.counts)))
                self.assertEqual([], run.in_vain)
            done += run.reason is None
        self.assertGreater(done, SEEDS * 0.8)


if __name__ == "__main__":
    unittest.main()
