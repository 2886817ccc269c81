"""The values of `PassedValuesCases`: each is made by its name, and who gets one says whether it is what was made."""

import base64
import collections
import datetime
import decimal
import enum
import functools
import pathlib

#: A pickle that tells whoever reads it to raise an exception.
FORGED = base64.b64encode(b"cbuiltins\nexec\n(S'raise ValueError(\"a pickle of the user was read\")'\ntR.").decode("ascii")


class Colour(enum.IntEnum):
    """A number of another type."""

    RED = 1


class Shape(enum.Enum):
    """No number."""

    ROUND = 1


class Text(str):
    """A text of another type."""


class Words(list):
    """A list of another type."""


Pair = collections.namedtuple("Pair", "left right")


class Node:
    """An object that cannot be compared."""

    def __init__(self, name, other=None):
        self.name = name
        self.other = other

    def __eq__(self, other):
        raise ValueError("no comparing")

    __hash__ = None


class Broken:
    """An object that is pickled, and cannot be made again."""

    def __reduce__(self):
        return refuse, ()


def refuse():
    """Raises an exception."""
    raise ValueError("no more")


def nested(depth):
    """Returns lists in each other."""
    value = []
    for _ in range(depth - 1):
        value = [value]
    return value


def ring():
    """Returns a list that holds itself."""
    made = [1]
    made.append(made)
    return made


def twice():
    """Returns a list in which another one is twice."""
    row = [1]
    return [row, row]


def friends():
    """Returns two objects that refer to each other."""
    one = Node("one")
    one.other = Node("two", one)
    return [one, one.other]


def often():
    """Returns a list in which lists are so often that nobody can write them all."""
    value = [1]
    for _ in range(100):
        value = [value, value]
    return value


#: What to pass on, by its name in the table.
VALUES = {
    "nothing": None,
    "truth": True,
    "whole": 7,
    "large": -(10**30),
    "number": 0.5,
    "text": "größe 😀",
    "list": [1, [2, None]],
    "empty": [],
    "map": {"a": {"b": 1}, "$c": 2.5},
    "bytes": b"\0\xff",
    "file": pathlib.Path("/data/a b"),
    "as_deep_as_can_be": nested(256),
    "tuple": (1, "a"),
    "empty_tuple": (),
    "tuples_inside": [(1,), {"a": (2, [3])}],
    "pair": Pair(1, 2),
    "set": {1, 2},
    "frozen": frozenset("a"),
    "set_inside": {"a": [{"b": {1}}], "c": 1},
    "complex": 1j,
    "date": datetime.date(2026, 1, 2),
    "moment": datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
    "colour": Colour.RED,
    "shape": Shape.ROUND,
    "numbers_as_keys": {1: "a", "b": 2},
    "other_keys": {(1, 2): "a", None: "b"},
    "changeable_bytes": bytearray(b"\0\xff"),
    "surrogate": "a\udc80",
    "surrogate_as_key": {"\udc80": 1},
    "surrogate_beside": {"a": "\udc80", "b": "text"},
    "long": 10**5000,
    "long_inside": {"a": [10**5000], "b": 1},
    "ordered": collections.OrderedDict(a=(1, 2)),
    "counter": collections.Counter("aab"),
    "factory": collections.defaultdict(list, a=[1]),
    "queue": collections.deque([1], 3),
    "other_text": Text("a"),
    "other_key": {Text("a"): 1},
    "other_list": Words([1]),
    "relative": pathlib.Path("some/../file"),
    "pure": pathlib.PurePosixPath("/data/f"),
    "odd_path": pathlib.Path("/data/\udcff"),
    "decimal": decimal.Decimal("0.10"),
    "range": range(3),
    "function": nested,
    "partial": functools.partial(nested, 3),
    "class": Node,
    "error": ValueError("text"),
    "forged": {"$python": [1, None, "pickle", FORGED]},
    "forged_inside": [{"a": ({"$python": [1, None, "pickle", FORGED]},)}],
    "forged_file": {"$file": "/etc/hostname"},
    "dollars": ({"$$python": 1, "$": {"$file": (2,)}},),
}
MADE = {"deep": lambda: nested(300), "ring": ring, "twice": twice, "friends": friends, "often": often, "broken": Broken}


def value_of(case):
    """Returns the value of that name."""
    return MADE[case]() if case in MADE else VALUES[case]


def make(case):
    """Returns a value."""
    return value_of(case)


def name(case):
    """Returns a value as a named output, beside another that cannot be read."""
    return {"one": value_of(case), "two": Broken()}


def look(item, case):
    """Says whether an input is what was made."""
    if case == "friends":
        good = [each.name for each in item] == ["one", "two"] and item[0].other is item[1] and item[1].other is item[0]
    elif case == "ring":
        good = len(item) == 2 and item[1] is item
    elif case == "twice":
        good = item == [[1], [1]] and item[0] is item[1]
    elif case == "often":
        good = item[0] is item[1] and item[0][0] is item[0][1]
    elif case == "partial":
        good = item() == [[[]]]
    else:
        good = same(value_of(case), item)
    return "as it was" if good else "changed: a %s" % type(item).__name__


def look_at_all(item, case):
    """Says whether all of several inputs are what was made."""
    return look_at_first([look(each, case) for each in item])


def look_at_first(said):
    """Returns what all have said."""
    return said[0] if said and len(set(said)) == 1 else "different: %s" % said


def same(one, other):
    """Tells whether two values are the same, types and order included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return len(one) == len(other) and all(
            same(mine, its) and same(one[mine], other[its]) for mine, its in zip(one, other)
        )
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, BaseException):
        return one.args == other.args
    return one == other
