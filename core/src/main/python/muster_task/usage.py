"""CPU time and peak memory of a call."""

import os
import threading

_commands = threading.local()


def spend(seconds):
    """Notes the CPU time of a command that this thread has run by a process of its own."""
    _commands.seconds = spent() + seconds


def spent():
    """Returns the CPU time of all commands that this thread has run so."""
    return getattr(_commands, "seconds", 0.0)


class Usage:
    """CPU time and peak memory of one call, children included."""

    def __init__(self):
        import resource

        self._resource = resource
        self._cpu = self._seconds()
        self._children = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")
            self._resettable = True
        except OSError:
            self._resettable = False

    def _seconds(self):
        total = spent()
        for who in (self._resource.RUSAGE_SELF, self._resource.RUSAGE_CHILDREN):
            usage = self._resource.getrusage(who)
            total += usage.ru_utime + usage.ru_stime
        return total

    def result(self):
        """Returns what was used since this object was made.

        peak_bytes, the largest resident memory of this process and of the children that it has waited for, is there only where it
        is certain. The system tells the largest value of all children ever. Each begins with the size of the process that
        started it, so it says something of the call's own only if it has grown, and beyond the size of this process.
        """
        used = {"cpu_seconds": self._seconds() - self._cpu}
        if not self._resettable or _has_children():
            return used
        peak = 0
        with open("/proc/self/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    peak = int(line.split()[1]) * 1024
        before, now = self._children, self._resource.getrusage(self._resource.RUSAGE_CHILDREN)
        largest = now.ru_maxrss * 1024
        waited = (now.ru_minflt, now.ru_majflt) != (before.ru_minflt, before.ru_majflt)
        if waited and largest > peak:
            if now.ru_maxrss == before.ru_maxrss:
                return used  # Those of this call may have been larger than this process, or smaller.
            peak = largest
        if peak:
            used["peak_bytes"] = peak
        return used


def _has_children():
    """Tells whether there are children that were not waited for, or cannot be known."""
    try:
        for thread in os.listdir("/proc/self/task"):
            with open("/proc/self/task/%s/children" % thread) as file:
                if file.read().strip():
                    return True
    except OSError:
        return True
    return False
