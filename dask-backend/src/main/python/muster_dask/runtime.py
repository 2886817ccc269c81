"""Carries out tasks on a Dask worker.

One Dask task is a group: one or more of the workflow's tasks, carried out one after another. Its result holds the outputs
that other groups read; what became of each task is reported as an event, so that no output travels without need. A task that
fails does not fail its group: its output is a `Missing`, and what reads that does not run.
"""

import ctypes
import json
import os
import pickle
import sys
import threading
import time

from muster_task import children, commands, encoding, errors, ownfiles, standard
from muster_task.calls import ran
from muster_task.context import Context

from . import RUNTIME, STARTED, recording
from .files import Files, WithFiles
from .held import copied, hold
from .network import persist
from .reports import Ledger, Reporter
from .stagecode import Around, StageCode, Teller
from .values import Missing, Reading, Upstream

TOPIC = "muster"
MOST_REMEMBERED = 1000


class Interrupted(BaseException):
    """The task is no longer wanted."""


class Runtime:
    """Carries out groups in this process. Thread-safe.

    send: takes reports. later: takes seconds and a function to call then. ask: takes a name and returns what the scheduler has
    for it, or None. files: the worker's, where they travel; else None. own: whether this process is Muster's. started:
    when the process began.
    """

    def __init__(self, send, later, ask, name, pool, ledger=None, files=None, own=True, started=0.0):
        self.reporter = Reporter(send, later)
        self.ledger = Ledger(ledger)
        self._name = name
        self._pool = pool
        self._ask = ask
        self._files = files
        self._started = started
        self._known = {}
        self._codes = {}
        self._lock = threading.Lock()
        self._around = Around(own)

    def run(self, payload, *dependencies):
        """Carries out a group; returns the outputs to keep, by task, or None.

        payload: pickled (name, calls, number of the group). name: under which the scheduler has, pickled, (run, stages): what all
        tasks of the run share, and number to JSON text. calls: (task, attempt, stage, partition, number of the dataset, inputs or
        None, keep, directory, what is missing or None). partition: (index, number of the dataset, files, first event,
        events) or None. dependencies: results of other groups.
        """
        name, calls, number = pickle.loads(payload)
        run, codes, recorded = self._known.get(name) or self._learn(name)
        own = {}
        kept = None
        self._around.begin()
        try:
            for call in calls:
                output = self._carry_out(run, codes[call[2]], recorded, call, number, dependencies, own)
                own[call[0]] = output
                if call[6]:
                    if kept is None:
                        kept = {}
                    kept[call[0]] = output
        finally:
            # Nothing may hear of what reads these outputs before it hears of these.
            self.reporter.flush(soon=kept is None)
        return kept

    def _learn(self, name):
        with self._lock:
            if name in self._known:
                return self._known[name]
            found = self._ask(name)
            if found is None:
                raise RuntimeError("the Dask scheduler has lost what the tasks of this run share")
            run, stages = pickle.loads(found)
            run["datasets"] = encoding.load(json.dumps(run["datasets"]))  # attributes are the user's
            if self._files is not None:
                run["base_dir"] = self._files.base
            self._around.add_to_path([run["base_dir"]] + run["code"])
            for known in (self._known, self._codes):  # A worker may serve many runs.
                if len(known) > MOST_REMEMBERED:
                    known.clear()
            codes = {}
            for number, text in stages.items():
                codes[number] = self._codes.get(text)
                if codes[number] is None:
                    codes[number] = self._codes[text] = StageCode(encoding.load(text))
            known = run, codes, recording.Code(self._started, _begin) if run["records"] else None
            self._known[name] = known
        return known

    def _carry_out(self, run, code, recorded, call, group, dependencies, own):
        task, attempt = call[0], call[1]
        reporter = self.reporter
        started = time.time_ns() // 1000
        folders = []
        clock = time.perf_counter_ns()
        reporter.begin(task, attempt, started)
        self.ledger.enter(task, attempt, group)
        try:
            # What nothing else refers to is not copied.
            if code.bare is not None:
                place = [ran(self._around.call(code.bare), code.callable)]
            else:
                place = [children.call_here(self._call, run, code, call, dependencies, own, folders)]
            output = self._hold(place, code) if code.read_here else None
            told = recording.told(place[0], run, code, call[7], self._files)
            place[0] = None  # If that is its end, and ends the process, it is known who ran.
            if recorded is not None:
                recorded.tell(reporter, task, attempt)
                if folders:
                    told = recording.with_folder(told)
            reporter.add(["o", task, attempt, started, time.perf_counter_ns() - clock, *told])
            return output
        except Upstream as upstream:
            reporter.add(["u", task, attempt, list(upstream.tasks), group])
            return Missing(task, *upstream.tasks)
        except Interrupted:
            failure = ("CANCELLED", "it was ended", None)
        except BaseException as error:
            failure = errors.failure_of(error, code.callable)
        finally:
            self.ledger.leave()
            reporter.end()
        report = ["f", task, attempt, started, time.perf_counter_ns() - clock, failure[0], failure[1]]
        reporter.add(report if failure[2] is None else report + [failure[2]])
        return Missing(task)

    def _hold(self, place, code):
        """Returns an output as it is held for those that read it here. place: a list with it."""
        if self._files is None:
            return hold(place, code.by_name)
        travels = self._files.export(place[0])
        if type(travels) is not WithFiles:
            del travels
            return hold(place, code.by_name)
        if not code.fetch:
            place[0] = None  # It is not needed any more, and what it shares with the other need not be copied then.
        changed = [travels.value]
        del travels
        return WithFiles(hold(changed, code.by_name))

    def _call(self, run, code, call, dependencies, own, folders):
        """Calls the function of a task. folders: takes the folder of its own, if it makes that."""
        task, attempt, _, partition, dataset, given, _, directory, missing = call
        spec = code.spec
        inputs = {}
        partitions = {}
        place = describe(partition, run)
        if self._files is not None:
            directory = self._files.folder(directory)
            self._bring_data(run, place, dataset, spec)
            self._bring_image(run, spec.get("container"))

        with Reading(code, dependencies, own, run, self._files) as reading:
            for (name, port, _, take, bare), source in zip(code.inputs, given or ()):
                many = source[0] == "many"
                # An input may come from other stages for other datasets: then only one of them has something for this
                # task.
                if name in inputs and (source[0] == "none" or (many and not source[1])):
                    continue
                inputs[name] = reading.read(source, port, take, bare)
                partitions[name] = [describe(each, run) for each in source[2]] if many else [place]
        details = {
            "callable": code.callable,
            "args": code.given("args"),
            "params": code.given("params"),
            "inputs": inputs,
            "explicit": spec["explicit"],
            "stage": spec["stage"],
            "partition": place,
            "dataset": None if dataset is None else run["datasets"][dataset],
            "files": [name for index in spec.get("datasets", ()) for name in run["datasets"][index]["files"]],
            "input_partitions": partitions,
            "variables": dict(spec["variables"]),
            "extra_data": code.given("extra_data"),
            "output_dir": directory + "/outputs",
            "base_dir": run["base_dir"],
            "attempt": attempt,
            "pool": self._pool,
            "worker": self._name,
        }
        if missing is not None:
            details["missing_inputs"] = missing
        context = None

        def make_folder(path):
            folders.append(path)
            ownfiles.empty_folder(path)  # An earlier attempt may have left some.

        def make_context():
            nonlocal context
            if context is None:
                seen = dict(details, dataset=describe_dataset(details["dataset"]))
                context = Context(seen, Teller(self.reporter, task), make_folder)
            return context

        # Those of a container are set in it alone; they would change how its runtime works.
        self._around.enter({} if spec.get("container") else spec["variables"])
        try:
            return code.run(details, make_context)
        finally:
            self._around.leave()

    def _bring_data(self, run, place, dataset, spec):
        """Fetches those files of a task's partition or dataset, or of a global stage's datasets, that lie in the workflow's folder."""
        for index in spec.get("brings", ()) if dataset is None else (dataset,):
            details = run["datasets"][index]
            if details["local"]:
                names = place["files"] if place is not None else details["files"]
                local = set(details["local"])
                self._bring(run, [name for name in names if name in local])

    def _bring_image(self, run, container):
        """Fetches the file of a container image that lies in the workflow's folder."""
        if container is not None and container["local"]:
            self._bring(run, [container["local"]])

    def _bring(self, run, names):
        self._files.data(names, run["roots"][1])

    def interrupt(self, tasks):
        """Ends tasks that run: raises an exception in their threads, and kills their commands."""
        wanted = set(map(tuple, tasks))
        for thread, task, attempt in self.reporter.running():
            if (task, attempt) in wanted:
                commands.kill(thread)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Interrupted))

    def still(self, tasks):
        """Tells whether any of these tasks still runs."""
        wanted = set(map(tuple, tasks))
        return any((task, attempt) in wanted for _, task, attempt in self.reporter.running())


def describe(partition, run):
    """Returns what a function sees of a partition."""
    if partition is None:
        return None
    index, dataset, files, first, events = partition
    name = run["datasets"][dataset]["name"]
    return {"index": index, "dataset": name, "files": list(files), "first_event": first, "events": events}


def describe_dataset(dataset):
    """Returns what a function sees of a dataset, which may have many files."""
    if dataset is None:
        return None
    return dict(dataset, files=list(dataset["files"]), attributes=copied(dataset["attributes"]))


# In the worker's process

_runtime = None
_begin = None
_making = threading.Lock()


def runtime(worker=None):
    """Returns the runtime of this process, which is made the first time."""
    global _runtime
    if _runtime is None:
        with _making:
            if _runtime is None:
                from distributed import get_worker
                from distributed.utils import sync

                if worker is None:
                    worker = get_worker()
                name = str(worker.name)  # With a process for each slot, the job's name and the slot.
                pool = os.environ.get("MUSTER_POOL") or pool_of(worker)

                def send(items):
                    worker.log_event(TOPIC, {"name": name, "pool": pool, "items": items})

                def later(seconds, function):
                    worker.loop.add_callback(worker.loop.call_later, seconds, function)

                def ask(key):
                    def get():
                        return worker.scheduler.get_metadata(keys=[TOPIC, key], default=None)

                    return sync(worker.loop, persist, get, "what the tasks of this run share cannot be fetched")

                home = os.environ.get("MUSTER_HOME")
                files = None if home is None else Files(worker, home)
                standard.standard_first()
                children.settle(lambda: descriptors(worker.loop))
                own = "MUSTER_WORKER" in os.environ
                _runtime = Runtime(send, later, ask, os.environ.get("MUSTER_WORKER") or name, pool, os.environ.get("MUSTER_LEDGER"), files, own, started(own))
    return _runtime


def look_at_code():
    """Begins to look at the code that this process has before its first task. Called once, in a process of Muster's."""
    global _begin
    _begin = recording.Begin(started(True))


def started(own):
    """Returns the time when this process began. own: whether it is Muster's, which imports this package first of
    all."""
    if own:
        return STARTED
    import psutil

    return min(STARTED, psutil.Process().create_time())


def broken():
    """Notes that the connection of this worker is broken."""
    if _runtime is not None:
        _runtime.ledger.broken()


def left():
    """Notes that this worker ends by itself."""
    if _runtime is not None:
        _runtime.ledger.left()


def descriptors(loop):
    """Returns the file descriptors of an event loop and of its connections."""
    selector = getattr(getattr(loop, "asyncio_loop", loop), "_selector", None)
    if selector is None or selector.get_map() is None:
        return []
    found = [key.fd for key in selector.get_map().values()]
    return found + [selector.fileno()] if hasattr(selector, "fileno") else found


def prepare(dask_worker):
    """Makes this worker ready, so that no task waits for that; returns the version of the runtime that it has."""
    runtime(dask_worker)
    return RUNTIME


def pool_of(worker):
    """Returns the pool of a worker that somebody else started: the label that it advertises."""
    resources = getattr(getattr(worker, "state", None), "total_resources", None) or {}
    for name in resources:
        if name.startswith("resource."):
            return name[len("resource.") :]
    return "default"


def run_group(payload, *dependencies):
    """Carries out a group on this worker."""
    return (_runtime or runtime()).run(payload, *dependencies)


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
