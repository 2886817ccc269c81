"""Child processes of tasks, which end with the tasks, and with this process however it ends."""

import logging
import os
import signal
import subprocess
import threading

#: Reads which sessions to end once the process that holds the other end of its standard input is gone: + PID, and - PID not any more.
REAPER = """\
trap '' HUP INT QUIT TERM PIPE
pids=' '
while read -r sign pid; do
  case $sign in
    +) pids="$pids$pid " ;;
    -) case $pids in *" $pid "*) pids="${pids%%" $pid "*} ${pids#*" $pid "}" ;; esac ;;
  esac
done
for pid in $pids; do
  kill -s KILL -- "-$pid"
done
"""

log = logging.getLogger("muster_dask.commands")
_running = {}
_lock = threading.Lock()
_reaper = None


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
        _tell("+", process)
        if text is None:
            process.wait()
        else:
            process.communicate(text)
        return process
    finally:
        kill(thread)
        process.wait()
        _running.pop(thread, None)
        _tell("-", process)


def _tell(sign, process):
    """Tells the reaper, a shell of its own, which is started if need be; a new one hears of all that runs."""
    global _reaper
    with _lock:
        try:
            if _reaper is not None and _reaper.poll() is None:
                _say("%s %d\n" % (sign, process.pid))
                return
        except OSError:
            log.debug("the reaper is gone, so there will be a new one")
        if sign == "-":
            return
        try:
            _reaper = subprocess.Popen(
                ["/bin/sh", "-c", REAPER, "muster-reaper"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath)},
                start_new_session=True,
            )
            _say("".join("+ %d\n" % each.pid for each in list(_running.values())))
        except OSError as error:
            log.warning("commands will live on if this worker is killed: the shell that would end them cannot start: %s", error)


def _say(text):
    _reaper.stdin.write(text.encode())
    _reaper.stdin.flush()
