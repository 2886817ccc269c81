"""The calls of one submission, in three files of its folder, which all its jobs read.

  calls      for each task a line: the number of its stage, a blank, and JSON that its call has of its own; see `read_call`
  index      for each task, and for the end, where its line begins: 8 bytes, big-endian
  submission.json
             stages: what the calls of each stage have in common, as JSON text by number; datasets; each: how many tasks
             a job has; path: folders for the module path; origins: what codefiles.CodeFiles takes; values: the folder
             of large inputs; nodes and ranks of a task, where it has several. Where files are sent, each job
             has calls of its own, paths are relative, and there is: code: what usercode.unpack takes
"""

import copy
import os
import struct

from muster_task import encoding

OFFSET = struct.Struct(">Q")


class Calls:
    """The calls of the job with a number."""

    def __init__(self, folder, number):
        self.folder = folder
        with open(os.path.join(folder, "submission.json"), "rb") as file:
            self.common = encoding.load(file.read())
        each = self.common["each"]
        self._offsets = self._read_offsets(number * each, each)

    def _read_offsets(self, first, count):
        with open(os.path.join(self.folder, "index"), "rb") as file:
            file.seek(first * OFFSET.size)
            data = file.read((count + 1) * OFFSET.size)
        return [offset for (offset,) in OFFSET.iter_unpack(data)]

    def __len__(self):
        return len(self._offsets) - 1

    def lines(self):
        """Yields stage and own part of the calls, in order."""
        with open(os.path.join(self.folder, "calls"), "rb") as file:
            for start, end in zip(self._offsets, self._offsets[1:]):
                file.seek(start)
                stage, _, own = file.read(end - start).partition(b" ")
                yield int(stage), own

    def stage(self, number):
        """Returns what the calls of a stage have in common: a mapping of the caller's own."""
        return encoding.load(self.common["stages"][str(number)])


def read_call(stage, own, calls, leaving=None, place=0):
    """Returns a call as the task runtime takes it.

    stage: what all calls of the stage have. own: JSON with the number of the task's dataset or None, and read: what is
    to be put into the inputs from files, each with the input's name, the place in its list or None, and the file's
    name. leaving: what is sent back, or None; place: the call's number in its job.
    """
    own = encoding.load(own)
    made = dict(stage)
    dataset = own.pop("dataset")
    files = made.pop("datasets", ())
    datasets = calls.common["datasets"]
    for name, item, file in own.pop("read"):
        with open(os.path.join(calls.folder, calls.common["values"], file), "rb") as data:
            value = encoding.load(data.read())
        if item is None:
            own["inputs"][name] = value
        else:
            own["inputs"][name][item] = value
    made.update(own)
    made.update({name: calls.common[name] for name in ("nodes", "ranks") if name in calls.common})
    if leaving is not None:
        leaving.here(made, place)
    made["measure"] = False
    made["dataset"] = None if dataset is None else copy.deepcopy(datasets[dataset])  # which the function may change
    made["files"] = [name for index in files for name in datasets[index]["files"]]
    return made
