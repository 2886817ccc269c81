"""Outputs that are held for their readers: each stays what it was when its task ended, and each reader has its own.

It is the meaning that values have where processes encode what they pass on (`muster_task.passing`): what a function
holds on to and changes later is not changed for others, and what a reader changes is changed for nobody else. Values of
Python's and numpy's plain types are copied, others are pickled, and those in which something is twice. An array that
nothing else refers to is not copied: it is the output; and the only reader takes that instead of a copy.
"""

import datetime
import itertools
import pathlib
import pickle
import sys
import threading
import weakref

from muster_task import encoding, passing

from .files import WorkerFile

FIXED, LIST, TUPLE, DICT, BYTES, ARRAY, OTHER = range(7)
FIXED_TYPES = encoding.SIMPLE + (
    bytes, complex, WorkerFile, datetime.date, datetime.time, datetime.datetime, datetime.timedelta,
)  # fmt: skip
#: To copy a smaller array costs no more than to find out whether that is needed.
SMALL = 64 * 1024
_kinds = dict.fromkeys(FIXED_TYPES, FIXED)
_fixed = set(FIXED_TYPES)  # as far as they have been met
_kinds.update({list: LIST, tuple: TUPLE, dict: DICT, bytearray: BYTES})
_taking = threading.Lock()
# Where a Python does not count references, no two counts are the same, so that everything is copied.
_count = getattr(sys, "getrefcount", None) or (lambda _, numbers=itertools.count(): next(numbers))


class Other(Exception):
    """A value is or has something that is not of a plain type."""


class Taken:
    """Stands for a value that its only reader has taken."""


ABSENT = object()


class Held:
    """An output that can be changed, or a `dict` of outputs that are read one by one. Thread-safe."""

    __slots__ = ("_value",)

    def __init__(self, value):
        self._value = value

    def __reduce__(self):
        return Held, (self._value,)

    def __sizeof__(self):
        from dask.sizeof import sizeof

        return sizeof(self._value)

    def find(self, name):
        """Returns what is held for a named output, or ABSENT; all that is held if the name is None."""
        value = self._value
        if name is None or type(value) is Taken:
            return value
        return value.get(name, ABSENT) if type(value) is Parts else ABSENT

    def whole(self):
        """Returns all of it where `find` found nothing of a name: new if it is pickled, else only to be looked at."""
        return self._value.load(False) if type(self._value) is Pickled else self._value

    def take(self, name):
        """Takes out what `find` finds, and returns it. Whoever looks for it again finds `Taken`."""
        with _taking:
            found = self.find(name)
            self._put(name, Taken())
        return found

    def put_back(self, name, found):
        """Puts back what was taken and given to nobody."""
        with _taking:
            self._put(name, found)

    def _put(self, name, value):
        # What others read, or send, does not change under them.
        self._value = value if name is None else Parts(self._value, **{name: value})


class Parts(dict):
    """Named outputs, each held by itself."""


class Pickled:
    """A value that is held as its pickle. buffers: what its arrays and the like hold, one by one."""

    __slots__ = ("_data", "_buffers")

    def __init__(self, data, buffers):
        self._data = data
        self._buffers = buffers

    def __reduce_ex__(self, protocol):
        wrap = pickle.PickleBuffer if protocol >= 5 else bytes
        return Pickled, (self._data, [wrap(each) for each in self._buffers])

    def __sizeof__(self):
        return len(self._data) + sum(memoryview(each).nbytes for each in self._buffers)

    def load(self, take):
        """Returns the value, new each time. take: whether it may have the buffers themselves."""
        views = [memoryview(each) for each in self._buffers]
        return passing.unpickle(
            self._data, [each if take and not each.readonly else bytearray(each) for each in views]
        )


# Making


def hold(place, named=False):
    """Returns what an output is held as: itself if nobody can change it, else a `Held`.

    place: a list with the output, which nothing of ours refers to otherwise. named: whether only its named outputs are
    read, one by one.
    """
    kind = kind_of(type(place[0]))
    if kind == FIXED:
        return place[0]
    if not (named or kind == DICT) or not passing.is_named(place[0]):
        return Held(_held(place, 0, True, "output"))
    # Each reader of one gets it alone, so they have nothing in common for one of all either.
    sole = _references(place, 0) == _references([object()], 0)
    found = place[0]
    parts = {}
    for name in list(found):
        parts[name] = found[name] if type(found[name]) in _fixed else _held(found, name, sole, ("output", name))
    return Held(Parts(parts))


def _held(values, key, sole, place):
    try:
        return _apart(values, key, sole, 0, set())
    except (Other, RecursionError):
        return _pickled(values[key], place)


def _pickled(value, place):
    found = []
    _, data = passing.pickled(value, place, found)
    return Pickled(data, [bytearray(each.raw()) for each in found])


# Giving


def own(found, take):
    """Returns what a reader gets of what is held. take: whether it may have that itself."""
    if type(found) is Pickled:
        return found.load(take)
    if type(found) is Parts:
        return {name: each if type(each) in _fixed else own(each, take) for name, each in found.items()}
    return found if take else copied(found)


def copied(value):
    """Returns a value of plain types of which nothing can be changed through another."""
    return _apart([value], 0, False, 0, set())


# Copying


def kind_of(kind):
    """Returns what is to be done with values of exactly this type."""
    found = _kinds.get(kind)
    if found is None:
        found = _find_kind(kind)
        if found != OTHER:  # Functions may make such classes; they are not to be kept.
            _kinds[kind] = found
        if found == FIXED:
            _fixed.add(kind)
    return found


def _find_kind(kind):
    module = kind.__module__
    if module in ("numpy", "cupy") and kind.__name__ == "ndarray":
        return ARRAY
    if module == "numpy":
        numpy = sys.modules["numpy"]
        return FIXED if issubclass(kind, numpy.generic) and not issubclass(kind, (numpy.void, numpy.object_)) else OTHER
    return FIXED if issubclass(kind, pathlib.PurePath) and module.partition(".")[0] == "pathlib" else OTHER


def _references(values, key):
    return _count(values[key])


def _apart(values, key, sole, depth, met):
    """Returns values[key] with nothing in it that others can change.

    sole: whether nothing else refers to `values`. met: what was met so far: what is there twice stays one, in a pickle.
    """
    kind = kind_of(type(values[key]))
    if kind == FIXED:
        return values[key]
    if depth > encoding.MAX_DEPTH or kind == OTHER:
        raise Other()
    if id(values[key]) in met:
        raise Other()
    met.add(id(values[key]))
    if sole:
        sole = _references(values, key) == _references([object()], 0)
    if kind == ARRAY:
        return _array(values[key], sole)
    found = values[key]
    if kind == BYTES:
        return bytearray(found)
    if kind == DICT:
        if not (_all_fixed(found) or all(kind_of(type(name)) == FIXED for name in found)):
            raise Other()
        if _all_fixed(found.values()):
            return dict(found)
        return {name: _apart(found, name, sole, depth + 1, met) for name in list(found)}
    if _all_fixed(found):
        return found if kind == TUPLE else list(found)
    items = [_apart(found, index, sole, depth + 1, met) for index in range(len(found))]
    return tuple(items) if kind == TUPLE else items


def _all_fixed(values):
    return _fixed.issuperset(map(type, values))


def _array(array, sole):
    if array.dtype.hasobject:
        raise Other()
    sole = sole and array.nbytes >= SMALL and not weakref.getweakrefcount(array)
    if sole and getattr(array.flags, "writeable", True):
        base = array.base
        if base is None:
            if array.flags.owndata:
                return array
        elif type(base) is type(array) and base.base is None and base.flags.owndata and array.nbytes >= base.nbytes:
            del base
            if _base_references(array) == _base_references(_Based()) and not weakref.getweakrefcount(array.base):
                return array
    return array.copy("K")


def _base_references(array):
    return _count(array.base)


class _Based:
    """Refers to something as an array refers to the one that it is a part of."""

    __slots__ = ("base",)

    def __init__(self):
        self.base = object()
