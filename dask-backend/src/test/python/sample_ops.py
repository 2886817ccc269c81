"""Operations of the tests."""

import pathlib
from array import array


def nop():
    return None


def add(one, two=0):
    return one + two


def fail():
    raise ValueError("never")


def context(ctx):
    return {"stage": ctx.stage, "pool": ctx.pool, "partition": ctx.partition and ctx.partition.index}


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
