"""Runs Python functions for Muster, one call after another, until standard input ends.

A frame is a length (4 bytes, big-endian), the number of a call (8 bytes) and that many bytes of JSON. Calls come in on the
file descriptor that was standard input; log lines, diagnostics and one result or error for each call, with its number, go
out on the one that was standard output. What functions print goes to the files that the call names, never into the protocol.
"""

import os
import platform
import signal
import sys

from . import children, surroundings
from .context import Context
from .encoding import dump, load
from .errors import Failure, failure_of
from .passing import dump_passed
from .protocol import MAX_FRAME, NO_CALL, Channel, Reader
from .stage import Stage
from .streams import redirect, silence
from .usage import Usage


class Terminated(BaseException):
    """The process was asked to end."""

    ends_process = True


class Worker:
    """Carries out calls. surroundings: what each finds around it."""

    def __init__(self, channel, surroundings=None):
        self._channel = channel
        self._surroundings = surroundings
        self._stages = {}

    def answer(self, number, data):
        """Carries out the call in a frame and returns the frame with its result or error, and whether this process is fit for more."""
        return self.carry_out(number, lambda: load(data))

    def carry_out(self, number, read):
        """Does the same with a call that read() returns."""
        usage = None
        name = "the call"
        self._channel.number = number
        try:
            self._surroundings.reset()
            call = read()
            name = call["callable"]
            self.begin(call)
            usage = Usage() if call["measure"] else None
            reply = children.call_here(self._result, call, number)
        except Terminated:
            raise
        except BaseException as error:
            reply = error_reply(*failure_of(error, name))
        if usage is not None:
            self._tell(usage, number)
        return reply, self._leave()

    def begin(self, call):
        """Makes standard output and error ready for a call."""
        redirect(call["stdout"], call["stderr"])

    def end(self):
        """Takes them away from it."""
        silence()

    def context(self, call, number):
        """Returns what the function of a call sees of its task."""
        return Context(call, self._channel.teller(number))

    def _tell(self, usage, number):
        try:
            used = usage.result()
        except Exception:
            return  # Without a way to measure nothing is told.
        self._channel.send(dump(dict(used, type="usage")), number)

    def _leave(self):
        try:
            self.end()
            self._surroundings.reset()
            return True
        except Terminated:
            raise
        except BaseException:
            return False  # The function has spoilt the process for the next.

    def _result(self, call, number):
        ctx = self.context(call, number)
        result = self._stage(call).run(call, lambda: ctx)
        reply = b'{"type":"result","output":%s}' % dump_passed(result, "output")
        if len(reply) > MAX_FRAME:
            raise Failure(
                "SERIALIZATION",
                "the output takes %d bytes and %d are allowed; write it to a file and return its pathlib.Path"
                % (len(reply), MAX_FRAME),
            )
        return reply

    def _stage(self, call):
        key = call["stage"], call["callable"]
        if key not in self._stages:
            self._stages[key] = Stage(call)
        return self._stages[key]


def error_reply(kind, message, exit_code=None):
    """Returns the frame that reports an error."""
    reply = {"type": "error", "kind": kind, "message": message}
    if exit_code is not None:
        reply["exit_code"] = exit_code
    return dump(reply)


def terminator():
    """Returns what lets the running call clean up when it is asked to end, and does not disturb it when it is asked again."""
    asked = []

    def terminate(number, frame):
        if children.is_child():
            os._exit(128 + number)
        if not asked:
            asked.append(number)
            raise Terminated()

    return terminate


def main():
    """Serves calls until standard input ends."""
    incoming, outgoing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    folder = os.getcwd()
    sys.path[:] = [folder] + [entry for entry in sys.path if entry and entry != folder]
    signal.signal(signal.SIGTERM, terminator())
    children.settle(lambda: (incoming, outgoing))
    surroundings.current = surroundings.Surroundings(folder, signals=True)
    channel = Channel(outgoing)
    channel.send(dump({"type": "hello", "python": platform.python_version()}), NO_CALL)
    reader = Reader(incoming)
    reader.start()
    worker = Worker(channel, surroundings.current)
    try:
        while True:
            frame = reader.calls.get()
            if frame is None:
                return
            reply, fit = worker.answer(*frame)
            reader.answered += 1
            channel.finish(reply, frame[0])
            if not fit:
                os._exit(0)
    except (Terminated, BrokenPipeError):
        os._exit(143)
