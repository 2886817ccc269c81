"""How a value passes from one Python function to the next: as its encoding if that says all, else with its pickle.

The next function gets what the first one returned. Whoever reads no pickles, as Java and commands, reads the encoding,
or why there is none. An output that is a `dict` with texts as keys is passed key by key, so that a reader of one needs
nothing of the others.
"""

import base64
import functools
import io
import json
import pickle
import platform
import sys

from .encoding import LIMITED, LONG, PYTHON, SIMPLE, Notes, describe, dump, dump_plain, dump_value, load, plain
from .errors import Failure, readable, text_of

PICKLE = "pickle"
# It holds code of one version of Python, which crashes another.
CLOUDPICKLE = "cloudpickle-%d.%d" % sys.version_info[:2]
MAX_STEPS = 64
TEXTS = frozenset([str])


# Writing


def dump_passed(value, place):
    """Returns an output of a function as JSON bytes for whoever reads it; `place` says what it is, for messages.

    Raises a Failure if it can neither be encoded exactly nor pickled.
    """
    try:
        data = dump(_output(value, place, False))
        if b"\\ud" not in data and (LIMITED or not LONG.search(data)):
            return data
    except ValueError:  # A number that is too long, in some part.
        pass
    return dump(_output(value, place, True))


def is_exact(value, place):
    """Tells whether an output is passed without a pickle."""
    if not is_named(value):
        parts = (value,)
    elif type(value) is dict:
        parts = value.values()
    else:
        return False
    for each in parts:
        notes = Notes()
        if _tried(lambda: plain(each, place, 0, notes), place)[1] is not None or not notes.exact:
            return False
    return True


def is_named(value):
    """Tells whether an output is named outputs: a mapping whose keys are all texts."""
    if not isinstance(value, dict) or not TEXTS.issuperset(map(type, value)):
        return False
    text = "".join(value)
    return text.isascii() or readable(text) == text


def _output(value, place, careful):
    if not is_named(value):
        return _passed(value, place, careful)
    if type(value) is dict:
        return _named(value, place, careful)
    encoded, reason = _tried(lambda: _named(value, place, careful), place)
    return _wrapped(value, place, encoded, reason)


def _named(value, place, careful):
    return {
        (key if key[:1] != "$" else "$" + key): item
        if type(item) in SIMPLE and not careful
        else _passed(item, (place, key), careful)
        for key, item in value.items()
    }


def _passed(value, place, careful):
    """Returns a value as JSON can hold it. careful: whether texts and numbers may be none that can be read."""
    notes = Notes()

    def encode():
        made = plain(value, place, 0, notes)
        if careful:
            dump_plain(made, place)
        return made

    encoded, reason = _tried(encode, place)
    return encoded if reason is None and notes.exact else _wrapped(value, place, encoded, reason)


def _tried(encode, place):
    """Returns what is encoded, or why it is not."""
    try:
        return encode(), None
    except MemoryError:
        raise  # It says nothing of the value.
    except Failure as failure:
        return None, str(failure)
    except Exception as error:  # Of code of the user's, in a class that is made of one of Python's.
        return None, "%s cannot be encoded: %s: %s" % (describe(place), type(error).__name__, text_of(error))


def _wrapped(value, place, encoded, reason):
    way, data = pickled(value, place)
    return {PYTHON: [encoded, reason, way, base64.b64encode(data).decode("ascii")]}


# Pickling


def pickled(value, place, buffers=None):
    """Returns how a value is pickled, and its pickle. buffers: takes what arrays and the like hold, or None.

    Raises a Failure that names the part that cannot be pickled.
    """
    try:
        return _pickled(value, buffers)
    except MemoryError:
        raise  # It says nothing of the value.
    except Exception as error:
        if _is_deep(error):
            raise Failure(
                "SERIALIZATION",
                "%s is nested too deep, which cannot be passed on: %s; pass a pathlib.Path of a file that holds it"
                % (describe(place), type(error).__name__),
            ) from None
        item, where = _culprit(value, place)
        why = "%s: %s" % (type(error).__name__, text_of(error))
        if _cloud_pickler() is None:
            why += " (with the package cloudpickle, functions and classes that no module has can be passed on too)"
        kind = type(item)
        instead = "its bytes" if kind is memoryview else "plain values, or a pathlib.Path of a file that holds it"
        raise Failure(
            "SERIALIZATION",
            "%s is a %s.%s, which cannot be passed on: %s; pass %s"
            % (describe(where), kind.__module__, kind.__qualname__, why, instead),
        ) from None


def _pickled(value, buffers=None):
    take = None if buffers is None else buffers.append
    try:
        return PICKLE, pickle.dumps(value, protocol=5, buffer_callback=take)
    except MemoryError:
        raise
    except Exception:
        pickler = _cloud_pickler()
        if pickler is None:
            raise
    if buffers is not None:
        del buffers[:]
    with io.BytesIO() as file:
        pickler(file, 5, take).dump(value)
        return CLOUDPICKLE, file.getvalue()


@functools.lru_cache(maxsize=None)
def _cloud_pickler():
    """Returns a pickler that takes functions and classes which no module has, or None if the interpreter has none."""
    try:
        from cloudpickle import CloudPickler
    except ImportError:
        return None

    class Pickler(CloudPickler):
        """Makes nothing else of what it takes."""

        def reducer_override(self, value):
            """Refuses what would come back as a text or as bytes."""
            if isinstance(value, (io.IOBase, memoryview)):
                raise TypeError("cannot pickle '%s' object" % type(value).__qualname__)
            return super().reducer_override(value)

    return Pickler


def _is_deep(error):
    return isinstance(error, RecursionError) or isinstance(error.__cause__ or error.__context__, RecursionError)


def _culprit(value, place):
    """Returns the innermost part that cannot be pickled, and its place."""
    met = set()
    while len(met) < MAX_STEPS:
        met.add(id(value))
        for key, item in _items(value):
            if type(item) not in SIMPLE and id(item) not in met and not _can_be_pickled(item):
                value, place = item, (place, key)
                break
        else:
            break
    return value, place


def _items(value):
    if type(value) is dict:
        return [(key if type(key) is str else repr(key), item) for key, item in value.items() if type(key) in SIMPLE]
    return enumerate(value) if type(value) in (list, tuple) else ()


def _can_be_pickled(value):
    try:
        _pickled(value)
        return True
    except MemoryError:
        raise
    except Exception:
        return False


# Reading


def unpickled(parts):
    """Returns the value of a mark: its encoding, why it has none, how it is pickled, and its pickle."""
    _, _, way, text = parts
    if way not in (PICKLE, CLOUDPICKLE):
        if isinstance(way, str) and way.startswith("cloudpickle-"):
            raise Failure(
                "SERIALIZATION",
                "an input holds code of Python %s, which this one cannot read%s; let both stages have one version, or "
                "move its functions and classes into a module" % (way[len("cloudpickle-") :], _reader()),
            )
        raise ValueError("there is no pickle of the kind %r" % (way,))
    return unpickle(base64.b64decode(text, validate=True), ())


def unpickle(data, buffers):
    """Returns the value that a pickle holds."""
    try:
        return pickle.loads(data, buffers=buffers)
    except MemoryError:
        raise  # It says nothing of the value.
    except Exception as error:
        why = "%s: %s" % (type(error).__name__, text_of(error))
        raise Failure("SERIALIZATION", "an input cannot be unpickled: %s%s" % (why, _reader())) from error


def load_named(text, name):
    """Returns the value of an encoded text; of its named outputs only this one is unpickled, if it has it.

    name: None for all.
    """
    if name is not None and '"%s"' % PYTHON in text:
        parts = json.loads(text)
        key = name if name[:1] != "$" else "$" + name
        if isinstance(parts, dict) and PYTHON not in parts and key in parts:
            return {name: load(dump(parts[key]))}
    return load(text)


def _reader():
    return " (Python %s, %s)" % (platform.python_version(), sys.executable)


def encoded(value, place):
    """Returns what Java and commands read of a value: what its encoding says. Raises a Failure if it has none."""
    return load(dump_value(value, place))
