"""Launchers of this process: small processes that start commands for it, see launcher.py. The JVM has the same."""

import linecache
import logging
import os
import select
import signal
import subprocess
import sys
import threading

from . import strays
from .failures import described

BOOT = """\
import os, sys
def read(count):
    data = b""
    while len(data) < count:
        part = os.read(0, count - len(data))
        if not part:
            sys.exit(0)
        data += part
    return data
exec(compile(read(int.from_bytes(read(4), "big")), "<launcher>", "exec"))
"""
#: A launcher that was stopped for two looks, and so for this long at least, is taken for dead.
BETWEEN_LOOKS_MS = 4000
READY_SECONDS = 20

log = logging.getLogger("muster_task.launching")
_idle = []
_all = set()
_unusable = False


class Lost(Exception):
    """A launcher has ended, and nothing more is known of the command that it ran. Says why."""


class NotStarted(OSError):
    """A command was not started. Says why."""


class Ended:
    """How a command ended.

    returncode: 128 plus the number of the signal that ended it, or its exit code. killed: whether a signal ended it.
    cpu: the seconds of CPU time that it used, beyond those of this process's own children. stdout, stderr: the bytes
    that it printed.
    """

    def __init__(self, returncode, killed, cpu, stdout, stderr):
        self.returncode = returncode
        self.killed = killed
        self.cpu = cpu
        self.stdout = stdout
        self.stderr = stderr


class Launcher:
    """One of them. Runs one command at a time."""

    def __init__(self):
        self._variables = strays.owned(os.environ)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", BOOT, "muster-launcher"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=self._variables,
            start_new_session=True,
            bufsize=0,
        )
        self.pid = self._process.pid
        self._out = self._process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)
        self._data = b""
        self._number = 0
        self._writing = threading.Lock()
        try:
            self._send(_source())
            if not self._poll.poll(READY_SECONDS * 1000) or self._receive()[0] != b"ready":
                raise Lost("is not ready")
        except BaseException:
            self.close()
            raise

    def run(self, argv, cwd, env, stdin, logs, grace, begun):
        """Runs a command, and returns how it ended. logs: the files for standard output and error, which need not be
        there. begun: is called when it can be ended.

        The program is a path. Raises Lost, and NotStarted.
        """
        self._number += 1
        fields = ["run", self._number, cwd, stdin or "", *logs, "1", round(grace * 1000), "0", len(argv), *argv]
        fields += ["%s=%s" % item for item in env.items() if self._variables.get(item[0]) != item[1]]
        fields += [name for name in self._variables if name not in env]
        self._say(fields)
        begun()
        started = None
        while True:
            what, number, *rest = self._receive()
            if number != str(self._number).encode():
                raise Lost("has sent a message of another command")
            if what == b"started":
                started = int(rest[0])
            elif what == b"failed":
                raise NotStarted("%s: %s" % (rest[0].decode(), rest[1].decode()))
            else:
                break
        status = int(rest[0])
        if rest[5:]:
            log.warning("processes %s of the command %s cannot be ended", b" ".join(rest[5:]).decode(), started)
        code = status & 0x7F
        returncode = 128 + code if code else status >> 8 & 0xFF
        return Ended(returncode, code != 0, int(rest[1]) / 1e6, int(rest[3]), int(rest[4]))

    def end(self):
        """Has the command that runs killed, with all that it has started."""
        try:
            self._say(["end", self._number, 0])
        except Lost:
            return  # It has ended with it.

    def _say(self, fields):
        fields = [os.fsencode(str(field)) for field in fields]
        if any(b"\0" in field for field in fields):  # It would be two.
            raise ValueError("embedded null byte")
        self._send(b"".join(field + b"\0" for field in fields))

    def _send(self, body):
        data = len(body).to_bytes(4, "big") + body
        try:
            with self._writing:
                fd = self._process.stdin.fileno()
                while data:
                    data = data[os.write(fd, data) :]
        except (BrokenPipeError, ValueError):
            raise self._lost() from None

    def _receive(self):
        while len(self._data) < 4 or len(self._data) < 4 + int.from_bytes(self._data[:4], "big"):
            self._await()
            data = os.read(self._out, 1 << 16)
            if not data:
                raise self._lost()
            self._data += data
        end = 4 + int.from_bytes(self._data[:4], "big")
        fields = self._data[4:end].split(b"\0")
        self._data = self._data[end:]
        return fields[:-1]

    def _await(self):
        stopped = False
        while not self._poll.poll(BETWEEN_LOOKS_MS):
            now = self._stopped()
            if stopped and now:
                raise Lost("the process that looked after it (%d) was stopped" % self.pid)
            stopped = now

    def _stopped(self):
        try:
            with open("/proc/%d/stat" % self.pid, "rb") as file:
                return file.read().rpartition(b")")[2].split()[0] == b"T"
        except OSError:
            return False

    def _lost(self):
        code = self._process.wait()
        code = 128 - code if code < 0 else code
        return Lost("the process that looked after it (%d) ended with %s" % (self.pid, described(code)))

    def usable(self):
        """Tells whether it can run a command."""
        return self._process.poll() is None

    def close(self):
        """Ends it, and what it runs."""
        self.end()
        self._process.stdin.close()
        try:
            self._process.wait(READY_SECONDS)
        except subprocess.TimeoutExpired:
            for pid in [*descendants(self.pid), self.pid]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            self._process.wait()
        self._process.stdout.close()

    def forget(self):
        """Lets a forked child have nothing of it: the launcher ends when its own process does."""
        for file in (self._process.stdin, self._process.stdout):
            file.close()  # It has no buffer.


def descendants(pid):
    """Returns the processes below one."""
    from . import launcher

    found = new = launcher.children(pid)
    while new:
        new = [child for each in new for child in launcher.children(each)]
        found = found + new
    return found


def _source():
    """Returns the source text of a launcher, wherever the modules come from."""
    if "__file__" in globals():
        return "".join(linecache.getlines(os.path.join(os.path.dirname(__file__), "launcher.py"), globals())).encode()
    return "".join(linecache.getlines("<muster_task.launcher>")).encode()


def take(started):
    """Returns a launcher that runs nothing, or None where there can be none. started: is called with one that is new."""
    global _unusable
    while True:
        try:
            launcher = _idle.pop()
        except IndexError:
            break
        if launcher.usable():
            return launcher
        _all.discard(launcher)
    if _unusable or not sys.platform.startswith("linux"):
        return None
    try:
        launcher = Launcher()
    except (OSError, Lost) as error:
        log.info("commands are started without a launcher: %s", error)
        _unusable = True
        return None
    _all.add(launcher)
    started(launcher)
    return launcher


def give(launcher):
    """Takes a launcher back that runs nothing."""
    _idle.append(launcher)


def drop(launcher):
    """Ends a launcher, and what it runs."""
    _all.discard(launcher)
    launcher.close()


def _in_child():
    for launcher in list(_all):
        launcher.forget()
    _all.clear()
    _idle.clear()


os.register_at_fork(after_in_child=_in_child)
