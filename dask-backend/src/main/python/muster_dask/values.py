"""Inputs and outputs of tasks: where they are found, and how they leave Dask."""

import os
import sys
import threading

from muster_task import errors, ownfiles, passing

from .files import Gone, WithFiles
from .held import ABSENT, Held, Taken, own

INLINE_BYTES = 256 * 1024
NOTHING = object()
OWN = -1
GIVEN = -2


class Missing:
    """Stands for the output of a task that has none.

    tasks: those of which one is to blame: the task itself, and before it those whose outputs it did not find.
    """

    __slots__ = ("tasks",)

    def __init__(self, *tasks):
        self.tasks = tasks

    def __reduce__(self):
        return Missing, self.tasks


class Unseen(errors.Failure):
    """A worker does not see the run's directory."""


class Upstream(Exception):
    """A task cannot run, for want of the outputs of others."""

    def __init__(self, *tasks):
        super().__init__(*tasks)
        self.tasks = tasks


class Reading:
    """What a task reads: its inputs, as its own; a context, around the reading of all. Not thread-safe.

    dependencies: results of other groups. outputs: those of this group. run: what all tasks of the run share. files:
    those of the worker, where they travel; else None.
    """

    def __init__(self, code, dependencies, outputs, run, files):
        self._code = code
        self._dependencies = dependencies
        self._outputs = outputs
        self._run = run
        self._files = files
        self._taken = []
        self._missing = []

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        """Raises Upstream with all that is missing. Puts back what was taken if the task does not run."""
        if kind is not None or self._missing:
            for held, port, found in self._taken:
                held.put_back(port, found)
        if self._missing and (kind is None or issubclass(kind, errors.Failure)):
            raise Upstream(*self._missing) from None

    def read(self, source, port, take, bare=False):
        """Returns an input: ("one", group, task), ("many", [(group, task)], partitions) or ("none",).

        `group` is the number of a dependency, OWN for this group, or GIVEN if `task` is a JSON text, or [path,
        whether it holds bytes] of the file that holds the output. take: whether
        nothing else reads what it reads. bare: whether the output may be the value of the port itself. What is missing
        is noted.
        """
        if source[0] == "one":
            return self._one(source[1], source[2], port, take, bare)
        if source[0] == "many":
            return [self._one(group, task, port, take, bare) for group, task in source[1]]
        return None

    def _one(self, group, task, port, take, bare):
        try:
            return self._read(group, task, port, take, bare)
        except Upstream as upstream:
            self._missing.extend(upstream.tasks)
            return None

    def _read(self, group, task, port, take, bare):
        if group == GIVEN:
            value = passing.load_named(task, port) if isinstance(task, str) else in_file(task, port)
            if self._files is not None:
                value = self._fetched(task, self._files.given, value, self._run["roots"])
            return pick(value, port, "of another backend's stage", self._code, bare)
        output = output_of(group, task, self._dependencies, self._outputs)
        if type(output) is not WithFiles:
            return self._given(output, task, port, take, bare)
        return self._fetched(task, self._files.restore, WithFiles(self._given(output.value, task, port, take, bare)))

    def _fetched(self, task, fetch, *arguments):
        try:
            return fetch(*arguments)
        except Gone as gone:
            print("muster: %s" % gone, file=sys.stderr, flush=True)
            raise Upstream(task) from None

    def _given(self, output, task, port, take, bare):
        asked = port
        if type(output) is Held:
            found = output.find(port)
            if found is ABSENT and bare and not passing.is_named(output.find(None)):
                port = None
                found = output.find(port)
            if type(found) is Taken:
                raise Upstream(task)
            if self._missing:
                return None  # The task does not run.
            if found is not ABSENT:
                if take:
                    found = output.take(port)
                    self._taken.append((output, port, found))
                value = own(found, take)
                # Of a bare value that was pickled it is known only now whether it is a mapping of ports.
                return value if port == asked else pick(value, asked, "of task %d" % task, self._code, bare)
            output = output.whole()
        return pick(output, port, "of task %d" % task, self._code, bare)


def in_file(source, port):
    """Returns an output that lies in a file."""
    path, is_bytes = source
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        why = "the output of an earlier run that it reads cannot be read: %s" % error
        raise errors.Failure("SERIALIZATION", why) from None
    return content if is_bytes else passing.load_named(content.decode("ascii"), port)


def output_of(group, task, dependencies, outputs):
    """Returns the output of a task as it is held."""
    output = outputs.get(task, NOTHING) if group == OWN else dependencies[group].get(task, NOTHING)
    if output is NOTHING:
        raise Upstream(task)
    if type(output) is Missing:
        raise Upstream(*output.tasks)
    return output


def pick(output, port, whose, code, bare):
    """Returns one of the named outputs."""
    if port is None:
        return output
    named = passing.is_named(output)
    if named and port in output:
        return output[port]
    if bare and output is not None and not named:
        return output
    if output is None:
        seen = "nothing"
    elif named:
        seen = "the outputs [%s]" % ", ".join(output)
    else:
        seen = "a single %s, and other outputs of it are read too" % type(output).__name__
    raise errors.Failure(
        "OPERATION", "stage %s reads the output '%s' %s, which returned %s" % (code.spec["stage"], port, whose, seen)
    )


def pack(output, run, directory, files=None, limit=INLINE_BYTES):
    """Returns (text, kind, path) of an output that leaves Dask: its JSON if that is small, else a file that holds it.

    files: those of the worker, where they travel. limit: how many bytes are small.
    """
    if output is None:
        return None, None, None
    if type(output) is bytes and len(output) > limit:
        return None, "bytes", store(output, run, directory, "value.bytes", files)
    if files is not None:
        output = files.deliver(output, directory)
    text = passing.dump_passed(output, "output")
    if len(text) <= limit:
        return text.decode("ascii"), None, None
    return None, "json", store(text, run, directory, "value.json", files)


def store(content, run, directory, name, files):
    """Writes a large output into the task's folder in the run's directory; returns its path there."""
    if files is not None:
        return files.deliver_bytes(content, directory, name)
    path = value_file(directory, name, run)
    fresh = "%s.%d-%d.part" % (path, os.getpid(), threading.get_ident())
    ownfiles.write(fresh, content)
    os.replace(fresh, path)  # Whoever reads it finds all of it, or what was there before.
    return path


def value_file(directory, name, run):
    """Returns the file for a large output."""
    if not os.path.exists(run["mark"]):
        raise Unseen(
            "SERIALIZATION",
            "the output takes more than %d bytes and this worker does not see the run's directory %s; "
            "write it to a place that both see and return its pathlib.Path" % (INLINE_BYTES, os.path.dirname(run["mark"])),
        )
    ownfiles.folder(directory)
    return os.path.join(directory, name)
