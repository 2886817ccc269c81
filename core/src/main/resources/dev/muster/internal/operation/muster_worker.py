"""Runs Python functions for Muster, one call after another, until standard input ends.

A frame is a length (4 bytes, big-endian), the number of a call (8 bytes) and that many bytes of JSON. Calls come in on the
file descriptor that was standard input; log lines, diagnostics and one result or error for each call, with its number, go
out on the one that was standard output. What functions print goes to the files that the call names, never into the protocol.

Python 3.8 or newer; standard library only.
"""

import difflib
import importlib
import inspect
import json
import keyword
import os
import pathlib
import platform
import queue
import re
import signal
import struct
import sys
import threading
import time
import types

import muster_modifiers
import muster_process
from muster_errors import MAX_TOLD, Failure, bounded, bounded_value, exit_code, explain, missing_module, readable
from muster_values import SIMPLE, dump, dump_outside, dump_value, is_array, load, plain

HEADER = struct.Struct(">Iq")
NO_CALL = -1
MAX_FRAME = 256 * 1024 * 1024


class Terminated(BaseException):
    """The process was asked to end."""

    ends_process = True


def identifier(name):
    """Returns an input's name as a Python name."""
    name = re.sub(r"\W", "_", name)
    if name[:1].isdigit():
        name = "_" + name
    return name + "_" if keyword.iskeyword(name) else name


# The protocol


class Channel:
    """Writes frames, for the call that runs; thread-safe. Children of this process cannot write."""

    def __init__(self, fd):
        self._fd = fd
        self._lock = threading.Lock()
        self.number = NO_CALL  # of the call that runs

    def send(self, data, number):
        """Writes a message of a call, which is JSON already; returns whether it could: neither a child nor what is left of an earlier call can."""
        if muster_process.is_child():
            return False
        with self._lock:
            if number != self.number:
                return False
            self._write(data, number)
        return True

    def finish(self, data, number):
        """Writes the last message of a call, which is JSON already."""
        with self._lock:
            self.number = NO_CALL
            self._write(data, number)

    def _write(self, data, number):
        rest = memoryview(HEADER.pack(len(data), number) + data)
        while rest:
            rest = rest[os.write(self._fd, rest) :]


def read_exactly(fd, count):
    """Returns `count` bytes, or None if there are no more."""
    parts = []
    while count:
        part = os.read(fd, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_frame(fd):
    """Returns number and bytes of one frame, or None at the end."""
    header = read_exactly(fd, HEADER.size)
    if header is None:
        return None
    length, number = HEADER.unpack(header)
    data = read_exactly(fd, length)
    return None if data is None else (number, data)


# Calls


class Context:
    """What a function sees of its task.

    stage, attempt, pool, worker: where it runs. partition: index, dataset, files, first_event, events; or None.
    dataset: name, files, events, attributes; or None. params, inputs, input_partitions: by name. output_dir: a folder
    of the task's own. base_dir: the workflow's folder. variables: the stage's environment variables. extra_data: what
    the stage's environment carries.
    """

    def __init__(self, call, channel, number=NO_CALL):
        self._channel = channel
        self._number = number
        self.stage = call["stage"]
        self.partition = _record(call["partition"])
        self.dataset = _record(call["dataset"])
        self.params = call["params"]
        self.inputs = call["inputs"]
        self.input_partitions = {
            name: [_record(item) for item in items]
            for name, items in call["input_partitions"].items()
        }
        self.output_dir = pathlib.Path(call["output_dir"])
        self.base_dir = pathlib.Path(call["base_dir"])
        self.variables = call["variables"]
        self.attempt = call["attempt"]
        self.pool = call["pool"]
        self.worker = call["worker"]
        self.extra_data = call["extra_data"]

    def log(self, message):
        """Writes a line to the run's log, under the task's name; from a forked child, or after the call, to standard error.

        Of a text of more than 15 KiB the log has the beginning; the whole is written to standard error.
        """
        text = readable(str(message))
        told = bounded(text, ", the whole text is on the task's standard error")
        if not self._channel.send(dump({"type": "log", "message": told}), self._number) or told is not text:
            print(text, file=sys.stderr, flush=True)

    def diagnostic(self, name, value):
        """Adds a value to the task's diagnostics. A forked child cannot, and nobody can after the call."""
        name = bounded(readable(str(name)))
        text = dump_value(value, "diagnostic %r" % name, readable)
        if len(text) > MAX_TOLD:
            text = dump(bounded_value(json.loads(text)))
        if not self._channel.send(b'{"type":"diagnostic","name":%s,"value":%s}' % (dump(name), text), self._number):
            who = "a child of its process" if muster_process.is_child() else "a thread that outlived its call"
            raise RuntimeError("the diagnostic %r of stage %s was given by %s, and cannot be passed on" % (name, self.stage, who))


def _record(values):
    return None if values is None else types.SimpleNamespace(**values)


def resolve(impl):
    """Returns what `module:name` stands for."""
    module_name, _, path = impl.partition(":")
    shadowed = muster_process.shadowed(module_name.partition(".")[0])
    if shadowed is not None:
        raise Failure("OPERATION", muster_process.shadow_text(shadowed))
    try:
        found = sys.modules.get(module_name)
        if found is None or getattr(getattr(found, "__spec__", None), "_initializing", False):
            with muster_process.importing():
                found = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and (module_name == error.name or module_name.startswith(error.name + ".")):
            raise Failure("ENVIRONMENT", missing_module(error)) from None
        raise
    for part in path.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            near = difflib.get_close_matches(part, dir(found), 1)
            raise Failure(
                "OPERATION",
                "%s has no %r%s"
                % (
                    module_name,
                    path,
                    "; did you mean %r?" % near[0] if near else "",
                ),
            ) from None
    return found


def accepts(function):
    """Returns a function that tells whether `function` takes a keyword, and its keywords; None if it cannot be known."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None, []
    by_name = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    if any(p.kind == p.VAR_KEYWORD for p in parameters):
        return (lambda name: True), by_name
    return (lambda name: name in by_name), by_name


def arguments(function, call, ctx):
    """Returns the keyword arguments of a call: inputs, parameters and ctx."""
    takes, names = accepts(function)
    positional = names[: len(call["args"])]
    keywords = {}
    origins = {}

    def give(name, value, origin):
        if name in origins:
            raise Failure(
                "OPERATION",
                "%s and %s of %s are both passed as %r; rename one of them"
                % (origins[name], origin, call["callable"], name),
            )
        origins[name] = origin
        keywords[name] = value

    for name, value in call["inputs"].items():
        key = identifier(name)
        origin = "the input %r" % name
        if call["explicit"]:
            if takes is not None and not takes(key):
                raise Failure("OPERATION", refusal(call, origin, key, names))
            give(key, value, origin)
        elif takes is not None and takes(key) and key not in positional:
            give(key, value, origin)
    for name, value in call["params"].items():
        origin = "the parameter %r" % name
        if takes is not None and not takes(name):
            raise Failure("OPERATION", refusal(call, origin, name, names))
        give(name, value, origin)
    if takes is not None and takes("ctx") and "ctx" not in origins:
        keywords["ctx"] = ctx
    if takes is not None:
        try:
            inspect.signature(function).bind(*call["args"], **keywords)
        except TypeError as error:
            raise Failure("OPERATION", "%s(): %s" % (call["callable"], error)) from None
    return keywords


def refusal(call, origin, key, names):
    """Says that a function does not take an argument."""
    near = difflib.get_close_matches(key, names, 1)
    if near:
        return "%s() does not take %s; did you mean %r?" % (call["callable"], origin, near[0])
    taken = ", ".join(names) if names else "no arguments"
    return "%s() does not take %s; it takes %s" % (call["callable"], origin, taken)


# Modifiers


def make_modifier(name, impl, params):
    """Returns the object with hooks that a class, a factory or an instance stands for."""
    return muster_modifiers.make_modifier(name, impl, params, resolve)


def modified(modifiers, call, ctx):
    """Returns a call inside its modifiers."""
    return muster_modifiers.Modified(modifiers, call, ctx, lambda hook: accepts(hook)[0])


# Measuring


class Usage:
    """CPU time and peak memory of one call, children included."""

    def __init__(self):
        import resource

        self._resource = resource
        self._cpu = self._seconds()
        self._children = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")
            self._resettable = True
        except OSError:
            self._resettable = False

    def _seconds(self):
        total = 0.0
        for who in (self._resource.RUSAGE_SELF, self._resource.RUSAGE_CHILDREN):
            usage = self._resource.getrusage(who)
            total += usage.ru_utime + usage.ru_stime
        return total

    def result(self):
        """Returns what was used since this object was made.

        peak_bytes, the largest resident memory of this process and of the children that it has waited for, is there only where it
        is certain. The system tells the largest value of all children ever. Each begins with the size of the process that
        started it, so it says something of the call's own only if it has grown, and beyond the size of this process.
        """
        used = {"cpu_seconds": self._seconds() - self._cpu}
        if not self._resettable or _has_children():
            return used
        peak = 0
        with open("/proc/self/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    peak = int(line.split()[1]) * 1024
        before, now = self._children, self._resource.getrusage(self._resource.RUSAGE_CHILDREN)
        largest = now.ru_maxrss * 1024
        waited = (now.ru_minflt, now.ru_majflt) != (before.ru_minflt, before.ru_majflt)
        if waited and largest > peak:
            if now.ru_maxrss == before.ru_maxrss:
                return used  # Those of this call may have been larger than this process, or smaller.
            peak = largest
        if peak:
            used["peak_bytes"] = peak
        return used


def _has_children():
    """Tells whether there are children that were not waited for, or cannot be known."""
    try:
        for thread in os.listdir("/proc/self/task"):
            with open("/proc/self/task/%s/children" % thread) as file:
                if file.read().strip():
                    return True
    except OSError:
        return True
    return False


# The worker


class Worker:
    """Carries out calls. surroundings: what each finds around it."""

    def __init__(self, channel, surroundings=None):
        self._channel = channel
        self._surroundings = surroundings
        self._modifiers = {}

    def answer(self, number, data):
        """Carries out the call in a frame and returns the frame with its result or error, and whether this process is fit for more."""
        usage = None
        name = "the call"
        self._channel.number = number
        try:
            self._surroundings.reset()
            call = load(data)
            name = call["callable"]
            redirect(call["stdout"], call["stderr"])
            usage = Usage() if call["measure"] else None
            reply = muster_process.call_here(self._result, call, number)
        except Terminated:
            raise
        except BaseException as error:
            reply = error_reply(*explain(error, name), exit_code(error))
        if usage is not None:
            self._tell(usage, number)
        return reply, self._leave()

    def _tell(self, usage, number):
        try:
            used = usage.result()
        except Exception:
            return  # Without a way to measure nothing is told.
        self._channel.send(dump(dict(used, type="usage")), number)

    def _leave(self):
        try:
            silence()
            self._surroundings.reset()
            return True
        except Terminated:
            raise
        except BaseException:
            return False  # The function has spoilt the process for the next.

    def _result(self, call, number):
        ctx = Context(call, self._channel, number)
        modifiers = [self._modifier(call["stage"], spec) for spec in call["modifiers"]]

        def body():
            function = resolve(call["callable"])
            if not callable(function):
                raise Failure("OPERATION", "%s is not callable" % call["callable"])
            given = arguments(function, call, ctx)
            return ran(muster_process.call_here(function, *call["args"], **given), call["callable"])

        result = modified(modifiers, call, ctx).run(body) if modifiers else body()
        reply = b'{"type":"result","output":%s}' % dump_value(result, "output")
        if len(reply) > MAX_FRAME:
            raise Failure(
                "SERIALIZATION",
                "the output takes %d bytes and %d are allowed; write it to a file and return its pathlib.Path"
                % (len(reply), MAX_FRAME),
            )
        return reply

    def _modifier(self, stage, spec):
        key = (stage, spec["name"])
        if key not in self._modifiers:
            self._modifiers[key] = make_modifier(spec["name"], spec["impl"], spec["params"])
        return self._modifiers[key]


def error_reply(kind, message, exit_code=None):
    """Returns the frame that reports an error."""
    reply = {"type": "error", "kind": kind, "message": message}
    if exit_code is not None:
        reply["exit_code"] = exit_code
    return dump(reply)


def ran(result, name):
    """Returns what a function returned, if its code has run."""
    if inspect.iscoroutine(result) or inspect.isasyncgen(result):
        muster_modifiers.never_run(result)
        raise Failure(
            "OPERATION",
            "%s is an async function, so nothing of it ran; name a plain function that calls asyncio.run" % name,
        )
    return result


def flush():
    """Writes what is printed so far."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue  # The function closed or replaced it.


def silence():
    """Makes standard output and error write to nowhere. Needs no descriptor: a function may have used up all."""
    flush()
    for target in (1, 2):
        os.dup2(0, target)


def redirect(stdout, stderr):
    """Makes standard output and error write to these files."""
    flush()
    for target, path in ((1, stdout), (2, stderr)):
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        if path != os.devnull:
            flags |= os.O_TRUNC
        fd = os.open(path, flags, 0o644)
        os.dup2(fd, target)
        os.close(fd)


class Reader(threading.Thread):
    """Reads frames, and ends the process at once when there will be no more while a call runs."""

    def __init__(self, fd):
        super().__init__(daemon=True, name="muster-reader")
        self._fd = fd
        self.calls = queue.Queue()
        self.received = 0
        self.answered = 0  # Written by the thread that answers.

    def run(self):
        while True:
            frame = read_frame(self._fd)
            if frame is None:
                break
            self.received += 1
            self.calls.put(frame)
        if self.received == self.answered:
            self.calls.put(None)
            time.sleep(5)  # For what the functions registered with atexit.
        if os.getsid(0) == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)


def terminate(number, frame):
    """Lets what is running clean up."""
    if not muster_process.is_child():
        raise Terminated()
    os._exit(128 + number)


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
    signal.signal(signal.SIGTERM, terminate)
    muster_process.settle(lambda: (incoming, outgoing))
    muster_process.surroundings = muster_process.Surroundings(folder, signals=True)
    channel = Channel(outgoing)
    channel.send(dump({"type": "hello", "python": platform.python_version()}), NO_CALL)
    reader = Reader(incoming)
    reader.start()
    worker = Worker(channel, muster_process.surroundings)
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
