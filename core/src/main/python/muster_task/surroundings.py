"""What a call finds around it: folder, umask, environment, module path and more are the same at every call."""

import contextlib
import os
import signal
import sys
import threading

try:
    from _signal import getsignal  # That of signal makes an enum of each number, which takes as long as all else here.
except ImportError:
    getsignal = signal.getsignal
try:
    import _locale
except ImportError:
    _locale = None


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
            self._signals = {int(number): getsignal(number) for number in numbers}
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
            if handler is not None and getsignal(number) != handler:
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
current = None
#: Held while modules of operations are imported: Python cannot import the same package in two threads at once without a risk.
importing_lock = threading.RLock()


@contextlib.contextmanager
def importing():
    """Returns a context for the import of a user's module."""
    with importing_lock:
        if current is None:
            yield
        else:
            with current.importing():
                yield
