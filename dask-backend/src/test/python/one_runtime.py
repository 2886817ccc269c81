"""A runtime without Dask, for tests of what a worker carries out."""

import json
import os
import pickle
import tempfile
import threading
import unittest

from muster_dask.held import Held
from muster_dask.runtime import Runtime


def code(callable_, **more):
    """Returns a stage as the bridge sends it."""
    spec = {
        "stage": "s", "callable": callable_, "args": [], "params": {}, "modifiers": [], "inputs": [], "explicit": False,
        "variables": {}, "extra_data": {}, "fetch": True, "read_here": True, "by_name": False, "copies": "none",
    }  # fmt: skip
    return json.dumps(dict(spec, **more))


def later(seconds, function):
    """Calls a function later, on another thread."""
    timer = threading.Timer(seconds, function)
    timer.daemon = True
    timer.start()


def values(kept):
    """Returns what a group keeps, as it is held."""
    return {task: output.find(None) if isinstance(output, Held) else output for task, output in kept.items()}


class OneRuntime(unittest.TestCase):
    """One runtime without Dask."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.reports = []
        mark = os.path.join(self.folder.name, "mark")
        with open(mark, "w"):
            pass
        self.run_details = {"base_dir": self.folder.name, "mark": mark, "code": [], "roots": None, "datasets": [], "records": False}
        self.shared = {}
        self.names = {}
        self.asked = []
        ledger = os.path.join(self.folder.name, "ledger")
        self.runtime = Runtime(self.reports.extend, later, self.ask, "pool-0", "pool", ledger)

    def carry_out(self, stages, calls, dependencies=()):
        """Carries out a group."""
        name = self.names.setdefault(json.dumps(stages), "run-%d" % (len(self.names) + 1))
        self.shared[name] = pickle.dumps((self.run_details, stages))
        return self.runtime.run(pickle.dumps((name, calls, 7)), *dependencies)

    def ask(self, name):
        """Does what the scheduler does."""
        self.asked.append(name)
        return self.shared.get(name)

    def ended(self):
        """Returns the reports but those of tasks that begin: whether these come depends on how long a task takes."""
        return [item for item in self.reports if item[0] != "s"]

    def call(self, task, stage=0, inputs=None, keep=False, attempt=1):
        """Returns a call of a group."""
        return task, attempt, stage, None, None, inputs, keep, os.path.join(self.folder.name, str(task)), None
