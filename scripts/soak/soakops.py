"""The operations of the soak: each notes every execution of itself, and its result follows from its inputs alone."""

import json
import os
import time

MODULUS = 1_000_003


def result(salt, index, numbers):
    """Returns what a task must give."""
    return (31 * sum(numbers) + salt + 101 * index) % MODULUS


def _name(ctx):
    if ctx.partition is not None:
        return "%s/%s.%d" % (ctx.stage, ctx.partition.dataset, ctx.partition.index)
    return ctx.stage if ctx.dataset is None else "%s/%s" % (ctx.stage, ctx.dataset.name)


def _base(ctx):
    """Returns the folder of the workflow, also where the worker has another one."""
    return os.environ.get("MUSTER_SOAK_BASE") or ctx.base_dir


def _note(ctx, what, **more):
    line = {"at": time.time(), "what": what, "task": _name(ctx), "attempt": ctx.attempt, "worker": ctx.worker, "pid": os.getpid()}
    line.update(more)
    path = os.path.join(_base(ctx), "records", ctx.stage)
    with open(path, "a", opener=lambda name, flags: os.open(name, flags, 0o666)) as file:
        file.write(json.dumps(line) + "\n")


def _numbers(value):
    if isinstance(value, list):
        return [number for each in value for number in _numbers(each)]
    if isinstance(value, bytes):
        if value != value[:16] * (len(value) // 16):
            raise ValueError("the data has changed on its way")
        return [int(value[:16])]
    return [int(value)]


def step(ctx, salt, seconds=0, fails=False, size=0, **inputs):
    """Makes a number of its inputs, as a number or as many bytes; if told so, it fails the first time that it gets through."""
    _note(ctx, "begin")
    time.sleep(seconds)
    if fails:
        mark = os.path.join(_base(ctx), "records", "failed-" + _name(ctx).replace("/", "."))
        try:
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            pass
        else:
            _note(ctx, "fail")
            raise RuntimeError("it fails the first time")
    number = result(salt, 0 if ctx.partition is None else ctx.partition.index, _numbers(list(inputs.values())))
    _note(ctx, "end", result=number)
    return b"%016d" % number * (size // 16) if size else number
