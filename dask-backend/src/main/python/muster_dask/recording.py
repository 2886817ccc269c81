"""What a later run needs to take the result of a task: the files that its code came from, and a copy of its output."""

import json
import os
import re
import sys
import threading

from muster_task import passing
from muster_task.codefiles import CodeFiles
from muster_task.encoding import FILE

from .values import Unseen, pack

NONE, PLAIN = "none", "plain"
UNKEPT = None, "unkept", None
#: A larger copy lies in a file, and not with many others in the records of the run.
COPY_BYTES = 16 * 1024
MOST_NAMES = 20_000
LONGEST_NAME = 1000
TEXT = re.compile(r'"((?:[^"\\]|\\.){1,%d})"' % (6 * LONGEST_NAME))


class Begin:
    """What the code of this process came from before its first task: looked at while it waits for that. Thread-safe."""

    def __init__(self, started):
        self._files = CodeFiles(started=started)
        self._found = []
        self._thread = threading.Thread(target=self._look, name="muster-code", daemon=True)
        self._thread.start()

    def _look(self):
        self._found = self._files.new() or []

    def get(self):
        """Returns the files that were there, and what finds those that come."""
        self._thread.join()
        return list(self._found), self._files.copy()


class Code:
    """Tells which files the code of this process came from, those of one run each once. Thread-safe.

    started: the time when this process began, or the one that it was forked from. begin: what was found before, or None.
    """

    def __init__(self, started, begin=None):
        self._found, self._files = begin.get() if begin else ([], CodeFiles(started=started))
        self._lock = threading.Lock()

    def tell(self, reporter, task, attempt):
        """Reports what is new. Called when a task is over, before that is reported."""
        with self._lock:  # Whoever finds nothing new reports after whoever did.
            found = self._found + (self._files.new() or [])
            self._found = []
            if found:
                reporter.add(["c", task, attempt, found])


def told(output, run, code, directory, files):
    """Returns what is reported of an output: (text, kind, path) as `pack` returns them, and what belongs to it; or ().

    It is the output where that leaves Dask, else a copy if one is to be kept: kind is "unkept" if it cannot be.
    """
    if output is None or not (code.fetch or code.copies != NONE):
        return ()
    found = pack(output, run, directory, files) if code.fetch else copy(output, run, code.copies, directory)
    if found[1] != "json" or not run["records"]:
        return found
    names = names_in(found[2], run["base_dir"])
    if names is None and not code.fetch:
        return UNKEPT
    return found + ({"names": names},)


def with_folder(found):
    """Returns what is reported of an output whose task has made a folder for its files."""
    found = tuple(found) or (None, None, None)
    more = dict(found[3]) if len(found) > 3 else {}
    return found[:3] + (dict(more, folder=True),)


def copy(output, run, copies, directory):
    """Returns (text, kind, path) of a copy of an output, or UNKEPT: the task has done what it is to do all the same."""
    try:
        if copies == PLAIN and not passing.is_exact(output, "output"):
            return UNKEPT
        return pack(output, run, directory, None, COPY_BYTES)
    except Unseen:
        return UNKEPT
    except Exception as error:
        print("muster: an output is not kept for later runs: %s" % (error,), file=sys.stderr, flush=True)
        return UNKEPT


def names_in(path, base):
    """Returns the files that an output in a file names, by paths or texts; None if there are too many to look at."""
    with open(path, encoding="ascii") as file:
        text = file.read()
    names = set()
    if '"%s"' % FILE in text:
        json.loads(text, object_hook=lambda value: _note(value, names))
    words = {word for word in TEXT.findall(text) if "/" in word or "." in word}
    if len(words) > MOST_NAMES:
        return None
    for word in words:
        name = json.loads('"%s"' % word) if "\\" in word else word
        if len(name) <= LONGEST_NAME and "\n" not in name and "\0" not in name:
            place = os.path.normpath(os.path.join(base, name))
            if os.path.exists(place) if name[:1] == "/" else os.path.isfile(place):
                names.add(place)
    return sorted(names)


def _note(value, names):
    # A mapping of the user's with such a key has one more $ in it.
    if len(value) == 1 and isinstance(value.get(FILE), str):
        names.add(value[FILE])
    return value
