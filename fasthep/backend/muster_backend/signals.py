"""Signals that ask this process to end go to Muster, which ends its run in order."""

import contextlib
import os
import signal
import threading

PASSED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Passing:
    """Inside, signals go to the child process; after it, what they mean to this process happens.

    child: the process, once there is one. Python lets only the main thread do this; in another one nothing happens.
    """

    def __init__(self):
        self.child = None
        self._came = []
        self._before = {}

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            for number in PASSED:
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._handle)
        return self

    def start(self, make):
        """Sets the child to what make returns, and gives it what came before."""
        self.child = make()
        for number in self._came:
            self._send(number)
        return self.child

    def __exit__(self, *_):
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._came:
            os.kill(os.getpid(), self._came[-1])  # SIGINT becomes KeyboardInterrupt here.

    def _handle(self, number, _frame):
        self._came.append(number)
        if self.child is not None:
            self._send(number)

    def _send(self, number):
        with contextlib.suppress(ProcessLookupError):
            self.child.send_signal(number)
