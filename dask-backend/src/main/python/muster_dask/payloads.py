"""Puts what a worker needs for a group of tasks into bytes."""

import pickle

from .values import GIVEN, OWN


class Payloads:
    """Makes payloads. Knows the partitions, the datasets, and the outputs that were made elsewhere. Not thread-safe."""

    def __init__(self, spec, stages, tasks):
        self._tasks = tasks
        # Where files travel, each worker has folders of its own for tasks.
        self._prefix = "" if spec["roots"] else spec["directory"] + "/"
        self._partitions = {}
        self._values = {}
        self._places = {}
        self._name = spec["run"]
        self._run = {key: spec[key] for key in ("base_dir", "mark", "code", "roots", "datasets", "records")}
        self._texts = {stage.index: stage.text for stage in stages}

    def common(self):
        """Returns a name, and the bytes that workers ask the scheduler for by that name: what all groups share."""
        # As an input of every group it would draw all groups to the workers that have it.
        return self._name, pickle.dumps((self._run, self._texts), protocol=4)

    def partitions(self, records):
        """Learns of partitions: index, dataset, files, first event, events."""
        for record in records:
            self._partitions[record[0]] = tuple(record)

    def values(self, values):
        """Learns of outputs that were made elsewhere or in an earlier run: JSON texts, or [path, whether it holds
        bytes]."""
        for task, value in values.items():
            self._values[int(task)] = value

    def places(self, places):
        """Learns to which partitions outputs belong that were made elsewhere."""
        for task, partition in places.items():
            self._places[int(task)] = partition

    def of(self, group):
        """Returns the payload of a group, and the groups that it reads in the order in which it counts them."""
        needed = {}
        calls = []
        for task in group.tasks:
            stage = task.stage
            inputs = None
            if stage.links:
                inputs = [None] * len(stage.inputs)
                for link, numbers in task.reads():
                    for position in link["inputs"]:
                        inputs[position] = self._source(link, numbers, group, needed)
            partition, dataset = self._place(task)
            calls.append(
                (
                    task.number,
                    task.attempt,
                    stage.index,
                    partition,
                    dataset,
                    inputs,
                    task.kept,
                    self._prefix + task.folder,
                    task.missing,
                )
            )
        return pickle.dumps((self._name, calls, group.number), protocol=4), list(needed)

    def _source(self, link, numbers, group, needed):
        if link["many"]:
            return "many", [self._one(link, number, group, needed) for number in numbers], [
                self._place(self._tasks[number])[0]
                if number in self._tasks
                else self._partitions.get(self._places.get(number))
                for number in numbers
            ]
        if not numbers:
            return ("none",)
        return ("one",) + self._one(link, numbers[0], group, needed)

    def _one(self, link, number, group, needed):
        if not link["here"] or number not in self._tasks:
            return GIVEN, self._values[number]
        owner = self._tasks[number].group
        if owner is group:
            return OWN, number
        return needed.setdefault(owner, len(needed)), number

    def _place(self, task):
        """Returns the partition and the number of the dataset."""
        if task.place < 0:
            return None, None
        if task.stage.scope == "partition":
            partition = self._partitions[task.place]
            return partition, partition[1]
        return None, task.place
