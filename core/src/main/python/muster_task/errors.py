"""What is told of exceptions, whatever they are: telling one never raises another."""

import base64
import json
import platform
import sys
import traceback

from . import standard

MAX_TEXT = 8000
MAX_TRACEBACK = 8000
MAX_TOLD = 15 * 1024  # bytes of what a function tells while it runs; with its note less than an event may hold
RUNTIME = ("muster_task", "muster_dask", "muster_batch")


class Failure(Exception):
    """A call that failed for a reason whose kind is known. exit_code: of its command, 1 to 255, or None."""

    def __init__(self, kind, message, exit_code=None):
        super().__init__(message)
        self.kind = kind
        self.exit_code = exit_code


def readable(text):
    """Returns a text that can be written and sent everywhere: what is no character, as in file names that are no UTF-8, is \\udcff."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def clip(text):
    """Returns the beginning of a text, where it is long."""
    return text if len(text) <= MAX_TEXT else "%s... (%d characters)" % (text[:MAX_TEXT], len(text))


def bounded(text, where=""):
    """Returns a text that is not too long for a log or a report; where: a word on who has the whole text."""
    data = text.encode("utf-8")
    if len(data) <= MAX_TOLD:
        return text
    return "%s... (%d characters%s)" % (data[:MAX_TOLD].decode("utf-8", "ignore"), len(text), where)


def bounded_value(value):
    """Returns an encoded value; of one that is too long for a report the beginning as text, and what it was."""
    if isinstance(value, str):
        return bounded(value)
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    data = text.encode("utf-8")
    if len(data) <= MAX_TOLD:
        return value
    if isinstance(value, dict) and list(value) == ["$bytes"]:
        what = "%d bytes" % len(base64.b64decode(value["$bytes"]))
    elif isinstance(value, dict) and list(value) == ["$array"]:
        what = "an array"
    elif isinstance(value, dict):
        what = "a mapping of %d entries" % len(value)
    elif isinstance(value, list):
        what = "a list of %d items" % len(value)
    else:
        what = "a number of %d digits" % len(text)
    return "%s... (%s)" % (data[:MAX_TOLD].decode("utf-8", "ignore"), what)


def text_of(error):
    """Returns the text of an exception, or why it has none."""
    try:
        return clip(readable(str(error)))
    except BaseException as second:
        return "(its text cannot be told: __str__ raised %s)" % type(second).__name__


def missing_module(error):
    """Says what is missing, and where it was looked for."""
    return (
        "%s; looked for by %s (Python %s) in %s. Modules are found in the workflow's folder and in what the "
        "interpreter has; execution.config.python chooses another interpreter"
        % (text_of(error), sys.executable, platform.python_version(), ", ".join(p for p in sys.path if p))
    )


def explain(error, name):
    """Returns kind and message of an exception that a function raised. Raises nothing."""
    try:
        if issubclass(type(error), Failure):
            return error.kind, readable(str(error))
        kind, text = _kind_and_text(error, name)
    except BaseException:
        kind, text = "OPERATION", "%s: %s" % (type.__getattribute__(type(error), "__name__"), text_of(error))
    try:
        return kind, readable("%s\n%s" % (text, _lines(error)))
    except BaseException:
        return "OPERATION", "%s raised an exception that cannot be described" % (name,)


def failure_of(error, name):
    """Returns kind, message and exit code (or None) of an exception that a function raised. Raises nothing."""
    return explain(error, name) + (exit_code(error),)


def exit_code(error):
    """Returns the exit code that an exception tells of, 1 to 255, or None. Raises nothing."""
    try:
        if issubclass(type(error), Failure):
            return error.exit_code
        if not issubclass(type(error), SystemExit) or error.code is None:
            return None
        return int(error.code) & 255 or None if isinstance(error.code, int) else 1  # As Python itself ends.
    except BaseException:
        return None


def _kind_and_text(error, name):
    kind = type(error)
    said = text_of(error)
    text = "%s: %s" % (kind.__name__, said) if said else kind.__name__
    if issubclass(kind, SystemExit):
        return "OPERATION", "%s called sys.exit(%s)" % (name, "" if error.code is None else clip(readable(str(error.code))))
    if issubclass(kind, MemoryError):
        return "OUT_OF_MEMORY", text
    if issubclass(kind, ModuleNotFoundError):
        return "ENVIRONMENT", missing_module(error)
    if issubclass(kind, (ImportError, AttributeError)):
        text += standard.shadow_note(said)
    return "OPERATION", text


def _lines(error):
    """Returns the traceback without the runtime's own frames at its top, as far as it can be told."""
    own = error.__traceback__
    while own is not None and str(own.tb_frame.f_globals.get("__name__")).partition(".")[0] in RUNTIME:
        own = own.tb_next
    try:
        lines = "".join(traceback.format_exception(type(error), error, own)).rstrip()
    except BaseException:  # What it refers to, __cause__ for example, is broken too.
        try:
            lines = "".join(traceback.format_tb(own)).rstrip()
        except BaseException:
            lines = "(the traceback cannot be told)"
    return lines if len(lines) <= MAX_TRACEBACK else "...\n" + lines[-MAX_TRACEBACK:]


def print_error(error):
    """Writes an exception to standard error. Raises nothing."""
    try:
        sys.stderr.write("%s\n" % explain(error, "the call")[1])
        sys.stderr.flush()
    except BaseException:
        return  # Standard error is the function's own by now, or is gone.
