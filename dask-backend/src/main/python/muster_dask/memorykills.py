"""Counts the processes that Linux has killed because memory ran out."""

COUNTERS = "/proc/vmstat"
KILLED = (-9, 137)  # of a command, and of one that a shell has run


def count():
    """Returns how many there have been on this host since it started, or -1 if that cannot be known."""
    try:
        with open(COUNTERS, encoding="ascii") as file:
            for line in file:
                if line.startswith("oom_kill "):
                    return int(line.split()[1])
    except (OSError, ValueError):
        return -1
    return -1


def verdict(code, before):
    """Returns the kind of failure that an exit code stands for, and what there is to say of it. before: the count at the start."""
    if code not in KILLED:
        return "OPERATION", ""
    if count() > before:
        return "OUT_OF_MEMORY", "\nthe system killed a process for lack of memory meanwhile"
    return "OPERATION", "\nsomething killed it; where memory is limited, often because it used too much"
