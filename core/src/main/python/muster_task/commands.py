"""Child processes of tasks, which end with the tasks, and with this process however it ends."""

import itertools
import logging
import os
import pathlib
import signal
import subprocess
import threading
import time

from . import launching, ownfiles, strays, usage

#: Reads what to end once the process that holds the other end of its standard input is gone: + PID is a session,
#: * PID a launcher, and with a minus in their place they need not be ended any more. Then it ends the sessions, and
#: everything whose environment holds its argument. Launchers have some seconds to end what they have started, and
#: themselves.
REAPER = """\
trap '' HUP INT QUIT TERM PIPE
pids=' '
launchers=' '
while read -r sign pid; do
  case $sign in
    +) pids="$pids$pid " ;;
    '*') launchers="$launchers$pid " ;;
    -) case $pids in *" $pid "*) pids="${pids%%" $pid "*} ${pids#*" $pid "}" ;; esac
       case $launchers in *" $pid "*) launchers="${launchers%%" $pid "*} ${launchers#*" $pid "}" ;; esac ;;
  esac
done
for pid in $pids; do
  kill -s KILL -- "-$pid"
done
rounds=0
while [ "$rounds" -lt 20 ]; do
  found=$(for digit in 1 2 3 4 5 6 7 8 9; do grep -l -s -F -e "$1" /proc/$digit*/environ; done)
  [ -n "$found" ] || break
  for file in $found; do
    pid=${file%/environ}
    grep -q -s -F -e "$1" "$file" && kill -s KILL "${pid#/proc/}"
  done
  rounds=$((rounds + 1))
  sleep 0.1 || sleep 1
done
below() {
  for each; do
    printf '%s\\n' "$each"
    below $(cat "/proc/$each/task/"*/children)
  done
}
for pid in $launchers; do
  rounds=0
  while kill -s 0 -- "-$pid" && [ "$rounds" -lt 50 ]; do
    rounds=$((rounds + 1))
    sleep 0.1 || sleep 1
  done
  ! kill -s 0 -- "-$pid" || kill -s KILL $(below "$pid")
done
"""

#: A command is young for so many seconds: meanwhile process ids do not start again from the lowest.
YOUNG_SECONDS = 1.0
#: How long what a command has left behind has to end by itself.
GRACE_SECONDS = 2.0

log = logging.getLogger("muster_task.commands")
_running = {}
_processes = set()  # What the reaper ends.
_mark = strays.new_mark()
_numbers = itertools.count(1)
_lock = threading.Lock()
_reaper = None


def kill(thread):
    """Ends the command that a thread runs, with all that it has started."""
    end = _running.get(thread)
    if end is not None:
        end()


class _End:
    """Ends what a thread runs, also if it is asked to just before that has started."""

    def __init__(self):
        self._asked = False
        self._end = None

    def __call__(self):
        self._asked = True
        if self._end is not None:
            self._end()

    def of(self, end):
        """Says what ends it."""
        self._end = end
        if self._asked:
            end()


def _kill_session(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def launch(argv, cwd, env, stdin, logs, also=()):
    """Runs a command in a session of its own, and returns how it ended; when it has, so has all that it had started.

    The program is a path. stdin: a file, or None. logs: the files for standard output and error; they are there
    afterwards only if something was printed. also: further variables that have the mark as their value. When the task
    of this thread is ended meanwhile, the command is killed. Raises OSError if it cannot be started, and
    launching.Lost.
    """
    launcher = launching.take(_watch)
    if launcher is None:
        return _launch_here(argv, cwd, env, stdin, logs, also=also)
    mark = "%s%d" % (_mark, next(_numbers))
    env = dict(strays.without(env), **dict.fromkeys((strays.VARIABLE, *also), mark))
    thread = threading.get_ident()
    over = False
    end = _running[thread] = _End()
    try:
        ended = launcher.run(argv, cwd, env, stdin, logs, GRACE_SECONDS, lambda: end.of(launcher.end))
        over = True
        usage.spend(ended.cpu)
        return ended
    except launching.NotStarted:
        over = True
        raise
    finally:
        _running.pop(thread, None)
        if over:
            launching.give(launcher)
        else:
            launching.drop(launcher)
            strays.kill(mark)
            _processes.discard(launcher)
            _tell("-", launcher)


def launch_unmarked(argv, cwd, env, stdin, logs):
    """Does the same for what may start what serves others too, as runtimes of containers do: of that only its session ends with it."""
    return _launch_here(argv, cwd, env, stdin, logs, marked=False)


def _launch_here(argv, cwd, env, stdin, logs, **marks):
    files = [os.fdopen(ownfiles.create(path), "wb") for path in logs]
    try:
        text = pathlib.Path(stdin).read_bytes() if stdin else None
        process = run(argv, text, env=env, cwd=cwd, stdout=files[0], stderr=files[1], **marks)
        sizes = [os.fstat(file.fileno()).st_size for file in files]
    finally:
        for file, path in zip(files, logs):
            if not os.fstat(file.fileno()).st_size:
                os.unlink(path)
            file.close()
    code = process.returncode
    return launching.Ended(128 - code if code < 0 else code, code < 0, 0.0, *sizes)


def _watch(launcher):
    _processes.add(launcher)
    _tell("*", launcher)


def kill_all():
    """Ends every command, and what they have started; the reaper, which hears of this process's end, ends what is missed."""
    for thread in list(_running):
        kill(thread)


def run(argv, text=None, env=None, also=(), marked=True, **options):
    """Runs a command in a session of its own, and returns its process, which has ended.

    What it has left behind ends with it, in its session and, by the mark in its environment, elsewhere. The text is what it reads
    from standard input. also: further variables that have the mark as their value. marked: whether it has one at all; what may
    start what serves others too has none. When the task of this thread is ended meanwhile, the command is killed.
    """
    stdin = subprocess.DEVNULL if text is None else subprocess.PIPE
    env = strays.without(os.environ if env is None else env)
    mark = "%s%d" % (_mark, next(_numbers)) if marked else None
    if marked:
        env.update(dict.fromkeys((strays.VARIABLE, *also), mark))
    started = time.monotonic()
    thread = threading.get_ident()
    end = _running[thread] = _End()
    try:
        process = subprocess.Popen(argv, stdin=stdin, env=env, start_new_session=True, **options)
    except BaseException:
        _running.pop(thread, None)
        raise
    end.of(lambda: _kill_session(process))
    _processes.add(process)
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
        if marked:
            strays.kill(mark, process.pid if time.monotonic() - started < YOUNG_SECONDS else None)
        _running.pop(thread, None)
        _processes.discard(process)
        _tell("-", process)


def _tell(sign, process):
    """Tells the reaper, a shell of its own, which is started if need be; a new one hears of all that runs."""
    with _lock:
        try:
            if _reaper is not None and _reaper.poll() is None:
                _say("%s %d\n" % (sign, process.pid))
                return
        except OSError:
            log.debug("the reaper is gone, so there will be a new one")
        if sign != "-":
            _start_reaper()


def begin():
    """Sees to it that what is started from now on ends with this process, unless whoever started this one sees to that."""
    global _mark
    _mark = strays.new_mark()  # Each slot of a job has a process that was forked from the same one.
    if strays.VARIABLE not in os.environ:
        os.environ[strays.VARIABLE] = _mark + "0"
        with _lock:
            _start_reaper()


def _start_reaper():
    global _reaper
    try:
        _reaper = subprocess.Popen(
            ["/bin/sh", "-c", REAPER, "muster-reaper", "%s=%s" % (strays.VARIABLE, _mark)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath)},
            start_new_session=True,
        )
        kinds = (("*" if isinstance(each, launching.Launcher) else "+", each.pid) for each in list(_processes))
        _say("".join("%s %d\n" % kind for kind in kinds))
    except OSError as error:
        log.warning("commands will live on if this worker is killed: the shell that would end them cannot start: %s", error)


def _say(text):
    _reaper.stdin.write(text.encode())
    _reaper.stdin.flush()
