"""Counts the processes that Linux has killed because memory ran out.

A control group counts those of its own processes, whatever limit they ran into. The host's count has those of all its users as well.
"""

PROC = "/proc"
GROUPS = "/sys/fs/cgroup"
KILLED = 137


def count(container=False):
    """Returns how many there have been in this process's control group; on the whole host where that cannot be read, and for containers,
    which have a group of their own. -1 if nothing can be known.
    """
    group = None if container else _group()
    found = -1 if group is None else _read(group)
    return found if found >= 0 else _read(PROC + "/vmstat")


def verdict(code, before, container=False):
    """Returns the kind of failure that an exit code stands for, and what there is to say of it. before: the count at the start."""
    if code != KILLED:
        return "OPERATION", ""
    if count(container) > before:
        return "OUT_OF_MEMORY", "\nthe system killed a process for lack of memory meanwhile"
    return "OPERATION", "\nsomething killed it; where memory is limited, often because it used too much"


def _group():
    """Returns the file with the counters of this process's control group, of the version that limits memory here, or None."""
    unified = None
    try:
        with open(PROC + "/self/cgroup", encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                _, controllers, path = line.rstrip("\n").split(":", 2)
                if "/.." in path:
                    continue  # outside of what is mounted here
                if "memory" in controllers.split(","):
                    return "%s/memory%s/memory.oom_control" % (GROUPS, path)
                if not controllers:
                    unified = "%s%s/memory.events" % (GROUPS, path)
    except (OSError, ValueError):
        return None
    return unified


def _read(counters):
    try:
        with open(counters, encoding="ascii") as file:
            for line in file:
                if line.startswith("oom_kill "):
                    return int(line.split()[1])
    except (OSError, ValueError):
        return -1
    return -1
