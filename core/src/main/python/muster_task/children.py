"""Children of the process that carries out calls: one that a function forks and that comes back from it ends."""

import os
import signal
import sys
import threading
import traceback

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
