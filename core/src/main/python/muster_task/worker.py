"""Runs Python functions for Muster, one call after another, until standard input ends.

Frames (see protocol) come in on the file descriptor that was standard input; log lines, diagnostics and one result or
error for each call, with its number, go out on the one that was standard output. What functions print goes to files,
never into the protocol.

A call names what it has in common with others by the ids under which the process keeps it: "common" is what all calls
of its stage have, and "dataset" its dataset, or None.
"""

import os
import platform
import signal
import sys
import threading
import time

from . import children, ownfiles, surroundings
from .codefiles import CodeFiles
from .context import Context
from .encoding import SIMPLE, dump, load
from .errors import Failure, failure_of
from .passing import dump_passed
from .protocol import MAX_FRAME, NO_CALL, Channel, Reader
from .stage import Stage
from .streams import Log, flush, redirect, silence
from .usage import Usage

VALUES = ("args", "params", "variables", "extra_data")


class Terminated(BaseException):
    """The process was asked to end."""

    ends_process = True


class Common:
    """What all calls of a stage have."""

    def __init__(self, data):
        self._data = data
        self._fields = load(data)
        self._flat = all(_is_flat(self._fields[name]) for name in VALUES)
        self.stage = Stage(load(data))
        self.command = "command" in self._fields
        self.tells_code = self._fields.get("code", False)

    def call(self, own):
        """Returns a call, with values that are its own."""
        if not self._flat:
            return dict(load(self._data), **own)
        call = dict(self._fields, **own)
        for name in VALUES:
            call[name] = call[name].copy()
        return call


def _is_flat(value):
    """Tells whether a copy of a list or mapping shares nothing with it that can be changed."""
    return all(type(item) in SIMPLE for item in (value.values() if type(value) is dict else value))


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
            tell_usage(self._channel, usage, number)
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
        return result_reply(self.passed(result, call, number))

    def passed(self, result, call, number):
        """Returns an output as it leaves this machine."""
        return result

    def _stage(self, call):
        key = call["stage"], call["callable"]
        if key not in self._stages:
            self._stages[key] = Stage(call)
        return self._stages[key]


class GroupWorker:
    """Carries out calls that come in groups. surroundings: what each finds around it. log: where they print to. kept: JSON by id."""

    def __init__(self, channel, surroundings, log, kept):
        self._channel = channel
        self._surroundings = surroundings
        self._log = log
        self._kept = kept
        self._commons = {}
        self._clean = False
        self._code = CodeFiles()

    def answer(self, number, data):
        """Carries out the call in a frame and returns the frame with its result or error, and whether this process is fit for more."""
        usage = None
        name = "the call"
        self._channel.number = number
        try:
            # Between two calls only a thread can have changed something: there is this one, and the reader.
            if not self._clean or threading.active_count() > 2:
                self._surroundings.reset()
            own = load(data)
            common = self._common(own["common"])
            name = common.stage.callable
            # A command has files of its own.
            self._log.begin(os.path.join(own["output_dir"], "modifiers." if common.command else ""))
            usage = Usage() if own.get("measure") else None
            reply = children.call_here(self.result, common, own, number)
            if common.tells_code:
                files = self._code.new()
                if files:
                    self._channel.send(dump({"type": "code", "files": files}), number)
        except Terminated:
            raise
        except BaseException as error:
            reply = error_reply(*failure_of(error, name))
        if usage is not None:
            tell_usage(self._channel, usage, number)
        return self._leave(reply, name)

    def _leave(self, reply, name):
        fit = True
        self._clean = False
        try:
            flush()
            self._surroundings.reset()
            self._clean = True
        except Terminated:
            raise
        except BaseException:
            fit = False  # The function has spoilt the process for the next.
        try:
            self._log.end()
        except Terminated:
            raise
        except BaseException as error:
            fit = False
            if not reply.startswith(b'{"type":"error"'):
                reply = error_reply(*failure_of(error, name))  # What it printed would be lost without a word.
        return reply, fit

    def result(self, common, own, number):
        """Returns the frame with the result of a call."""
        call = common.call(own)
        dataset = call["dataset"]
        if dataset is not None:
            call["dataset"] = load(self._kept[dataset]) if common.command else lambda: load(self._kept[dataset])
        ctx = None

        def make_context():
            nonlocal ctx
            if ctx is None:
                ctx = Context(call, self._channel.teller(number), ownfiles.folder)
            return ctx

        began = time.perf_counter()
        result = common.stage.run(call, make_context)
        took = (time.perf_counter() - began) * 1e6
        return result_reply(result, b'"us":%d,' % took)

    def _common(self, key):
        found = self._commons.get(key)
        if found is None:
            for old in [each for each in self._commons if each not in self._kept]:
                del self._commons[old]  # of a run that is over
            found = self._commons[key] = Common(self._kept[key])
        return found


def tell_usage(channel, usage, number):
    """Tells what a call used, if there is a way to measure it."""
    try:
        used = usage.result()
    except Exception:
        return
    channel.send(dump(dict(used, type="usage")), number)


def result_reply(result, more=b""):
    """Returns the frame that reports a result. more: further fields of it, each with a comma behind it."""
    reply = b'{"type":"result",%b"output":%b}' % (more, dump_passed(result, "output"))
    if len(reply) > MAX_FRAME:
        raise Failure(
            "SERIALIZATION",
            "the output takes %d bytes and %d are allowed; write it to a file and return its pathlib.Path"
            % (len(reply), MAX_FRAME),
        )
    return reply


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
    log = Log()
    reader = Reader(incoming, channel, log)
    reader.start()
    worker = GroupWorker(channel, surroundings.current, log, reader.kept)
    try:
        while True:
            frame = reader.take()
            if frame is None:
                log.remove()
                return
            reply, fit = worker.answer(*frame)
            if not fit:
                channel.send(b'{"type":"last"}', frame[0])  # The calls behind it are carried out elsewhere.
            reader.done()
            channel.finish(reply, frame[0])
            if not fit:
                log.remove()
                os._exit(0)
    except (Terminated, BrokenPipeError):
        os._exit(143)
