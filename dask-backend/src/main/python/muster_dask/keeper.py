"""A small process that waits for the end of its workers, one for each slot of a job, and says what they had at hand: one that is killed cannot."""

import asyncio
import ctypes
import os
import signal
import sys

from . import credentials
from .reports import clear_ledger, read_ledger

TELL_SECONDS = 3
DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
DIED = 128
PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Keeper:
    """Keeps watch over the workers of a job; the end of one is the end of all.

    names: the workers'. ledgers: the files with what they have at hand. tell: whether to tell the bridge of these.
    """

    def __init__(self, address, arguments, names, ledgers, tell):
        self._address = address
        self._arguments = arguments
        self._names = names
        self._ledgers = ledgers
        self._tells = tell
        self._workers = {}
        self._signalled = False
        self._stay = None
        #: In a worker: a descriptor that comes to its end when the worker is to leave.
        self.leave = None

    def split(self):
        """Makes this process the workers' keeper, and new ones the workers: only these return, each with its number."""
        sys.stdout.flush()
        sys.stderr.flush()
        keeper = os.getpid()
        self.leave, self._stay = os.pipe()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)  # They wait until they can be passed on.
        for number in range(len(self._names)):
            pid = os.fork()
            if pid == 0:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
                os.close(self._stay)
                ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGTERM)
                if os.getppid() != keeper:
                    os._exit(DIED)
                return number
            self._workers[pid] = number
        code = 1
        try:
            for number in PASSED_ON:
                signal.signal(number, self._pass_on)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            code = self._keep()
        finally:
            credentials.delete()
            self._end(code)

    def _keep(self):
        ends = {}
        first = 0
        while self._workers:
            pid, status = os.waitpid(-1, 0)
            number = self._workers.pop(pid, None)
            if number is None:
                continue
            code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
            ends[number] = code
            first = first or code
            if self._workers and code and not self._signalled:
                self._end_others(ends)
            elif self._stay is not None:
                os.close(self._stay)  # The others take no more tasks, finish what they have, and end.
                self._stay = None
        if self._tells:
            self._tell_of(ends)
        return first

    def _end_others(self, ends):
        """Ends the workers of the other slots, which have done no harm: what they have at hand is not to blame."""
        for pid, number in self._workers.items():
            os.kill(pid, signal.SIGSTOP)
            os.waitpid(pid, os.WUNTRACED)
            clear_ledger(self._ledgers[number])
            os.kill(pid, signal.SIGKILL)
            os.kill(pid, signal.SIGCONT)
            ends[number] = -signal.SIGKILL

    def _tell_of(self, ends):
        told = []
        for number, code in sorted(ends.items()):
            path = self._ledgers[number]
            tasks = read_ledger(path).blamed() if os.path.exists(path) else []
            if tasks or code < 0:
                told.append(self._tell(self._names[number], tasks))
        try:
            asyncio.run(_within(told))
        except (OSError, asyncio.TimeoutError) as error:
            print("muster: the bridge was not told how this worker ended: %r" % (error,), file=sys.stderr)

    def _pass_on(self, number, _):
        self._signalled = True
        if not self._workers:
            os._exit(DIED + number)
        for pid in list(self._workers):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue  # It has just ended.

    async def _tell(self, name, tasks):
        from distributed.core import rpc

        async with rpc(self._address, connection_args=self._arguments) as scheduler:
            await scheduler.muster_ledger(name=name, tasks=[list(task) for task in tasks])

    def _end(self, code):
        """Ends as the worker did."""
        sys.stdout.flush()
        sys.stderr.flush()
        if code < 0:
            signal.signal(-code, signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
            os.kill(os.getpid(), -code)
        os._exit(DIED - code if code < 0 else code)


async def _within(coroutines):
    for each in coroutines:
        await asyncio.wait_for(each, TELL_SECONDS)
