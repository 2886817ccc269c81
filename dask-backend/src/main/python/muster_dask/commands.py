"""Child processes of tasks, which end with the tasks."""

import os
import signal
import subprocess
import threading

_running = {}


def kill(thread):
    """Ends the command that a thread runs, with all that it has started."""
    process = _running.get(thread)
    if process is not None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def kill_all():
    """Ends every command."""
    for thread in list(_running):
        kill(thread)


def run(argv, text=None, **options):
    """Runs a command in a session of its own, and returns its process, which has ended.

    What it has left behind in its session ends with it. The text is what it reads from standard input. When the task of this
    thread is ended meanwhile, the command is killed.
    """
    stdin = subprocess.DEVNULL if text is None else subprocess.PIPE
    process = subprocess.Popen(argv, stdin=stdin, start_new_session=True, **options)
    thread = threading.get_ident()
    _running[thread] = process
    try:
        if text is None:
            process.wait()
        else:
            process.communicate(text)
        return process
    finally:
        kill(thread)
        process.wait()
        _running.pop(thread, None)
