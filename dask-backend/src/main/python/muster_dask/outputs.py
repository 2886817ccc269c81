"""Outputs that are kept in Dask, and how often they were lost with their workers."""

import collections

from .tasks import DONE, LIVE, SENT

MOST_LOSSES = 3  # while nothing that reads it succeeds


class Outputs:
    """The groups of which outputs are kept. Not thread-safe."""

    def __init__(self):
        self._groups = {}
        self._losses = collections.Counter()

    def keep(self, group):
        """Learns that an output of a group is kept."""
        self._groups[group.number] = group

    def drop(self, group):
        """Learns that none is any more."""
        self._groups.pop(group.number, None)

    def read(self, producers):
        """Learns that something succeeded that reads these: they can be passed on, whatever became of their workers."""
        if self._losses:
            for each in producers:
                self._losses.pop(each.number, None)

    def lost(self, numbers):
        """Learns that outputs of these groups were only on a worker that was lost; returns the tasks whose were lost too often."""
        groups = [self._groups[number] for number in numbers if number in self._groups]
        return [task for group in groups for task in group.tasks if task.group is group and self._count(task)]

    def made_again(self, task):
        """Learns that the output of a task was lost, by its being made once more; returns whether it was lost too often."""
        return self._count(task)

    def _count(self, task):
        if not task.kept or task.state != DONE:
            return False
        self._losses[task.number] += 1
        return self._losses[task.number] >= MOST_LOSSES

    def forget(self, task):
        """Counts the losses of an output anew."""
        self._losses.pop(task.number, None)


def readers(producer, tasks):
    """Returns those of the tasks that are still to read an output, by group or None, and whether others are at it: these have it already."""
    found = {}
    at_it = False
    for task in tasks:
        if task.state in LIVE and task.stage.links and _reads(task, producer.number):
            group = task.group if task.state == SENT else None
            if group is not None and group.begun:
                at_it = True
            else:
                found.setdefault(group, []).append(task)
    return found, at_it


def _reads(task, number):
    for position, link in enumerate(task.stage.links):
        if not link["here"]:
            continue
        if link["identity"]:
            if link["first"] + task.number - task.stage.first == number:
                return True
        elif any(first <= number < end for first, end in task.deps[position]):
            return True
    return False
