"""Keeps a process fit for calls, whatever the functions that it calls do to it.

Modules of the standard library are found before files of the same name. A child that a function forks and that comes back
ends. Folder, umask, environment, module path and more are the same at every call.

Python 3.8 or newer; standard library only.
"""

import contextlib
import importlib.machinery
import os
import signal
import sys
import threading
import traceback

try:
    import _locale
except ImportError:
    _locale = None

# Modules


def _standard_folders():
    top = os.path.dirname(os.path.realpath(os.__file__))
    return [each for each in sys.path if each and os.path.realpath(each) in (top, os.path.join(top, "lib-dynload"))]


def _standard_names(folders):
    names = getattr(sys, "stdlib_module_names", None)  # Python 3.10
    if names is not None:
        return frozenset(names) - {"__main__"}
    found = set(sys.builtin_module_names)
    for folder in folders:
        for name in os.listdir(folder):
            if name.endswith((".py", ".so")) or os.path.isfile(os.path.join(folder, name, "__init__.py")):
                found.add(name.partition(".")[0])
    return frozenset(found) - {"test"}


STANDARD = _standard_folders()
NAMES = _standard_names(STANDARD)


class StandardFirst:
    """Finds modules of the standard library before files of the same name that come earlier on the path."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Returns where a module of the standard library is."""
        if path is not None or name not in NAMES:
            return None
        return importlib.machinery.PathFinder.find_spec(name, STANDARD, target)


def standard_first():
    """Lets modules of the standard library win from now on."""
    finders = sys.meta_path
    if STANDARD and StandardFirst not in finders:
        place = importlib.machinery.PathFinder
        finders.insert(finders.index(place) if place in finders else 0, StandardFirst)


def shadowed(name):
    """Returns the user's file or package that has the name of a module of the standard library, or None."""
    if name in NAMES:
        for folder in sys.path:
            if folder in STANDARD:
                return None
            for path in (os.path.join(folder, name + ".py"), os.path.join(folder, name, "__init__.py")):
                if os.path.isfile(path):
                    return path
    return None


def shadow_text(path):
    """Says that a user's file is not used."""
    name = os.path.basename(os.path.dirname(path) if path.endswith("__init__.py") else path[:-3])
    return "%s is not used: Python's standard library has a module %s, which is found first; rename the file" % (path, name)


def shadow_note(text):
    """Returns a line for each user's file that is not used and that an error's text may be about."""
    words = {word.strip("'\"().,:") for word in text.split()}
    paths = (shadowed(name) for word in words for name in {word, word.partition(".")[0]} if name in NAMES)
    return "".join("\n" + shadow_text(path) for path in sorted({each for each in paths if each}))


# Children

_pid = os.getpid()
_descriptors = None
_handlers = {}
_forking = threading.local()


def is_child():
    """Tells whether this process is a forked child of the one that carries out calls."""
    return os.getpid() != _pid


def settle(descriptors):
    """Makes this the process that carries out calls.

    descriptors: returns the file descriptors that only it may use: a forked child gets the null device in their place.
    """
    global _pid, _descriptors
    first = _descriptors is None
    _pid = os.getpid()
    _descriptors = descriptors
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        _handlers[number] = signal.getsignal(number)
    if first:
        os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)


def _before():
    _flush()
    # Between its start and the handlers of its own, a child would lose a signal.
    _forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, _handlers)


def _in_parent():
    signal.pthread_sigmask(signal.SIG_SETMASK, _forking.mask)


def _flush():
    """Writes what is printed so far, else a child would write it again."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue  # The function closed or replaced it.


def _in_child():
    null = os.open(os.devnull, os.O_RDWR)  # Where descriptors were closed, others would take their numbers.
    for fd in _descriptors():
        os.dup2(null, fd, inheritable=False)
    os.close(null)
    signal.set_wakeup_fd(-1)
    for number, handler in _handlers.items():
        if handler is not None and signal.getsignal(number) is handler and handler is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, _forking.mask)
    except KeyboardInterrupt:  # What is raised here reaches nobody.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)


def end_child(error=None):
    """Ends this process if it is a child: as a program would that ends here, or with this exception."""
    if not is_child():
        return
    code = 0
    try:
        if isinstance(error, SystemExit):
            code = error.code
            if code is not None and not isinstance(code, int):
                print(code, file=sys.stderr)
                code = 1
        elif error is not None:
            code = 130 if isinstance(error, KeyboardInterrupt) else 1
            traceback.print_exception(type(error), error, error.__traceback__)
        _flush()
    finally:
        os._exit((code or 0) & 0xFF)


def call_here(function, *args, **keywords):
    """Calls a function; a child that it forks and that comes back from it ends here."""
    try:
        result = function(*args, **keywords)
    except BaseException as error:
        end_child(error)
        raise
    end_child()
    return result


# Surroundings


def _socket_timeout():
    module = sys.modules.get("_socket")  # Where it is not loaded, nobody has set one.
    return None if module is None else module.getdefaulttimeout()


class Surroundings:
    """What a call finds around it. Not thread-safe.

    folder: in which calls run. signals: whether handlers of signals are the caller's to change.
    """

    def __init__(self, folder, signals=False):
        self.folder = folder
        self._seen = None
        self._umask = os.umask(0o077)
        os.umask(self._umask)
        self._environment = os.environ
        self._variables = dict(os.environ)
        self._given = {}
        self._path = sys.path
        self._entries = list(sys.path)
        self._streams = sys.stdin, sys.stdout, sys.stderr
        self._limit = sys.getrecursionlimit()
        self._locale = None if _locale is None else _locale.setlocale(_locale.LC_ALL, None)
        self._timeout = _socket_timeout()
        self._signals = {}
        if signals:
            numbers = (number for number in signal.valid_signals() if number not in (signal.SIGKILL, signal.SIGSTOP))
            self._signals = {number: signal.getsignal(number) for number in numbers}
        self._data = None

    def reset(self, variables=None):
        """Makes everything what it was when this object was made; variables: those of the call besides, or instead."""
        self._go_back()
        given = variables or {}
        if os.environ is not self._environment or self._given != given or self._changed():
            self._restore(given)
        if sys.path is not self._path or sys.path != self._entries:
            sys.path = self._path
            sys.path[:] = self._entries
        self._restore_process()

    def unchanged(self):
        """Tells whether everything is as a reset without variables leaves it. Changes nothing."""
        umask = os.umask(self._umask)
        if umask != self._umask:
            os.umask(umask)
            return False
        try:
            if self._seen is None or os.getcwd() != self._seen:
                return False
        except OSError:
            return False
        return (
            os.environ is self._environment
            and not self._given
            and not self._changed()
            and sys.path is self._path
            and sys.path == self._entries
            and sys.getrecursionlimit() == self._limit
            and self._same_streams()
            and (self._locale is None or _locale.setlocale(_locale.LC_ALL, None) == self._locale)
            and _socket_timeout() == self._timeout
        )

    def _go_back(self):
        """Goes back to the folder and the umask."""
        os.umask(self._umask)
        try:
            if self._seen is not None and os.getcwd() == self._seen:
                return
        except OSError:
            self._seen = None  # The folder in which it was is gone.
        os.chdir(self.folder)
        self._seen = os.getcwd()

    def _changed(self):
        data = getattr(os.environ, "_data", None)
        return data is None or data != self._data

    def _restore(self, given):
        os.environ = self._environment
        wanted = dict(self._variables, **given)
        for name in list(os.environ):
            if name not in wanted:
                del os.environ[name]
        for name, value in wanted.items():
            if os.environ.get(name) != value:
                os.environ[name] = value
        self._given = dict(given)
        self._data = dict(getattr(os.environ, "_data", {}))

    def _restore_process(self):
        if _socket_timeout() != self._timeout:
            sys.modules["_socket"].setdefaulttimeout(self._timeout)
        if self._locale is not None and _locale.setlocale(_locale.LC_ALL, None) != self._locale:
            _locale.setlocale(_locale.LC_ALL, self._locale)
        if sys.getrecursionlimit() != self._limit:
            sys.setrecursionlimit(self._limit)
        if not self._same_streams():
            self._restore_streams()
        if self._signals and signal.getitimer(signal.ITIMER_REAL)[0]:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._signals.items():
            if handler is not None and signal.getsignal(number) != handler:
                signal.signal(number, handler)
        if self._signals and signal.pthread_sigmask(signal.SIG_BLOCK, ()):
            signal.pthread_sigmask(signal.SIG_SETMASK, ())

    def _same_streams(self):
        stdin, stdout, stderr = self._streams
        same = sys.stdout is stdout and sys.stderr is stderr and sys.stdin is stdin
        return same and not getattr(stdout, "closed", False)

    def _restore_streams(self):
        streams = []
        for fd, stream in enumerate(self._streams):
            if stream is not None and stream.closed:
                mode = "w" if fd else "r"
                stream = open(fd, mode, encoding="utf-8", errors="backslashreplace", closefd=False)
                if fd:
                    stream.reconfigure(line_buffering=True)
            streams.append(stream)
        sys.stdin, sys.stdout, sys.stderr = self._streams = tuple(streams)

    @contextlib.contextmanager
    def importing(self):
        """Returns a context for the import of a module: what the module adds to environment and path stays."""
        before = dict(os.environ)
        entries = list(sys.path)
        yield
        for name in set(before) | set(os.environ):
            value = os.environ.get(name)
            if value != before.get(name):
                self._data = None
                if value is None:
                    self._variables.pop(name, None)
                else:
                    self._variables[name] = value
        if sys.path != entries:
            self._entries = list(sys.path)
        self._go_back()

    def add_to_path(self, folders):
        """Puts folders first on the module path, for this call and those to come."""
        for folder in reversed(folders):
            if folder not in self._entries:
                self._entries.insert(0, folder)
            if folder not in sys.path:
                sys.path.insert(0, folder)


#: Those of this process, or None.
surroundings = None
#: Held while modules of operations are imported: Python cannot import the same package in two threads at once without a risk.
importing_lock = threading.RLock()


@contextlib.contextmanager
def importing():
    """Returns a context for the import of a user's module."""
    with importing_lock:
        if surroundings is None:
            yield
        else:
            with surroundings.importing():
                yield
