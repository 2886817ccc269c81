"""The encoding of values between processes: JSON, with marks for what JSON has no word for. docs/values.md specifies it."""

import base64
import json
import os
import pathlib
import re
import sys

from .errors import Failure, clip, readable

SIMPLE = (str, int, float, bool, type(None))
MAX_DEPTH = 256
MAX_DIGITS = 4300
MAX_AGAIN = 1_000_000
FILE, BYTES, ARRAY, PYTHON = "$file", "$bytes", "$array", "$python"
ARRAYS = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
)  # fmt: skip
LONG = re.compile(rb"[0-9]{%d}" % (MAX_DIGITS + 1))
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
OWN_PATH = type(pathlib.Path())
# Before it had this limit, Python wrote numbers that a newer one does not read.
LIMITED = hasattr(sys, "get_int_max_str_digits")


class Notes:
    """Whether what is encoded comes back in Python as what it was: of the same types, and what is there twice as one.

    Not thread-safe.
    """

    __slots__ = ("exact", "_met", "_again")

    def __init__(self):
        self.exact = True
        self._met = set()
        self._again = 0

    def meet(self, value, place, exact):
        """Notes a value that can be changed. exact: whether its own type comes back."""
        if not exact:
            self.exact = False
        if id(value) in self._met:
            self.exact = False
            self._again += 1
            if self._again > MAX_AGAIN:  # Lists that hold each other twice, twice and twice again have no end.
                while isinstance(place, tuple):
                    place = place[0]
                raise Failure(
                    "SERIALIZATION",
                    "%s holds lists, mappings or arrays that are in it already, more than %d times; pass a file that holds it"
                    % (place, MAX_AGAIN),
                )
        self._met.add(id(value))


def plain(value, place, depth=0, notes=None):
    """Returns `value` as JSON can hold it, encoded.

    place: a name, or a (place, key) pair, for messages. notes: where it is noted whether that is exact, or None.
    """
    if type(value) in SIMPLE:
        return value
    if isinstance(value, dict):
        check_depth(place, depth)
        texts = check_keys(value, place)
        if notes is not None:
            notes.meet(value, place, texts and type(value) is dict)
        return {
            (key if key[:1] != "$" else "$" + key): item
            if type(item) in SIMPLE
            else plain(item, (place, key), depth + 1, notes)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        check_depth(place, depth)
        if notes is not None:
            notes.meet(value, place, type(value) is list)
        return [
            item if type(item) in SIMPLE else plain(item, (place, index), depth + 1, notes)
            for index, item in enumerate(value)
        ]
    if is_bytes(value):
        made, exact = {BYTES: base64.b64encode(value).decode("ascii")}, type(value) is bytes
    elif isinstance(value, pathlib.PurePath):
        path = path_of(value, place)
        made, exact = {FILE: path}, type(value) is OWN_PATH and str(value) == path
    elif is_array(value):
        made, exact = array_mark(value, place), notes is not None and is_exact_array(value)
        if exact:
            notes.meet(value, place, True)
    else:
        made, exact = scalar(value, place), False
    if notes is not None and not exact:
        notes.exact = False
    return made


def outside(value, place, depth=0):
    """Returns `value` as JSON for programs that know nothing of marks: a file is its path, and keys are as they are."""
    if isinstance(value, dict):
        check_depth(place, depth)
        check_keys(value, place)
        return {key: outside(item, (place, key), depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        check_depth(place, depth)
        return [outside(item, (place, index), depth + 1) for index, item in enumerate(value)]
    if isinstance(value, pathlib.PurePath):
        return path_of(value, place)
    if is_bytes(value) or is_array(value):
        raise Failure(
            "SERIALIZATION",
            "%s is %s, which JSON for a command cannot hold; write it to a file and pass that"
            % (describe(place), "bytes" if is_bytes(value) else "an array"),
        )
    return scalar(value, place)


def check_depth(place, depth):
    """Makes sure that a list or mapping is not nested too deep."""
    if depth >= MAX_DEPTH:
        while isinstance(place, tuple):
            place = place[0]
        raise Failure(
            "SERIALIZATION",
            "%s is nested more than %d deep, or holds itself; pass a file that holds it" % (place, MAX_DEPTH),
        )


def check_keys(value, place):
    """Makes sure that all keys of a mapping are strings; returns whether none is of a subclass."""
    exact = True
    for key in value:
        if type(key) is not str:
            if not isinstance(key, str):
                raise Failure("SERIALIZATION", "%s has the key %s; keys must be strings" % (describe(place), shown(key)))
            exact = False
    return exact


def shown(key):
    """Returns a key as messages show it, whatever it is."""
    try:
        return clip(readable(repr(key)))
    except Exception:
        return "%s.%s" % (type(key).__module__, type(key).__qualname__)


def is_bytes(value):
    """Tells whether a value is bytes; a view of numbers is not."""
    return isinstance(value, (bytes, bytearray)) or isinstance(value, memoryview) and value.format in ("B", "b", "c")


def is_array(value):
    """Tells whether a value is an array of numpy, and nothing that is made of one, as a masked array."""
    kind = type(value)
    return kind.__module__ == "numpy" and kind.__name__ == "ndarray" and value.shape != ()


def is_exact_array(value):
    """Tells whether the mark of an array says all of it: its byte order is this machine's, its order that of C."""
    order = value.flags
    return value.dtype.isnative and value.dtype.metadata is None and (order.c_contiguous or not order.f_contiguous)


def array_mark(value, place):
    """Returns the mark of an array."""
    if value.dtype.name not in ARRAYS:
        raise Failure(
            "SERIALIZATION",
            "%s is an array of %s, which cannot be encoded; there can be arrays of %s"
            % (describe(place), value.dtype, ", ".join(ARRAYS)),
        )
    import numpy

    data = numpy.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
    return {ARRAY: [value.dtype.name, list(value.shape), base64.b64encode(data).decode("ascii")]}


def path_of(value, place):
    """Returns a path as text, absolute."""
    path = os.path.abspath(str(value))
    if readable(path) != path:
        raise Failure(
            "SERIALIZATION",
            "%s is the path of a file whose name is no UTF-8 text: %s; rename the file" % (describe(place), readable(path)),
        )
    return path


def scalar(value, place):
    """Returns a text, number or truth value that is of a subclass, or numpy's."""
    if isinstance(value, SIMPLE):
        return value
    module = type(value).__module__.partition(".")[0]
    if module == "numpy" and getattr(value, "shape", None) == ():
        item = value.item()
        if type(item) in SIMPLE:
            return item
    hint = "pass JSON values, bytes, a numpy.ndarray, or a pathlib.Path of a file that holds it"
    if hasattr(value, "isoformat"):
        hint = "pass its isoformat()"
    elif module in ("numpy", "awkward", "array") and hasattr(value, "tolist"):
        hint = "pass its tolist(), or a pathlib.Path of a file that holds it"
    raise Failure(
        "SERIALIZATION",
        "%s is a %s.%s, which cannot be encoded; %s"
        % (describe(place), type(value).__module__, type(value).__qualname__, hint),
    )


def describe(place):
    """Returns a place as messages show it, for example output.hist[3]."""
    steps = []
    while isinstance(place, tuple):
        place, step = place
        if isinstance(step, int):
            steps.append("[%d]" % step)
        else:
            steps.append("." + step if NAME.match(step) else "['%s']" % step)
    return readable(place + "".join(reversed(steps)))


def dump(message):
    """Returns a message as JSON bytes."""
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def dump_value(value, place, change=None):
    """Returns a value of a function as JSON bytes, encoded; `place` says what it is, for messages.

    change: what is done with texts that are no Unicode; by default they are refused.
    """
    return dump_plain(plain(value, place, 0, Notes()), place, change)


def dump_plain(value, place, change=None):
    """Returns what `plain` made as JSON bytes, if that is certain to be read; see `dump_value`."""

    def refuse(text):
        if readable(text) != text:
            raise Failure(
                "SERIALIZATION",
                "%s has the text '%s', which is no Unicode, as in a file name that is no UTF-8; pass bytes on, "
                "for example os.fsencode(name)" % (describe(place), readable(text)),
            )
        return text

    try:
        data = dump(value)
        if not LIMITED and LONG.search(data):
            check_digits(value)
        return data if b"\\ud" not in data else dump(with_texts(value, change or refuse))
    except ValueError as error:
        raise Failure("SERIALIZATION", "%s cannot be encoded: %s" % (describe(place), error)) from None


def check_digits(value):
    """Refuses whole numbers that no Python of today reads."""
    if isinstance(value, int) and abs(value) >= 10**MAX_DIGITS:
        raise ValueError("it has a whole number of more than %d digits; pass its text" % MAX_DIGITS)
    if isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            check_digits(item)


def with_texts(value, change):
    """Returns a value as JSON can hold it with change(text) in the place of each text, keys included."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(key): with_texts(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [with_texts(item, change) for item in value]
    return value


def dump_outside(value, place):
    """Returns a value as JSON text for programs that know nothing of marks."""
    return json.dumps(outside(value, place), separators=(",", ":"), ensure_ascii=False)


def load(data):
    """Returns the value that encoded JSON, bytes or text, holds; or a message with such values in it."""
    if isinstance(data, str):
        marked = '"$' in data or "\\u0024" in data
    else:
        marked = b'"$' in data or b"\\u0024" in data
    return json.loads(data, object_hook=_special) if marked else json.loads(data)


def _special(value):
    for key in value:
        if key[:1] == "$":
            return _marked(value)
    return value


def _marked(value):
    marks = [key for key in value if key[:1] == "$" and key[:2] != "$$"]
    if not marks:
        return {key[1:] if key[:1] == "$" else key: item for key, item in value.items()}
    name = marks[0]
    if name not in READERS:
        raise _wrong("the mark %r is not known; a key that begins with $ is written with $$" % name)
    if len(value) > 1:
        raise _wrong("the mark %r is not alone in its object; a key that begins with $ is written with $$" % name)
    try:
        return READERS[name](value[name])
    except (TypeError, ValueError) as error:
        raise _wrong("the mark %r is damaged: %s" % (name, error)) from None


def _wrong(text):
    return Failure("SERIALIZATION", text)


def _file(path):
    if not isinstance(path, str) or not path.startswith("/") or "\0" in path:
        raise ValueError("%r is no absolute path" % (path,))
    return pathlib.Path(path)


def _bytes(text):
    return base64.b64decode(text, validate=True)


def _array(parts):
    kind, shape, text = parts
    if kind not in ARRAYS:
        raise ValueError("there is no type of arrays %r" % (kind,))
    try:
        import numpy
    except ImportError:
        raise Failure(
            "ENVIRONMENT",
            "there is an array among the values, and %s has no numpy: install it there, or pass a list" % sys.executable,
        ) from None
    found = numpy.frombuffer(bytearray(_bytes(text)), dtype=numpy.dtype(kind).newbyteorder("<"))
    return found.astype(numpy.dtype(kind), copy=False).reshape(shape)


def _python(parts):
    from . import passing  # which needs this module

    return passing.unpickled(parts)


READERS = {FILE: _file, BYTES: _bytes, ARRAY: _array, PYTHON: _python}
