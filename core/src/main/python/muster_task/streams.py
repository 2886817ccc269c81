"""Standard output and error of the process that carries out calls."""

import os
import resource
import sys
import threading

from . import ownfiles

NAMES = ("stdout", "stderr")


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


class Log:
    """What calls print: two files, which get a place in the folder of the call only when something is in them.

    Most calls print nothing: a file for each would take longer than they do. A file that a call's children may still
    write to is not used again. Descriptors of its own are kept: a function may close others, or have used up all.
    Thread-safe.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._paths = []
        self._targets = None
        self._files = [None, None]  # of each: descriptor, and what tells the file from others
        self._placed = [False, False]
        self._children = None

    def open(self, prefix):
        """Makes the files, at paths that begin with `prefix`."""
        with self._lock:
            self._paths = [prefix + "." + name for name in NAMES]
            for index in (0, 1):
                self._renew(index)
            self._children = _children()

    def begin(self, prefix):
        """Begins with a call whose files are to have paths that begin with `prefix`."""
        with self._lock:
            self._targets = [prefix + name for name in NAMES]
            for index in (0, 1):
                fd = self._files[index][0]
                if os.fstat(fd).st_size:  # of a thread that has outlived its call
                    os.ftruncate(fd, 0)

    def show(self):
        """Gives what the call has printed its place; it goes on there."""
        with self._lock:
            if self._targets is not None:
                for index in (0, 1):
                    self._place(index, os.fstat(self._files[index][0]))

    def end(self):
        """Gives what the call has printed its place, and is ready for the next."""
        with self._lock:
            children = _children()
            shared, self._children = children is None or children != self._children, children
            for index in (0, 1):
                fd, identity = self._files[index]
                state = os.fstat(fd)
                self._place(index, state)
                if self._placed[index] or shared:
                    self._renew(index)
                elif _identity(index + 1) != identity:
                    os.dup2(fd, index + 1)
            self._targets = None

    def remove(self):
        """Removes the files."""
        for path in self._paths:
            try:
                os.unlink(path)
            except OSError:
                continue  # It is gone, or its folder.

    def _place(self, index, state):
        if state.st_size and not self._placed[index]:
            target = self._targets[index]
            ownfiles.folder(os.path.dirname(target))
            os.rename(self._paths[index], target)
            self._placed[index] = True

    def _renew(self, index):
        fd = ownfiles.create(self._paths[index], flags=os.O_WRONLY | os.O_APPEND)
        os.dup2(fd, index + 1)
        if self._files[index] is not None:
            os.close(self._files[index][0])
        self._files[index] = fd, _identity(fd)
        self._placed[index] = False


def _identity(fd):
    """Returns what tells the file of a descriptor from others; None where there is none."""
    try:
        state = os.fstat(fd)
    except OSError:
        return None
    return state.st_dev, state.st_ino


def _children():
    """Returns something that is equal at two times if there were no child processes between them; None if that cannot be known."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)  # of those that have ended
        return usage.ru_minflt, usage.ru_majflt, usage.ru_nvcsw
    except (AttributeError, OSError):
        return None
    return None
