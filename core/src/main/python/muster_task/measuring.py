"""The modifiers diagnostics and profile inside of other modifiers in Python, and on workers.

Elsewhere in the JVM DiagnosticsHooks and ProfileHooks note the same.
"""

import numbers
import os
import pathlib
import platform
import resource
import socket
import sys
import time

from . import encoding, usage

#: Java's word for a machine, where it has another.
MACHINES = {"x86_64": "amd64"}


class Diagnostics:
    """Notes where a task runs, and how much it is given."""

    def around_node(self, call, inputs, ctx):
        """Notes it before the operation; one object serves the tasks of all threads."""
        ctx.diagnostic("host", socket.gethostname())
        machine = platform.machine()
        ctx.diagnostic("os", "%s %s %s" % (platform.system(), platform.release(), MACHINES.get(machine, machine)))
        if ctx.callable != "shell":
            ctx.diagnostic("python", platform.python_version())
        ctx.diagnostic("pool", ctx.pool)
        ctx.diagnostic("worker", ctx.worker)
        ctx.diagnostic("attempt", ctx.attempt)
        ctx.diagnostic("inputs", {name: summary(value) for name, value in inputs.items()})
        return call()


def summary(value):
    """Returns the type of an input, and how much it is where that is quick to tell."""
    if value is None:
        return {"type": "null"}
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, str):
        return {"type": "text", "bytes": len(value.encode("utf-8", "surrogatepass"))}
    if encoding.is_bytes(value):
        return {"type": "bytes", "bytes": memoryview(value).nbytes}
    if isinstance(value, numbers.Number):
        return {"type": "number"}
    if isinstance(value, pathlib.PurePath):
        return _file(value)
    if encoding.is_array(value):
        return {"type": "array", "bytes": value.nbytes}
    if isinstance(value, (list, tuple)):
        return {"type": "list", "items": len(value)}
    if isinstance(value, dict):
        return {"type": "mapping", "items": len(value)}
    return {"type": "%s.%s" % (type(value).__module__, type(value).__qualname__)}


def _file(path):
    try:
        return {"type": "file", "bytes": os.stat(path).st_size}
    except FileNotFoundError:
        return {"type": "file", "missing": "there is no such file or folder"}
    except OSError as error:
        return {"type": "file", "missing": "%s" % error.strerror}


class Profile:
    """Notes what a task takes.

    A process that serves one task after another for Muster alone tells its memory, too. On a worker of Dask that cannot
    be told: it is that of a process with the outputs of others. With several tasks at a time in one process, only the
    thread of a Python function is measured, and of a command nothing but the time that it took.
    """

    def around_node(self, call, ctx):
        """Measures a task; one object serves the tasks of all threads."""
        threads = _threads()
        command = ctx.callable == "shell"
        own = usage.Usage() if threads is None else None
        start, cpu = time.perf_counter(), _seconds(threads)
        try:
            return call()
        finally:
            ctx.diagnostic("wall_seconds", time.perf_counter() - start)
            if own is not None:
                used = own.result()
                ctx.diagnostic("cpu_seconds", used["cpu_seconds"])
                if "peak_bytes" in used and not command:
                    ctx.diagnostic("peak_memory_bytes", used["peak_bytes"])
            elif threads == 1 or not command:
                ctx.diagnostic("cpu_seconds", _seconds(threads) - cpu)


def _seconds(threads):
    if threads is not None and threads > 1:
        return time.thread_time()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used) + usage.spent()


def _threads():
    """Returns how many tasks the worker of Dask runs at a time that this process is; None if it is none."""
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return None
    try:
        return distributed.get_worker().state.nthreads
    except ValueError:
        return None
