"""What a job tells of its tasks: a file with a line of JSON for each thing, which only grows.

  {"type": "begun", "task": n, "at": microseconds}     n counts the job's own tasks from 0
  {"type": "log"}, {"type": "diagnostic"}, {"type": "usage"}     of the task that runs, as processes of the JVM's machine tell them
  {"type": "code", "file": ..}     where the code of this process came from: the name of a file that codefiles.py describes
  {"type": "result", "task": n, "took": nanoseconds, "output": value} or with "file": the name of a file with the value
  {"type": "error", "task": n, "took": nanoseconds, "kind": .., "message": .., "exit_code": ..}

A line without its end was being written when the job ended.
"""

import json
import os
import time

from muster_task import children, encoding, ownfiles
from muster_task.codefiles import sha256
from muster_task.protocol import NO_CALL, Teller

MOST_INLINE = 256 * 1024
RESULT = b'{"type":"result","output":'


class Events:
    """Writes the file of a job, in the place of a channel to the JVM. Children of this process cannot write."""

    def __init__(self, path):
        self._path = path
        self.done, whole = ended(path)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        self.fd = os.open(path, flags, 0o600)
        os.ftruncate(self.fd, whole)
        self.number = NO_CALL  # of the call that runs
        self._started = 0

    def begin(self, number):
        """Says that a task begins."""
        self._write(b'{"type":"begun","task":%d,"at":%d}\n' % (number, time.time_ns() // 1000))
        self._started = time.perf_counter_ns()

    def send(self, data, number):
        """Writes what a task tells while it runs; returns whether it could: neither a child nor what is left of an earlier task can."""
        if children.is_child() or number != self.number:
            return False
        self._write(data + b"\n")
        return True

    def teller(self, number):
        """Returns what passes on what the function of a call says."""
        return Teller(self, number)

    def code(self, files, number):
        """Says which files the code came from, if there are any; jobs that have the same code share a file."""
        if not files:
            return
        data = encoding.dump(files)
        name = "code-%s.json" % sha256(data).hexdigest()[:32]
        path = os.path.join(os.path.dirname(self._path), name)
        if not os.path.exists(path):
            part = "%s.%d.part" % (self._path, number)
            with os.fdopen(ownfiles.create(part, ownfiles.SECRET), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        self.send(b'{"type":"code","file":"%s"}' % name.encode(), number)

    def finish(self, reply, number):
        """Writes how a task ended, and waits until the file system has it."""
        self.number = NO_CALL
        more = b'{"task":%d,"took":%d,' % (number, time.perf_counter_ns() - self._started)
        if reply.startswith(RESULT) and len(reply) > MOST_INLINE:
            name = "%s.%d.value" % (self._path, number)
            with os.fdopen(ownfiles.create(name, ownfiles.SECRET), "wb") as file:
                file.write(reply[len(RESULT) : -1])
                file.flush()
                os.fsync(file.fileno())
            reply = b'{"type":"result","file":%s}' % encoding.dump(os.path.basename(name))
        self._write(more + reply[1:] + b"\n")
        os.fsync(self.fd)

    def _write(self, data):
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.fd, rest) :]


def ended(path):
    """Returns which tasks have ended according to a file, and how many bytes of it are whole lines: the job may have been started before."""
    done = {}
    whole = 0
    try:
        with open(path, "rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                told = json.loads(line)  # Values are left as they are: nobody needs them here.
                if told["type"] in ("result", "error") and "task" in told:
                    done[told["task"]] = told["type"] == "result"
    except FileNotFoundError:
        return done, 0
    return done, whole
