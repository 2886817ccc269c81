"""Runs Python functions for Muster, one call after another, until standard input ends.

A frame is a length (4 bytes, big-endian) and that many bytes of JSON. Calls come in on the file descriptor that was
standard input; log lines, diagnostics and one result or error for each call go out on the one that was standard output.
What functions print goes to the files that the call names, never into the protocol.

Python 3.8 or newer; standard library only.
"""

import base64
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
import traceback
import types

HEADER = struct.Struct(">I")
MAX_FRAME = 256 * 1024 * 1024
MAX_TRACEBACK = 8000
SIMPLE = (str, int, float, bool, type(None))
HOOKS = ("before_node", "around_node", "after_node", "on_node_error")


class Failure(Exception):
    """A call that failed for a reason whose kind is known."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class Terminated(BaseException):
    """The process was asked to end."""


# Values


def plain(value, place):
    """Returns `value` as JSON can hold it; `place` is a name, or a (place, key) pair, for messages."""
    if type(value) in SIMPLE:
        return value
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise Failure(
                    "SERIALIZATION",
                    "%s has the key %r; keys of mappings must be strings" % (describe(place), key),
                )
        return {
            key: item if type(item) in SIMPLE else plain(item, (place, key))
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [
            item if type(item) in SIMPLE else plain(item, (place, index))
            for index, item in enumerate(value)
        ]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, pathlib.PurePath):
        path = os.path.abspath(str(value))
        if readable(path) != path:
            raise Failure(
                "SERIALIZATION",
                "%s is the path of a file whose name is no UTF-8 text: %s; rename the file"
                % (describe(place), readable(path)),
            )
        return {"$file": path}
    if isinstance(value, SIMPLE):
        return value
    module = type(value).__module__.partition(".")[0]
    if module == "numpy" and getattr(value, "shape", None) == ():
        item = value.item()
        if type(item) in SIMPLE:
            return item
    hint = "return JSON values, bytes, or a pathlib.Path of a file that holds it"
    if module in ("numpy", "awkward") and hasattr(value, "tolist"):
        hint = "return its tolist(), or a pathlib.Path of a file that holds it"
    raise Failure(
        "SERIALIZATION",
        "%s is a %s.%s, which cannot be passed on; %s"
        % (describe(place), type(value).__module__, type(value).__qualname__, hint),
    )


def describe(place):
    """Returns a place in words, for example output['hist'][3]."""
    keys = []
    while isinstance(place, tuple):
        place, key = place
        keys.append("[%r]" % (key,))
    return "the " + place + "".join(reversed(keys))


def readable(text):
    """Returns a text that can be written and sent everywhere: what is no character, as in file names that are no UTF-8, is \\udcff."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def dump(message):
    """Returns a message as JSON bytes."""
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def dump_value(value, place, change=None):
    """Returns a value of a function as JSON bytes; `place` says what it is, for messages.

    change: what is done with texts that are no Unicode; by default they are refused.
    """

    def refuse(text):
        if readable(text) != text:
            raise Failure(
                "SERIALIZATION",
                "the %s has the text '%s', which is no Unicode, as in a file name that is no UTF-8; pass bytes on, "
                "for example os.fsencode(name)" % (place, readable(text)),
            )
        return text

    try:
        value = plain(value, place)
        data = dump(value)
        return data if b"\\ud" not in data else dump(with_texts(value, change or refuse))
    except RecursionError:
        raise Failure("SERIALIZATION", "the %s is nested too deep, or holds itself" % place) from None
    except ValueError as error:
        raise Failure("SERIALIZATION", "the %s cannot be passed on: %s" % (place, error)) from None


def with_texts(value, change):
    """Returns a value as JSON can hold it with change(text) in the place of each text, keys included."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(key): with_texts(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [with_texts(item, change) for item in value]
    return value


def load(data):
    """Returns the message that JSON bytes hold."""
    return json.loads(data, object_hook=_special)


def _special(value):
    if len(value) == 1:
        if "$file" in value:
            return pathlib.Path(value["$file"])
        if "$bytes" in value:
            return base64.b64decode(value["$bytes"])
    return value


def identifier(name):
    """Returns an input's name as a Python name."""
    name = re.sub(r"\W", "_", name)
    if name[:1].isdigit():
        name = "_" + name
    return name + "_" if keyword.iskeyword(name) else name


# The protocol


class Channel:
    """Writes frames; thread-safe."""

    def __init__(self, fd):
        self._fd = fd
        self._lock = threading.Lock()

    def send(self, message):
        """Writes one message."""
        self.send_bytes(dump(message))

    def send_diagnostic(self, name, text):
        """Writes a diagnostic, whose value is JSON already."""
        self.send_bytes(b'{"type":"diagnostic","name":%s,"value":%s}' % (dump(name), text))

    def send_bytes(self, data):
        """Writes one message that is JSON already."""
        rest = memoryview(HEADER.pack(len(data)) + data)
        with self._lock:
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
    """Returns the bytes of one frame, or None at the end."""
    header = read_exactly(fd, HEADER.size)
    return None if header is None else read_exactly(fd, HEADER.unpack(header)[0])


# Calls


class Context:
    """What a function sees of its task.

    stage, attempt, pool, worker: where it runs. partition: index, dataset, files, first_event, events; or None.
    dataset: name, files, events, attributes; or None. params, inputs, input_partitions: by name. output_dir: a folder
    of the task's own. base_dir: the workflow's folder. variables: the stage's environment variables. extra_data: what
    the stage's environment carries.
    """

    def __init__(self, call, channel):
        self._channel = channel
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
        """Writes a line to the run's log, under the task's name."""
        self._channel.send({"type": "log", "message": readable(str(message))})

    def diagnostic(self, name, value):
        """Adds a value to the task's diagnostics."""
        name = readable(str(name))
        text = dump_value(value, "diagnostic %r" % name, readable)
        self._channel.send_diagnostic(name, text)


def _record(values):
    return None if values is None else types.SimpleNamespace(**values)


def resolve(impl):
    """Returns what `module:name` stands for."""
    module_name, _, path = impl.partition(":")
    try:
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


def missing_module(error):
    """Says what is missing, and where it was looked for."""
    return (
        "%s; looked for by %s (Python %s) in %s. Modules are found in the workflow's folder and in what the "
        "interpreter has; execution.config.python chooses another interpreter"
        % (error, sys.executable, platform.python_version(), ", ".join(p for p in sys.path if p))
    )


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
    found = resolve(impl)
    is_class = inspect.isclass(found)
    if not is_class and any(callable(getattr(found, hook, None)) for hook in HOOKS):
        if params:
            raise Failure(
                "OPERATION",
                "modifier %s: %s is an object and takes no parameters, got %s"
                % (name, impl, ", ".join(params)),
            )
        return found
    if not callable(found):
        raise Failure("OPERATION", "modifier %s: %s has none of %s" % (name, impl, ", ".join(HOOKS)))
    made = found(**params)
    if not any(callable(getattr(made, hook, None)) for hook in HOOKS):
        raise Failure("OPERATION", "modifier %s: %s has none of %s" % (name, impl, ", ".join(HOOKS)))
    return made


class Modified:
    """A call inside its modifiers."""

    def __init__(self, modifiers, call, ctx):
        self._modifiers = modifiers
        self._arguments = {
            "node": call["stage"],
            "inputs": call["inputs"],
            "outputs": {},
            "ctx": ctx,
        }

    def run(self, body):
        """Runs the modifiers and `body`, which takes no arguments; returns what they made of its result."""
        entered = []
        try:
            for modifier in self._modifiers:
                self._hook(modifier, "before_node")
                entered.append(modifier)
            result = self._around(0, body)
            outputs = dict(result) if isinstance(result, dict) else {"output": result}
            self._arguments["outputs"] = outputs
            for modifier in reversed(self._modifiers):
                self._hook(modifier, "after_node")
            if isinstance(result, dict) or set(outputs) != {"output"}:
                return outputs
            return outputs["output"]
        except BaseException as error:
            for modifier in reversed(entered):
                try:
                    self._hook(modifier, "on_node_error", error=error)
                except Terminated:
                    raise
                except BaseException:
                    traceback.print_exc()
            raise

    def _around(self, index, body):
        if index == len(self._modifiers):
            return body()
        modifier = self._modifiers[index]
        if not callable(getattr(modifier, "around_node", None)):
            return self._around(index + 1, body)
        return self._hook(
            modifier, "around_node", call=lambda: self._around(index + 1, body)
        )

    def _hook(self, modifier, name, **more):
        hook = getattr(modifier, name, None)
        if not callable(hook):
            return None
        given = dict(self._arguments, **more)
        takes, _ = accepts(hook)
        if takes is not None:
            given = {key: value for key, value in given.items() if takes(key)}
        return hook(**given)


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
    """Carries out calls."""

    def __init__(self, channel):
        self._channel = channel
        self._modifiers = {}

    def answer(self, data):
        """Carries out the call in a frame and returns the frame with its result or error."""
        usage = None
        name = "the call"
        try:
            call = load(data)
            name = call["callable"]
            redirect(call["stdout"], call["stderr"])
            usage = Usage() if call["measure"] else None
            reply = self._result(call)
        except Terminated:
            raise
        except Failure as failure:
            reply = error_reply(failure.kind, str(failure))
        except BaseException as error:
            reply = error_reply(*explain(error, name))
        redirect(os.devnull, os.devnull)
        if usage is not None:
            self._channel.send(dict(usage.result(), type="usage"))
        return reply

    def _result(self, call):
        ctx = Context(call, self._channel)
        modifiers = [self._modifier(call["stage"], spec) for spec in call["modifiers"]]

        def body():
            function = resolve(call["callable"])
            if not callable(function):
                raise Failure("OPERATION", "%s is not callable" % call["callable"])
            return function(*call["args"], **arguments(function, call, ctx))

        result = Modified(modifiers, call, ctx).run(body) if modifiers else body()
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


def error_reply(kind, message):
    """Returns the frame that reports an error."""
    return dump({"type": "error", "kind": kind, "message": readable(message)})


def explain(error, name):
    """Returns kind and message of an exception that a function raised."""
    text = "%s: %s" % (type(error).__name__, error) if str(error) else type(error).__name__
    if isinstance(error, SystemExit):
        text = "%s called sys.exit(%s)" % (name, "" if error.code is None else error.code)
    kind = "OPERATION"
    if isinstance(error, MemoryError):
        kind = "OUT_OF_MEMORY"
    elif isinstance(error, ModuleNotFoundError):
        kind = "ENVIRONMENT"
        text = missing_module(error)
    own = error.__traceback__
    while own is not None and own.tb_frame.f_globals is globals():
        own = own.tb_next
    lines = "".join(traceback.format_exception(type(error), error, own)).rstrip()
    if len(lines) > MAX_TRACEBACK:
        lines = "...\n" + lines[-MAX_TRACEBACK:]
    return kind, "%s\n%s" % (text, lines)


def redirect(stdout, stderr):
    """Makes standard output and error write to these files."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue  # The function closed or replaced it.
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
    raise Terminated()


def main():
    """Serves calls until standard input ends."""
    incoming, outgoing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    sys.path[:] = [os.getcwd()] + [entry for entry in sys.path if entry]
    signal.signal(signal.SIGTERM, terminate)
    channel = Channel(outgoing)
    channel.send({"type": "hello", "python": platform.python_version()})
    reader = Reader(incoming)
    reader.start()
    worker = Worker(channel)
    try:
        while True:
            frame = reader.calls.get()
            if frame is None:
                return
            reply = worker.answer(frame)
            reader.answered += 1
            channel.send_bytes(reply)
    except (Terminated, BrokenPipeError):
        os._exit(143)
