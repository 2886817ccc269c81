"""Inputs and outputs of tasks: where they are found, and how they leave Dask."""

import os
import pickle

from muster_task import encoding, errors, ownfiles

INLINE_BYTES = 256 * 1024
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


class Upstream(Exception):
    """A task cannot run, for want of the outputs of others."""

    def __init__(self, *tasks):
        super().__init__(*tasks)
        self.tasks = tasks


def read(source, port, code, output):
    """Returns an input: ("one", group, task), ("many", [(group, task)], partitions) or ("none",).

    output: returns that of a task.
    """
    kind = source[0]
    if kind == "one":
        return pick(output(source[1], source[2]), port, source[2], code)
    if kind == "many":
        found = []
        missing = []
        for group, task in source[1]:
            try:
                found.append(pick(output(group, task), port, task, code))
            except Upstream as upstream:
                missing.extend(upstream.tasks)
        if missing:
            raise Upstream(*missing)
        return found
    return None


def output_of(group, task, dependencies, own):
    """Returns a task's output. `group`: the number of a dependency, OWN for this group, or GIVEN if `task` is a JSON text."""
    if group == GIVEN:
        return encoding.load(task)
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
    raise errors.Failure(
        "OPERATION", "stage %s reads the output '%s' of task %d, which returned %s" % (code.spec["stage"], port, task, seen)
    )


def pack(output, run, directory, files=None):
    """Returns (text, kind, path) of an output that leaves Dask: its JSON if that is small, else a file that holds it.

    files: those of the worker, where they travel.
    """
    if output is None:
        return None, None, None
    if isinstance(output, (bytes, bytearray, memoryview)) and len(output) > INLINE_BYTES:
        return None, "bytes", store(output, run, directory, "value.bytes", files)
    if files is not None:
        try:
            output = files.deliver(output, directory)
        except RecursionError:
            raise errors.Failure(
                "SERIALIZATION", "output is nested more than %d deep, or holds itself" % encoding.MAX_DEPTH
            ) from None
    text = encoding.dump_value(output, "output")
    if len(text) <= INLINE_BYTES:
        return text.decode("ascii"), None, None
    return None, "json", store(text, run, directory, "value.json", files)


def store(content, run, directory, name, files):
    """Writes a large output into the task's folder in the run's directory; returns its path there."""
    if files is not None:
        return files.deliver_bytes(content, directory, name)
    path = value_file(directory, name, run)
    ownfiles.write(path, content)
    return path


def value_file(directory, name, run):
    """Returns the file for a large output."""
    if not os.path.exists(run["mark"]):
        raise errors.Failure(
            "SERIALIZATION",
            "the output takes more than %d bytes and this worker does not see the run's directory %s; "
            "write it to a place that both see and return its pathlib.Path" % (INLINE_BYTES, os.path.dirname(run["mark"])),
        )
    ownfiles.folder(directory)
    return os.path.join(directory, name)


def check_passable(value):
    """Makes sure that an output can travel to another worker."""
    kind = type(value)
    if kind in encoding.SIMPLE or kind in (bytes, bytearray) or kind.__module__ in ("numpy", "cupy"):
        return
    try:
        try:
            pickle.dumps(value, protocol=5, buffer_callback=lambda buffer: None)
        except MemoryError:
            raise
        except Exception:
            import cloudpickle  # It can do more, and Dask falls back to it too.

            cloudpickle.dumps(value, protocol=5, buffer_callback=lambda buffer: None)
    except MemoryError:
        raise  # It says nothing of the output.
    except Exception as error:
        raise errors.Failure(
            "SERIALIZATION",
            "the output is a %s.%s, which cannot be passed to another worker: %s: %s"
            % (kind.__module__, kind.__qualname__, type(error).__name__, errors.text_of(error)),
        ) from None
