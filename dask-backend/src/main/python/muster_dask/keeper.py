"""A small process that waits for its worker's end and says what the worker had at hand: a worker that is killed cannot."""

import asyncio
import ctypes
import os
import signal
import sys

from . import credentials
from .reports import read_ledger

TELL_SECONDS = 3
DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
DIED = 128


class Keeper:
    """Keeps watch over a worker. name: the worker's. ledger: the file with what it has at hand."""

    def __init__(self, address, arguments, name, ledger):
        self._address = address
        self._arguments = arguments
        self._name = name
        self._ledger = ledger
        self._worker = None

    def split(self):
        """Makes this process the worker's keeper, and a new one the worker: only that returns."""
        sys.stdout.flush()
        sys.stderr.flush()
        keeper = os.getpid()
        self._worker = os.fork()
        if self._worker == 0:
            ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGTERM)
            if os.getppid() != keeper:
                os._exit(DIED)
            return
        code = 1
        try:
            code = self._keep()
        finally:
            credentials.delete()
            self._end(code)

    def _keep(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._pass_on)
        _, status = os.waitpid(self._worker, 0)
        self._worker = None
        tasks = read_ledger(self._ledger).blamed() if os.path.exists(self._ledger) else []
        code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        if tasks or code < 0:
            try:
                asyncio.run(asyncio.wait_for(self._tell(tasks), TELL_SECONDS))
            except (OSError, asyncio.TimeoutError) as error:
                print("muster: the bridge was not told how this worker ended: %r" % (error,), file=sys.stderr)
        return code

    def _pass_on(self, number, _):
        if self._worker is None:
            os._exit(DIED + number)
        os.kill(self._worker, number)

    async def _tell(self, tasks):
        from distributed.core import rpc

        async with rpc(self._address, connection_args=self._arguments) as scheduler:
            await scheduler.muster_ledger(name=self._name, tasks=[list(task) for task in tasks])

    def _end(self, code):
        """Ends as the worker did."""
        sys.stdout.flush()
        sys.stderr.flush()
        if code < 0:
            signal.signal(-code, signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
            os.kill(os.getpid(), -code)
        os._exit(DIED - code if code < 0 else code)
