"""What the tasks of the backend contract do."""

import time


def add_up(ctx, **inputs):
    """Returns 1 plus the sum of all numbers among the inputs."""
    return 1 + sum(sum(value) if isinstance(value, list) else value for value in inputs.values())


def fail(ctx):
    raise RuntimeError("on purpose")


def fail_once(ctx):
    if ctx.attempt == 1:
        raise RuntimeError("on purpose, once")
    return ctx.attempt


def block(ctx):
    """Does nothing for a minute."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        time.sleep(0.02)
