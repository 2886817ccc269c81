"""Operations of the tests."""

import pathlib
import time
import sys
import socket
import signal
import os
import multiprocessing
import contextlib
from array import array

from muster_dask.reports import read_ledger


def nop():
    return None


def add(one, two=0):
    return one + two


class Marking(int):
    """A number that notes at its end which task runs."""

    def __del__(self):
        with open(self.path, "a") as file:
            for task, _, _, over in read_ledger(self.ledger).tasks:
                file.write("" if over else "%d\n" % task)


def marking(path, ledger):
    """Returns one."""
    made = Marking(5)
    made.path, made.ledger = path, ledger
    return made


def grow(items, named, ctx):
    """Changes all that it is given; returns how long that is then."""
    for each in (items, named["list"], ctx.extra_data["list"]):
        each.append(1)
    return [len(items), len(named["list"]), len(ctx.extra_data["list"])]


def fail():
    raise ValueError("never")


def leave(code):
    sys.exit(code)


def context(ctx):
    return {"stage": ctx.stage, "pool": ctx.pool, "partition": ctx.partition and ctx.partition.index}


async def asynchronous():
    """Runs only where something awaits it."""
    return 1


class Refusing:
    """An object whose pickle fails with an exception."""

    def __init__(self, error):
        self.error = error

    def __reduce__(self):
        raise self.error


def refusing(memory):
    """Returns what cannot be pickled: for lack of memory, or for a reason without a text."""
    return Refusing(MemoryError() if memory else Silent())


def unpicklable():
    return (each for each in ())


def large(count):
    return b"x" * count


def kind(data):
    return type(data).__name__


def kernel(out, factor):
    position = cuda.grid(1)
    if position < out.size:
        out[position] = helper(out[position], factor)


def helper(value, factor):
    return value * factor


def launch():
    import numpy

    out = numpy.arange(8.0)
    kernel[1, 8](out, 2.0)
    return out.tolist()


try:
    from numba import cuda
except ImportError:
    cuda = None

assert array


def dataset(ctx):
    """Says of which dataset and partition it is."""
    return [ctx.dataset.name, ctx.partition.index, ctx.dataset.files]


def given(ctx, **inputs):
    return inputs


def surrogates(ctx, where):
    """Says the name of a file that is no UTF-8."""
    name = "bad-\udcff.root"
    if where == "error":
        raise ValueError("not a ROOT file: " + name)
    if where == "path":
        return pathlib.Path("/data", name)
    if where == "astral":
        return ["\U0001f600", "\\ud800"]
    if where in ("text", "key"):
        return [name] if where == "text" else {name: 1}
    ctx.log("at " + name)
    ctx.diagnostic("name " + name, {name: name})
    return 1


def diagnose(ctx, what):
    """Adds a diagnostic that is hard to send."""
    value = {"numbers": [float("nan"), float("-inf"), 1 << 100], "keys": {1: 2}, "cycle": [], "foreign": object()}
    value["cycle"].append(value["cycle"])
    if what == "numpy":
        try:
            import numpy
        except ImportError:
            return
        return ctx.diagnostic("x", [numpy.float32(1), numpy.int64(2), numpy.bool_(True)])
    ctx.diagnostic("x", value[what])


def child(how, ctx):
    """Forks a child that comes back from here; returns how it ended."""
    pid = os.fork()
    if pid:
        if how == "terminated":
            os.kill(pid, signal.SIGTERM)
        _, status = os.waitpid(pid, 0)
        return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    if how == "raises":
        raise ValueError("child")
    if how == "exits":
        sys.exit(3)
    if how == "logs":
        ctx.log("of a child")
    if how == "terminated":
        time.sleep(30)
    return "of the child"


def processes():
    """Ends a process of multiprocessing, and uses a pool of two."""
    here = multiprocessing.get_context("fork")
    process = here.Process(target=time.sleep, args=(60,))
    process.start()
    process.terminate()
    process.join()
    with here.Pool(2) as pool:
        return [process.exitcode, pool.map(abs, [-1, -2])]


def spoil(more=0):
    """Changes what the next task must not find changed."""
    os.chdir("/")
    os.umask(0o777)
    os.environ["LEFT"] = "1"
    sys.path.insert(0, "/nowhere")
    socket.setdefaulttimeout(0.001)


def look():
    """Says what it finds."""
    mask = os.umask(0)
    os.umask(mask)
    return [os.getcwd(), mask, os.environ.get("LEFT"), sys.path, socket.getdefaulttimeout()]


class AroundNode:
    """A modifier whose hook is a context manager."""

    @contextlib.contextmanager
    def around_node(self, *, node, inputs, ctx):
        ctx.log("before")
        yield
        ctx.log("after")


class Idle:
    """A modifier that runs nothing."""

    def around_node(self, node):
        return None


class Silent(Exception):
    """An exception without a text."""

    def __str__(self):
        return None


def silent():
    raise Silent()


def note_much(ctx):
    ctx.diagnostic("few", [1, b"2"])
    ctx.diagnostic("bytes", b"x" * 5000000)
    ctx.diagnostic("list", list(range(100000)))
    ctx.diagnostic("mapping", {"k%d" % i: i for i in range(100000)})


def listed(words, path):
    """Returns texts and a path."""
    return {"words": words, "path": pathlib.Path(path)}


def folder(ctx):
    """Returns the name of a file that it writes."""
    (ctx.output_dir / "made").write_text("x")
    return "made"
