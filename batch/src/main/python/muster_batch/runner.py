"""Carries out the tasks of one job, one after another: muster_batch.runner FOLDER, or FOLDER HOME where files are sent.

MUSTER_JOB_INDEX says which job it is. Each task is carried out by the task runtime as on every other worker. What
becomes of it is told in a file of the job's own in the folder; the controller reads it, now or when it is back. A job
that is started again goes on where it was.
"""

import functools
import os
import signal
import sys
import threading

from muster_task import children, commands, ownfiles, surroundings
from muster_task.codefiles import CodeFiles
from muster_task.context import Context
from muster_task.streams import flush
from muster_task.worker import Terminated, Worker, terminator

from .calls import Calls, read_call
from .leaving import Leaving
from .events import Events

#: How a job ends whose tasks were carried out, and not all of them went well.
FAILED = 1
#: For how many seconds it waits at its end for what the functions have left behind.
LAST_SECONDS = 5.0


class JobWorker(Worker):
    """Carries out the calls of a job. What they print is the job's own output. leaving: what is sent back, or None."""

    def __init__(self, channel, around, leaving):
        super().__init__(channel, around)
        self._leaving = leaving

    def begin(self, call):
        """Leaves standard output and error as they are."""

    def end(self):
        """Leaves them as they are."""
        flush()

    def context(self, call, number):
        """Returns what the function of a call sees of its task: its folder is made when it is asked for."""
        return Context(call, self._channel.teller(number), ownfiles.empty_folder)

    def passed(self, result, call, number):
        """Returns an output as it leaves this machine."""
        return result if self._leaving is None else self._leaving.take(result, number)


def carry_out(folder, number, home=None):
    """Carries out the tasks of a job; returns its exit code. home: the job's own folder, if it sees nothing of the submit host."""
    leaving = None if home is None else Leaving(home)
    calls = Calls(folder, number if home is None else 0)
    events = Events(os.path.join(folder if home is None else leaving.folder, "%d.jsonl" % number))
    children.settle(lambda: (events.fd,))
    origins = {os.path.join(home or "", each): origin for each, origin in calls.common["origins"].items()}
    code = CodeFiles(origins=origins)
    put_on_path([os.path.join(home or "", each) for each in calls.common["path"]])
    worker = None
    well = True
    for place, (number, own) in enumerate(calls.lines()):
        if place in events.done:
            well = well and events.done[place]
            continue
        stage = calls.stage(number)
        if worker is None:  # All tasks of a job are of one stage.
            # Those of a container are set in it alone; they would change how its runtime works.
            os.environ.update({} if stage.get("container") else stage["variables"])
            around = surroundings.current = surroundings.Surroundings(os.getcwd(), signals=True)
            worker = JobWorker(events, around, leaving)
        events.begin(place)
        reply, fit = worker.carry_out(place, functools.partial(read_call, stage, own, calls, leaving, place))
        if stage["tells_code"]:
            events.code(code.new(), place)
        events.finish(reply, place)
        well = well and reply.startswith(b'{"type":"result"')
        if not fit and place + 1 < len(calls):
            return FAILED  # The others go into another job.
    return 0 if well else FAILED


def put_on_path(folders):
    """Puts folders first on the module path of this process; those that can be on PYTHONPATH are there already."""
    folder = os.getcwd()
    rest = [entry for entry in sys.path if entry and entry != folder and entry not in folders]
    sys.path[:] = [folder, *folders, *rest]


def main():
    """Carries out this job."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    signal.signal(signal.SIGTERM, terminator())
    commands.begin()
    folder, number = sys.argv[1], int(os.environ["MUSTER_JOB_INDEX"])
    try:
        code = carry_out(folder, number, *sys.argv[2:])
    except Terminated:
        commands.kill_all()
        code = 128 + signal.SIGTERM
    flush()
    last = threading.Timer(LAST_SECONDS, os._exit, (code,))
    last.daemon = True
    last.start()
    sys.exit(code)


if __name__ == "__main__":
    main()
