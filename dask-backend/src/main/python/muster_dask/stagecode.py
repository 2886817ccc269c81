"""What the tasks of a stage have in common on a worker: the function, its arguments and its surroundings."""

import copy
import functools
import os
import pathlib
import threading

from muster_task import children, encoding, surroundings
from muster_task.stage import Stage

NO_VARIABLES = {}
FIXED = encoding.SIMPLE + (bytes, pathlib.PurePath)


class StageCode(Stage):
    """What the tasks of one stage have in common."""

    def __init__(self, spec):
        super().__init__(spec)
        self.inputs = spec["inputs"]
        self.fetch = spec["fetch"]
        self.read_here = spec["read_here"]
        self.by_name = spec["by_name"]
        self.copies = spec["copies"]
        #: Calls the function, where that takes nothing of the task itself and nothing around it is to be set; else None.
        self.bare = None
        # Functions may change what they are given.
        self._changeable = {name: not fixed(spec[name]) for name in ("args", "params", "extra_data")}

    def given(self, name):
        """Returns args, params or extra_data for one call."""
        return copy.deepcopy(self.spec[name]) if self._changeable[name] else self.spec[name].copy()

    def shape(self, call, found):
        """Returns where arguments come from, and finds out whether they come from nowhere."""
        shape = super().shape(call, found)
        given, _, takes_context = shape
        changeable = self._changeable["args"] or self._changeable["params"]
        if not (given or takes_context or self.inputs or changeable or self.spec["variables"]):
            self.bare = functools.partial(self.function(), *self.spec["args"], **found)
        return shape


def fixed(values):
    """Tells whether nobody can change any of these values."""
    items = values.values() if isinstance(values, dict) else values
    return all(isinstance(item, FIXED) for item in items)


class Teller:
    """Passes on what a task says while it runs; each method returns whether it could: a forked child of the worker cannot."""

    __slots__ = ("_reporter", "_task")

    def __init__(self, reporter, task):
        self._reporter = reporter
        self._task = task

    def log(self, text):
        """Passes on a line of the log."""
        return self._add(["l", self._task, text])

    def diagnostic(self, name, value):
        """Passes on a diagnostic, encoded."""
        return self._add(["d", self._task, name, value.decode("ascii")])

    def _add(self, item):
        if children.is_child():
            return False
        self._reporter.add(item)
        return True


class Around:
    """What tasks find around them: folder, umask, environment, module path and more, the same for each task. Thread-safe.

    Tasks that run at the same time in one process share it; those with other variables wait. own: whether this process is
    Muster's, and always is as it was when this object was made. Another's is put back to what it was before the task.
    """

    def __init__(self, own=True):
        self._condition = threading.Condition()
        self._own = own
        self._now = NO_VARIABLES
        self._waiting = False
        self._looked = None  # the thread that was the last to look whether all is as it was
        self._users = set()  # threads: one that was interrupted on its way out is put right when it comes again
        self._found = surroundings.current = surroundings.Surroundings(os.getcwd())

    def add_to_path(self, folders):
        """Puts folders first on the module path."""
        self._found.add_to_path(folders)

    def begin(self):
        """Says that this thread begins with a group of tasks: what has changed before is not theirs."""
        self._looked = None

    def enter(self, variables):
        """Makes everything ready for a task that this thread is about to carry out."""
        thread = threading.get_ident()
        with self._condition:
            self._users.discard(thread)
            while self._users and self._now != variables:
                self._waiting = True  # Until nobody runs: then all are woken.
                self._condition.wait()
            if not self._users:
                self._make_ready(variables, self._looked == thread)
            self._users.add(thread)

    def _make_ready(self, variables, looked):
        """looked: whether this thread has just put everything back after another task of the same group."""
        if not self._own:
            if not looked and not self._found.unchanged():  # By others: that is what is put back from now on.
                self._found = surroundings.current = surroundings.Surroundings(os.getcwd())
            elif not variables:
                self._now = variables
                return
        self._found.reset(variables)
        self._now = variables

    def leave(self):
        """Puts back what is not to stay after a task."""
        with self._condition:
            thread = threading.get_ident()
            self._users.discard(thread)
            if not self._users:
                self._looked = thread
                if self._now or not (self._own or self._found.unchanged()):
                    self._found.reset()
                if self._waiting:
                    self._condition.notify_all()
                    self._waiting = False

    def call(self, function):
        """Calls a function as a task without variables."""
        self.enter(NO_VARIABLES)
        try:
            return children.call_here(function)
        finally:
            self.leave()
