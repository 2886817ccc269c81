"""Operations of the tests."""

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
