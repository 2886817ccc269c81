"""Finds the processes that a command has started, wherever they went: by a variable that all of them inherit.

A process that has cleared or overwritten its environment, or that does not let this user read it, is not found so.
"""

import os
import signal
import time
import uuid

#: The variable; the JVM marks what it starts with the same one.
VARIABLE = "MUSTER_PROCESS_MARK"
#: The variable by which the JVM finds what ends by itself when a process that it has started is gone, and waits for it.
OWNER = "MUSTER_PROCESS_OWNER"

MOST_NEAR = 256
MOST_ROUNDS = 100


def new_mark():
    """Returns a value that no other process has, and what follows it tells one command from another."""
    return "%s." % uuid.uuid4()


def without(variables):
    """Returns environment variables without the mark."""
    return {name: value for name, value in variables.items() if name != VARIABLE}


def owned(variables):
    """Returns the variables of a process that serves this one, and ends when this one does."""
    mark = variables.get(VARIABLE)
    return without(variables) if mark is None else dict(without(variables), **{OWNER: mark})


def find(mark, first=None):
    """Returns the processes that have this mark.

    first: a process that started a short while ago. Its descendants have the process ids after its own, so only these are looked
    at, unless too many were given out since or the last one is not known.
    """
    wanted = ("\0%s=%s\0" % (VARIABLE, mark)).encode()
    near = None if first is None else _near(wanted, first)
    if near is not None:
        return near
    try:
        names = os.listdir("/proc")
    except OSError:
        return []  # There is no /proc.
    return [int(name) for name in names if name.isdigit() and _has(name, wanted)]


def kill(mark, first=None):
    """Kills the processes that have this mark, and what they start meanwhile."""
    wanted = ("\0%s=%s\0" % (VARIABLE, mark)).encode()
    for _ in range(MOST_ROUNDS):
        found = find(mark, first)
        for pid in found:
            # Its number may stand for another one by now.
            if _has(pid, wanted):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        if not found:
            return
        time.sleep(0.005)  # One that was killed has its environment until the kernel has taken it away.


def _near(wanted, first):
    found = []
    following = first + 1
    for _ in range(MOST_ROUNDS):
        last = _last()
        if last < first or last - first > MOST_NEAR:
            return None
        if last < following:
            return found  # None has started while the others were looked at.
        found += [pid for pid in range(following, last + 1) if _has(pid, wanted)]
        following = last + 1
    return None


def _last():
    """Returns the process that was started last, or -1 if it is not known."""
    try:
        with open("/proc/loadavg", encoding="ascii") as file:
            return int(file.read().split()[-1])
    except (OSError, ValueError, IndexError):
        return -1


def _has(pid, wanted):
    # One that has ended has no environment.
    try:
        with open("/proc/%s/environ" % pid, "rb") as file:
            return wanted in b"\0" + file.read() + b"\0"
    except OSError:
        return False
