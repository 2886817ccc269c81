"""What the tasks of the backend contract do."""

import fcntl
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


def linger(ctx, file):
    """Holds a lock on a file while it runs, and goes on for a second after it was told to end."""
    with open(file, "w") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        held.write("x")
        held.flush()
        try:
            block(ctx)
        except BaseException:  # also what stands for an interrupt
            end = time.monotonic() + 1
            while time.monotonic() < end:
                time.sleep(0.02)
            raise
