"""What the tasks of a stage have in common on a worker: the function, its arguments and its surroundings."""

import contextlib
import copy
import functools
import json
import os
import pathlib
import threading

from muster_task import children, encoding, errors, surroundings
from muster_task.calls import arguments, identifier
from muster_task.context import Context
from muster_task.imports import resolve
from muster_task.modifiers import make_modifier

from . import ownfiles, shell

NO_VARIABLES = {}


class StageCode:
    """What the tasks of one stage have in common."""

    def __init__(self, spec):
        self.spec = spec
        self.callable = spec["callable"]
        self.inputs = spec["inputs"]
        self.fetch = spec["fetch"]
        #: Calls the function, where that takes nothing of the task itself and nothing around it is to be set; else None.
        self.bare = None
        # Functions may change what they are given.
        self._nested = any(isinstance(value, (list, dict)) for value in spec["params"].values())
        self._function = None
        self._modifiers = None
        self._shape = None

    def function(self):
        """Returns the operation."""
        if self._function is None:
            if self.callable == "shell":
                self._function = shell.operation(self.spec)
            else:
                function = resolve(self.callable)
                if not callable(function):
                    raise errors.Failure("OPERATION", "%s is not callable" % self.callable)
                self._function = function
        return self._function

    def params(self):
        """Returns the parameters for one call."""
        return copy.deepcopy(self.spec["params"]) if self._nested else self.spec["params"]

    def arguments(self, details, make_context):
        """Returns the keyword arguments of a call. Which there are is the same for all tasks of a stage without modifiers."""
        shape = self._shape
        inputs = details["inputs"]
        if shape is None:
            context = make_context()
            found = arguments(self.function(), details, context)
            keys = [(name, identifier(name)) for name in inputs]
            params = [name for name in found if name in details["params"]]
            given = [(name, key) for name, key in keys if key in found and key not in params]
            if not self.spec["modifiers"]:
                takes_context = "ctx" in found and "ctx" not in params
                self._shape = given, params, takes_context
                if not (given or takes_context or self.inputs or self._nested or self.spec["variables"]):
                    self.bare = functools.partial(self.function(), *self.spec["args"], **found)
            return found
        given, params, takes_context = shape
        found = {name: details["params"][name] for name in params}
        for name, key in given:
            found[key] = inputs[name]
        if takes_context:
            found["ctx"] = make_context()
        return found

    def modifiers(self):
        """Returns the modifiers; each is made once for the stage on this worker."""
        if self._modifiers is None:
            with surroundings.importing_lock:
                if self._modifiers is None:
                    self._modifiers = [
                        make_modifier(each["name"], each["impl"], each["params"])
                        for each in self.spec["modifiers"]
                    ]
        return self._modifiers


class Channel:
    """Takes what a task says while it runs."""

    __slots__ = ("_reporter", "_task")

    def __init__(self, reporter, task):
        self._reporter = reporter
        self._task = task

    def send(self, data, number):
        """Passes on a line for the log or a diagnostic; returns whether it could: a forked child of the worker cannot."""
        if children.is_child():
            return False
        message = json.loads(data)
        if message["type"] == "log":
            self._reporter.add(["l", self._task, message["message"]])
        else:
            self._reporter.add(["d", self._task, message["name"], encoding.dump(message["value"]).decode("ascii")])
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
        self._users = set()  # threads: one that was interrupted on its way out is put right when it comes again
        self._found = surroundings.current = surroundings.Surroundings(os.getcwd())

    def add_to_path(self, folders):
        """Puts folders first on the module path."""
        self._found.add_to_path(folders)

    def enter(self, variables):
        """Makes everything ready for a task that this thread is about to carry out."""
        thread = threading.get_ident()
        with self._condition:
            self._users.discard(thread)
            while self._users and self._now != variables:
                self._waiting = True  # Until nobody runs: then all are woken.
                self._condition.wait()
            if not self._users:
                self._make_ready(variables)
            self._users.add(thread)

    def _make_ready(self, variables):
        if not self._own:
            if not self._found.unchanged():  # By others: that is what is put back from now on.
                self._found = surroundings.current = surroundings.Surroundings(os.getcwd())
            elif not variables:
                self._now = variables
                return
        self._found.reset(variables)
        self._now = variables

    def leave(self):
        """Puts back what is not to stay after a task."""
        with self._condition:
            self._users.discard(threading.get_ident())
            if not self._users:
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

    @contextlib.contextmanager
    def of(self, variables):
        """Returns a context for a task with these variables."""
        self.enter(variables)
        try:
            yield
        finally:
            self.leave()


class TaskContext(Context):
    """What a function sees of its task. The task's folder is made when it is asked for."""

    def __init__(self, details, channel):
        super().__init__(details, channel)
        self.callable = details["callable"]

    @property
    def output_dir(self):
        """The folder of the task's own."""
        if self._directory is None:
            ownfiles.folder(self._wanted)
            self._directory = pathlib.Path(self._wanted)
        return self._directory

    @output_dir.setter
    def output_dir(self, path):
        self._wanted = path
        self._directory = None
