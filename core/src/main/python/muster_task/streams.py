"""Standard output and error of the process that carries out calls."""

import os
import sys


def flush():
    """Writes what is printed so far."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue  # The function closed or replaced it.


def silence():
    """Makes standard output and error write to nowhere. Needs no descriptor: a function may have used up all."""
    flush()
    for target in (1, 2):
        os.dup2(0, target)


def redirect(stdout, stderr):
    """Makes standard output and error write to these files."""
    flush()
    for target, path in ((1, stdout), (2, stderr)):
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        if path != os.devnull:
            flags |= os.O_TRUNC
        fd = os.open(path, flags, 0o644)
        os.dup2(fd, target)
        os.close(fd)
