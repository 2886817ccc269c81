"""Says which files the code of this process came from, so that another run can see whether they have changed.

A file is a list: its kind, its path, and its state. Kinds: "content", a file of the user's with the SHA-256 of its
content; "times", a file of an installed package, or one that lies among those of the standard library, with its size and
time; "absent", a file that would have been imported instead, if it were there. A state of None is never the same as
another: the file may have changed since it was imported.
"""

import os
import sys
import time

try:  # A small part of hashlib, which takes milliseconds to load.
    from _sha256 import sha256
except ImportError:
    try:
        from _sha2 import sha256
    except ImportError:
        from hashlib import sha256

# Where an import was so recent that its file may have changed in the same tick of the clock.
TICK = 0.05
COARSE_TICK = 2.1

# What Muster brings itself.
OWN = ("muster_task", "muster_batch", "muster_dask", "muster_start")
STANDARD = os.path.dirname(os.path.realpath(os.__file__))


def _installed(path):
    """Tells whether a file is part of an installed package."""
    return "/site-packages/" in path or "/dist-packages/" in path


def _beside(path):
    """Tells whether a file lies among those of the standard library, as a link to one elsewhere may."""
    return path.startswith((STANDARD + os.sep, os.path.dirname(os.path.abspath(os.__file__)) + os.sep))


def _standard(path):
    return path.startswith(STANDARD + os.sep) and not _installed(path)


class CodeFiles:
    """Finds the files of the modules that are there, each once. Not thread-safe.

    origins: folders by those that they are copies of elsewhere, by which their files are told; None for a folder whose
    files need not be told.
    """

    def __init__(self, modules=None, started=None, origins=None):
        self._modules = sys.modules if modules is None else modules
        self._started = time.time() if started is None else started
        self._origins = {os.path.abspath(folder) + os.sep: origin for folder, origin in (origins or {}).items()}
        self._seen = set()
        self._passed = set()  # Files of the interpreter's own.
        self._count = -1
        self._last = None
        self._path = None

    def copy(self):
        """Returns one that has returned the same."""
        made = CodeFiles(self._modules, self._started)
        made.__dict__.update(self.__dict__)
        made._seen, made._passed = set(self._seen), set(self._passed)
        return made

    def new(self):
        """Returns the files that it has not returned before; None if there are none."""
        # What is imported anew comes last, also in place of a module that was dropped.
        last = next(reversed(self._modules), None)
        if len(self._modules) == self._count and last == self._last and sys.path == self._path:
            return None
        first = self._count < 0
        self._count = len(self._modules)
        self._last = last
        self._path = list(sys.path)
        found = []
        if first:
            self._add(found, "times", os.path.realpath(sys.executable))
            self._add(found, "times", os.path.abspath(sys.executable))  # A link may lead elsewhere later.
        for name, module in list(self._modules.items()):
            try:
                self._module(found, name, module)
            except Exception:
                found.append(["content", "module " + name, None])
        return found or None

    def _module(self, found, name, module):
        spec = getattr(module, "__spec__", None)
        path = getattr(module, "__file__", None) or getattr(spec, "origin", None)
        if not isinstance(path, str) or path in ("built-in", "frozen", "namespace"):
            return  # It has no code of its own, or that of the interpreter.
        # What is run has the names __main__ and __mp_main__, too.
        names = name, str(getattr(spec, "name", ""))
        if path.startswith("<") or any(each.partition(".")[0] in OWN for each in names):
            return
        if path in self._passed:
            return
        given, path = path, os.path.abspath(path)
        if path not in self._seen and _standard(os.path.realpath(path)):
            self._passed.add(given)
            return
        self._add(found, "times" if _installed(path) or _beside(path) else "content", path)
        if "." not in name:
            self._shadows(found, name, path)

    def _shadows(self, found, name, path):
        home = os.path.dirname(path)
        if os.path.basename(path).startswith("__init__."):
            home = os.path.dirname(home)
        for entry in self._path:
            entry = os.path.abspath(entry)
            if entry == home:
                return
            if _installed(entry + os.sep) or _standard(entry + os.sep) or os.path.isfile(entry):
                continue
            for file in (os.path.join(entry, name + ".py"), os.path.join(entry, name, "__init__.py")):
                self._add(found, "absent", file)

    def _add(self, found, kind, path):
        if path in self._seen:
            return
        self._seen.add(path)
        told = self._told(path)
        if told is None:
            return
        if told != path and kind == "times":
            kind = "content"
        found.append([kind, told, self._state(kind, path, told != path)])

    def _told(self, path):
        for folder, origin in self._origins.items():
            if path.startswith(folder):
                return None if origin is None else os.path.join(origin, path[len(folder) :])
        return path

    def _state(self, kind, path, copied):
        if kind == "absent":
            return None if os.path.lexists(path) else "absent"
        try:
            info = os.stat(path)
            tick = COARSE_TICK if info.st_mtime_ns % 1_000_000_000 == 0 else TICK
            if not copied and info.st_mtime + tick > self._started:
                return None
            if kind == "times":
                return "%d %d" % (info.st_size, info.st_mtime_ns)
            with open(path, "rb") as file:
                return sha256(file.read()).hexdigest()
        except OSError:
            return None
