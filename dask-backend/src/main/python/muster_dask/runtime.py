"""Carries out tasks on a Dask worker.

One Dask task is a group: one or more of the workflow's tasks, carried out one after another. Its result holds the outputs
that other groups read; what became of each task is reported as an event, so that no output travels without need. A task that
fails does not fail its group: its output is a `Missing`, and what reads that does not run.
"""

import contextlib
import copy
import ctypes
import json
import os
import pathlib
import pickle
import sys
import threading
import time

import muster_worker

from . import shell

TOPIC = "muster"
INLINE_BYTES = 256 * 1024
REPORT_SECONDS = 0.1
SOON_SECONDS = 0.02
RECORD = 48
NOTHING = object()
OWN = -1
GIVEN = -2


class Missing:
    """Stands for the output of a task that has none; `task` is the one that failed first."""

    __slots__ = ("task",)

    def __init__(self, task):
        self.task = task

    def __reduce__(self):
        return Missing, (self.task,)


class Interrupted(BaseException):
    """The task is no longer wanted."""


class Upstream(Exception):
    """A task cannot run, for want of the output of another."""

    def __init__(self, task):
        super().__init__(task)
        self.task = task


class Reporter:
    """Gathers reports and sends them: at the end of a group, and every tenth of a second while one runs. Thread-safe."""

    def __init__(self, send):
        self._send = send
        self._items = []
        self._running = {}
        self._lock = threading.Lock()
        self._busy = threading.Event()
        self._flushed = 0.0
        threading.Thread(target=self._tick, daemon=True, name="muster-reports").start()

    def begin(self, task, attempt, started):
        """Says that this thread begins with a task; that is told only if it is still at it when reports are sent."""
        self._running[threading.get_ident()] = [task, attempt, started, False]
        self._busy.set()

    def end(self):
        """Says that this thread's task is over."""
        self._running.pop(threading.get_ident(), None)

    def add(self, item):
        """Adds a report."""
        with self._lock:
            self._items.append(item)

    def flush(self, soon=False):
        """Sends what is gathered. soon: that may wait a moment, for what else there is to come."""
        now = time.monotonic()
        if soon and now - self._flushed < SOON_SECONDS:
            return
        self._flushed = now
        with self._lock:
            for running in list(self._running.values()):
                if not running[3]:
                    running[3] = True
                    self._items.append(["s", running[0], running[1], running[2]])
            items, self._items = self._items, []
            if items:
                self._send(items)

    def running(self):
        """Returns thread, task and attempt of what runs."""
        return [(thread, item[0], item[1]) for thread, item in list(self._running.items())]

    def _tick(self):
        while True:
            self._busy.wait()
            time.sleep(SOON_SECONDS)
            if not self._running:
                self._busy.clear()
            if not self._running or time.monotonic() - self._flushed > REPORT_SECONDS:
                self.flush()


class Ledger:
    """Says in a file which tasks are being carried out, so that it is known when the process dies. Thread-safe."""

    def __init__(self, path):
        self._fd = None if path is None else os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._slots = {}

    def enter(self, task, attempt):
        """Notes the task that this thread is about to carry out."""
        self._write(b"%d %d" % (task, attempt))

    def leave(self):
        """Notes that this thread's task is over."""
        self._write(b"")

    def _write(self, text):
        if self._fd is not None:
            slot = self._slots.setdefault(threading.get_ident(), len(self._slots))
            os.pwrite(self._fd, text.ljust(RECORD - 1) + b"\n", slot * RECORD)


def read_ledger(path):
    """Returns the tasks and attempts that a worker's file names."""
    with open(path, "rb") as file:
        lines = file.read().replace(b"\0", b" ").split(b"\n")
    return [tuple(int(word) for word in line.split()) for line in lines if line.strip()]


class StageCode:
    """What the tasks of one stage have in common."""

    def __init__(self, spec):
        self.spec = spec
        self.callable = spec["callable"]
        self.inputs = spec["inputs"]
        # Functions may change what they are given.
        self.nested = any(isinstance(value, (list, dict)) for value in spec["params"].values())
        self._function = None
        self._modifiers = None
        self._shape = None

    def function(self):
        """Returns the operation."""
        if self._function is None:
            if self.callable == "shell":
                self._function = shell.operation(self.spec)
            else:
                function = muster_worker.resolve(self.callable)
                if not callable(function):
                    raise muster_worker.Failure("OPERATION", "%s is not callable" % self.callable)
                self._function = function
        return self._function

    def arguments(self, details, make_context):
        """Returns the keyword arguments of a call. Which there are is the same for all tasks of a stage without modifiers."""
        shape = self._shape
        inputs = details["inputs"]
        if shape is None:
            context = make_context()
            found = muster_worker.arguments(self.function(), details, context)
            keys = [(name, muster_worker.identifier(name)) for name in inputs]
            params = [name for name in found if name in details["params"]]
            given = [(name, key) for name, key in keys if key in found and key not in params]
            if not self.spec["modifiers"]:
                self._shape = given, params, "ctx" in found and "ctx" not in params
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
            self._modifiers = [
                muster_worker.make_modifier(each["name"], each["impl"], each["params"])
                for each in self.spec["modifiers"]
            ]
        return self._modifiers


class Channel:
    """Takes what a task says while it runs."""

    __slots__ = ("_reporter", "_task")

    def __init__(self, reporter, task):
        self._reporter = reporter
        self._task = task

    def send(self, message):
        """Passes on a line for the log or a diagnostic."""
        if message["type"] == "log":
            self._reporter.add(["l", self._task, message["message"]])
        else:
            self._reporter.add(["d", self._task, message["name"], muster_worker.dump(message["value"]).decode()])


class Runtime:
    """Carries out groups in this process. Thread-safe."""

    def __init__(self, send, name, pool, ledger=None):
        self.reporter = Reporter(send)
        self._ledger = Ledger(ledger)
        self._name = name
        self._pool = pool
        self._codes = {}
        self._lock = threading.Lock()
        self._variables = Variables()

    def run(self, payload, dependencies):
        """Carries out a group.

        payload: pickled (run, stages, calls). run: what all tasks of the run share. stages: number to JSON text. calls:
        (task, attempt, stage, place, inputs, keep, fetch, directory). place: partition, and number of the dataset.
        dependencies: results of other groups; the last is the datasets where the run says so.
        """
        run, stages, calls = pickle.loads(payload)
        if run["table"]:
            *dependencies, datasets = dependencies
            run["datasets"] = datasets
        if run["base_dir"] not in sys.path:
            sys.path.insert(0, run["base_dir"])
        codes = {number: self._code(text) for number, text in stages.items()}
        own = {}
        kept = {}
        try:
            for call in calls:
                output = self._carry_out(run, codes[call[2]], call, dependencies, own)
                own[call[0]] = output
                if call[5]:
                    kept[call[0]] = output
        finally:
            # Nothing may hear of what reads these outputs before it hears of these.
            self.reporter.flush(soon=not kept)
        return kept

    def _code(self, text):
        code = self._codes.get(text)
        if code is None:
            with self._lock:
                code = self._codes.setdefault(text, StageCode(json.loads(text)))
        return code

    def _carry_out(self, run, code, call, dependencies, own):
        task, attempt, _, _, _, keep, fetch, directory = call
        reporter = self.reporter
        started = time.time()
        clock = time.perf_counter()
        reporter.begin(task, attempt, started)
        self._ledger.enter(task, attempt)
        try:
            output = self._call(run, code, call, dependencies, own)
            value = kind = path = None
            if fetch:
                value, kind, path = pack(output, run, directory)
            if keep:
                check_passable(output)
            reporter.add(["o", task, attempt, started, time.perf_counter() - clock, value, kind, path])
            return output
        except Upstream as upstream:
            reporter.add(["u", task, attempt, upstream.task])
            return Missing(upstream.task)
        except Interrupted:
            failure = ("CANCELLED", "it was ended")
        except muster_worker.Failure as known:
            failure = (known.kind, str(known))
        except BaseException as error:
            failure = muster_worker.explain(error, code.callable)
        finally:
            self._ledger.leave()
            reporter.end()
        reporter.add(["f", task, attempt, started, time.perf_counter() - clock, failure[0], failure[1]])
        return Missing(task)

    def _call(self, run, code, call, dependencies, own):
        task, attempt, _, place, given, _, _, directory = call
        spec = code.spec
        inputs = {}
        partitions = {}
        for (name, port, _), source in zip(code.inputs, given):
            inputs[name] = read(source, port, name, code, dependencies, own)
            partitions[name] = source[2] if source[0] == "many" else [place[0]]
        function = code.function()
        details = {
            "callable": code.callable,
            "args": spec["args"],
            "params": copy.deepcopy(spec["params"]) if code.nested else spec["params"],
            "inputs": inputs,
            "explicit": spec["explicit"],
            "stage": spec["stage"],
            "partition": place[0],
            "dataset": None if place[1] is None else run["datasets"][place[1]],
            "input_partitions": partitions,
            "variables": spec["variables"],
            "extra_data": spec["extra_data"],
            "output_dir": directory + "/outputs",
            "base_dir": run["base_dir"],
            "attempt": attempt,
            "pool": self._pool,
            "worker": self._name,
        }
        context = None

        def make_context():
            nonlocal context
            if context is None:
                context = TaskContext(details, Channel(self.reporter, task))
            return context

        def body():
            if code.callable == "shell":
                return function(details, str(make_context().output_dir))
            return function(*spec["args"], **code.arguments(details, make_context))

        with self._variables.of(spec["variables"]):
            modifiers = code.modifiers()
            return muster_worker.Modified(modifiers, details, make_context()).run(body) if modifiers else body()

    def interrupt(self, tasks):
        """Ends tasks that run: raises an exception in their threads, and kills their commands."""
        wanted = set(map(tuple, tasks))
        for thread, task, attempt in self.reporter.running():
            if (task, attempt) in wanted:
                shell.kill(thread)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Interrupted))

    def still(self, tasks):
        """Tells whether any of these tasks still runs."""
        wanted = set(map(tuple, tasks))
        return any((task, attempt) in wanted for _, task, attempt in self.reporter.running())


class Variables:
    """Sets stages' environment variables while their tasks run. Tasks with other variables wait. Thread-safe."""

    def __init__(self):
        self._condition = threading.Condition()
        self._now = {}
        self._before = {}
        self._users = 0

    @contextlib.contextmanager
    def of(self, variables):
        """Returns a context in which the process has these variables."""
        if not variables:
            yield
            return
        with self._condition:
            while self._users and self._now != variables:
                self._condition.wait()
            if not self._users:
                self._now = variables
                self._before = {name: os.environ.get(name) for name in variables}
                os.environ.update(variables)
            self._users += 1
        try:
            yield
        finally:
            with self._condition:
                self._users -= 1
                if not self._users:
                    for name, value in self._before.items():
                        if value is None:
                            os.environ.pop(name, None)
                        else:
                            os.environ[name] = value
                    self._condition.notify_all()


class TaskContext(muster_worker.Context):
    """What a function sees of its task. The task's folder is made when it is asked for."""

    def __init__(self, details, channel):
        super().__init__(details, channel)
        self.callable = details["callable"]

    @property
    def output_dir(self):
        """The folder of the task's own."""
        if self._directory is None:
            os.makedirs(self._wanted, exist_ok=True)
            self._directory = pathlib.Path(self._wanted)
        return self._directory

    @output_dir.setter
    def output_dir(self, path):
        self._wanted = path
        self._directory = None


def read(source, port, name, code, dependencies, own):
    """Returns an input: ("one", group, task), ("many", [(group, task)], partitions) or ("none",)."""
    kind = source[0]
    if kind == "one":
        return pick(output_of(source[1], source[2], dependencies, own), port, source[2], code)
    if kind == "many":
        return [pick(output_of(group, task, dependencies, own), port, task, code) for group, task in source[1]]
    return None


def output_of(group, task, dependencies, own):
    """Returns a task's output. `group`: the number of a dependency, OWN for this group, or GIVEN if `task` is a JSON text."""
    if group == GIVEN:
        return muster_worker.load(task)
    output = own.get(task, NOTHING) if group == OWN else dependencies[group].get(task, NOTHING)
    if output is NOTHING:
        raise Upstream(task)
    if type(output) is Missing:
        raise Upstream(output.task)
    return output


def pick(output, port, task, code):
    """Returns one of the named outputs."""
    if port is None:
        return output
    if isinstance(output, dict) and port in output:
        return output[port]
    if output is None:
        seen = "nothing"
    elif isinstance(output, dict):
        seen = "the outputs [%s]" % ", ".join(map(str, output))
    else:
        seen = "a single %s" % type(output).__name__
    raise muster_worker.Failure(
        "OPERATION", "stage %s reads the output '%s' of task %d, which returned %s" % (code.spec["stage"], port, task, seen)
    )


def pack(output, run, directory):
    """Returns (text, kind, path) of an output that leaves Dask: its JSON if that is small, else a file that holds it."""
    if output is None:
        return None, None, None
    if isinstance(output, (bytes, bytearray, memoryview)) and len(output) > INLINE_BYTES:
        path = value_file(directory, "value.bytes", run)
        with open(path, "wb") as file:
            file.write(output)
        return None, "bytes", path
    try:
        text = muster_worker.dump(muster_worker.plain(output, "output"))
    except RecursionError:
        raise muster_worker.Failure("SERIALIZATION", "the output is nested too deep, or holds itself") from None
    except ValueError as error:
        raise muster_worker.Failure("SERIALIZATION", "the output cannot be passed on: %s" % error) from None
    if len(text) <= INLINE_BYTES:
        return text.decode("ascii"), None, None
    path = value_file(directory, "value.json", run)
    with open(path, "wb") as file:
        file.write(text)
    return None, "json", path


def value_file(directory, name, run):
    """Returns the file for a large output."""
    if not os.path.exists(run["mark"]):
        raise muster_worker.Failure(
            "SERIALIZATION",
            "the output takes more than %d bytes and this worker does not see the run's directory %s; "
            "write it to a place that both see and return its pathlib.Path" % (INLINE_BYTES, os.path.dirname(run["mark"])),
        )
    os.makedirs(directory, exist_ok=True)
    return os.path.join(directory, name)


def check_passable(value):
    """Makes sure that an output can travel to another worker."""
    kind = type(value)
    if kind in muster_worker.SIMPLE or kind in (bytes, bytearray) or kind.__module__ in ("numpy", "cupy"):
        return
    try:
        try:
            pickle.dumps(value, protocol=5, buffer_callback=lambda buffer: None)
        except Exception:
            import cloudpickle  # It can do more, and Dask falls back to it too.

            cloudpickle.dumps(value, protocol=5, buffer_callback=lambda buffer: None)
    except Exception as error:
        raise muster_worker.Failure(
            "SERIALIZATION",
            "the output is a %s.%s, which cannot be passed to another worker: %s: %s"
            % (kind.__module__, kind.__qualname__, type(error).__name__, error),
        ) from None


# In the worker's process

_runtime = None
_making = threading.Lock()


def runtime():
    """Returns the runtime of this process."""
    global _runtime
    if _runtime is None:
        with _making:
            if _runtime is None:
                from distributed import get_worker

                worker = get_worker()
                name = os.environ.get("MUSTER_WORKER") or str(worker.name)
                pool = os.environ.get("MUSTER_POOL") or pool_of(worker)

                def send(items):
                    worker.log_event(TOPIC, {"name": name, "pool": pool, "items": items})

                _runtime = Runtime(send, name, pool, os.environ.get("MUSTER_LEDGER"))
    return _runtime


def pool_of(worker):
    """Returns the pool of a worker that somebody else started: the label that it advertises."""
    resources = getattr(getattr(worker, "state", None), "total_resources", None) or {}
    for name in resources:
        if name.startswith("resource."):
            return name[len("resource.") :]
    return "default"


def table(datasets):
    """Returns what many groups read, so that it travels to each worker once."""
    return pickle.loads(datasets)


def run_group(payload, dependencies):
    """Carries out a group on this worker."""
    return runtime().run(payload, dependencies)


def interrupt(tasks, grace=5.0):
    """Ends tasks on this worker; if they do not heed it within the grace period, the worker itself ends."""
    found = _runtime
    if found is None or not found.still(tasks):
        return
    found.interrupt(tasks)

    def insist():
        deadline = time.monotonic() + grace
        while found.still(tasks):
            if time.monotonic() > deadline:
                os._exit(70)
            time.sleep(0.1)

    threading.Thread(target=insist, daemon=True, name="muster-interrupt").start()
