"""Tests of passing.py: what arrives at the next Python function, and what is told to others."""

import base64
import collections
import datetime
import enum
import json
import pathlib
import pickle
import sys
import threading
import unittest

CORE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CORE / "main/python"))

from muster_task import encoding, passing

try:
    import cloudpickle
except ImportError:
    cloudpickle = None
try:
    import numpy
except ImportError:
    numpy = None


class Colour(enum.IntEnum):
    RED = 1


class Text(str):
    """A text of another type."""


class Words(list):
    """A list of another type."""


class Node:
    """An object."""

    def __init__(self, name):
        self.name = name

    def __eq__(self, other):
        raise ValueError("no comparing")

    __hash__ = None


class Refusing:
    """An object that cannot be pickled."""

    def __init__(self, error):
        self.error = error

    def __reduce__(self):
        raise self.error


class Broken:
    """An object that is pickled, and cannot be made again."""

    def __reduce__(self):
        return refuse, ()


class Shy(dict):
    """A mapping that does not tell its items."""

    def items(self):
        raise ValueError("no items")

    def __reduce__(self):
        return Shy, (dict(dict.items(self)),)


def refuse():
    raise ValueError("no more")


def nested(depth):
    value = []
    for _ in range(depth - 1):
        value = [value]
    return value


def arrived(value):
    """Returns what arrives."""
    return passing.load_named(passing.dump_passed(value, "output").decode("ascii"), None)


def mark(value):
    """Returns the parts of the mark that a value becomes."""
    found = json.loads(passing.dump_passed(value, "output"))
    assert list(found) == ["$python"], found
    return found["$python"]


class PassingTest(unittest.TestCase):
    """What arrives."""

    def test_what_the_encoding_says_exactly_is_nothing_but_that(self):
        for value in (
            None, True, 0, 10**40, 0.5, "text", "\U0001f600", b"", [], {}, [[1], {"a": [b"x"]}], {"$file": 1, "$python": [1]},
            pathlib.Path("/a/b"), nested(256), {"a": [pathlib.Path("/a")], "b": {"c": [1.5]}}, {"a b": {"": None}},
        ):  # fmt: skip
            text = passing.dump_passed(value, "output")
            self.assertEqual(encoding.dump_value(value, "output"), text)
            self.assertNotIn(b'"$python"', text)
            self.assertEqual(value, arrived(value))

    def test_what_arrives_is_what_it_was(self):
        for value in (
            (1, 2), [(1,), [2]], {1, 2}, frozenset("a"), 1j, Colour.RED, datetime.datetime(2026, 1, 1), datetime.timedelta(1),
            {1: "a"}, {(1, 2): 3, None: 4}, bytearray(b"a"), "a\udc80", {"a\udc80": 1}, 10**5000, [-(10**5000)],
            collections.OrderedDict(a=(1,)), collections.Counter("aab"), collections.deque([1]), range(3), Text("a"),
            {Text("a"): 1}, Words([1]), pathlib.Path("a/../b"), pathlib.PurePosixPath("/a"), pathlib.Path("/\udcff"), ...,
            {"a": (1,), "$b": {2}, "c": 3}, {"a": "\udc80", "b": 10**5000, "c": "\U0001f600"}, len, Node,
        ):  # fmt: skip
            with self.subTest(type(value).__name__):
                found = arrived(value)
                self.assertIs(type(value), type(found))
                self.assertEqual(value, found)
                if isinstance(value, dict):
                    self.assertEqual([type(key) for key in value], [type(key) for key in found])

    def test_what_is_there_twice_stays_one(self):
        row = [1]
        for value in ([row, row], {"a": [row, row]}, (row, row), [[row], {"x": row}]):
            found = arrived(value)
            first = found["a"] if isinstance(found, dict) else found
            one = first[0][0] if isinstance(first[0][0], list) else first[0]
            other = first[1]["x"] if isinstance(first[1], dict) else first[1]
            self.assertIs(one, other)

    def test_what_holds_itself_stays_so(self):
        ring = [1]
        ring.append(ring)
        found = arrived(ring)
        self.assertIs(found, found[1])
        self.assertIn("holds itself", mark(ring)[1])

    def test_what_is_deep_arrives_or_is_refused(self):
        found = arrived(nested(300))
        self.assertEqual(1, len(found))
        deep = nested(100_000)
        with self.assertRaisesRegex(encoding.Failure, "output is nested too deep, which cannot be passed on"):
            passing.dump_passed(deep, "output")
        while deep:  # At once it would be too deep to be freed.
            deep = deep[0]

    def test_named_outputs_are_passed_one_by_one(self):
        node = Node("n")
        text = passing.dump_passed({"one": [node], "two": node, "three": (1,), "four": 4}, "output").decode("ascii")
        self.assertEqual(4, json.loads(text)["four"])
        found = encoding.load(text)
        self.assertIsNot(found["one"][0], found["two"])
        broken = passing.dump_passed({"broken": Broken(), "$well": (1,)}, "output").decode("ascii")
        self.assertEqual({"$well": (1,)}, passing.load_named(broken, "$well"))
        for name in ("broken", "none", None):
            with self.assertRaisesRegex(encoding.Failure, "an input cannot be unpickled: ValueError: no more"):
                passing.load_named(broken, name)

    def test_named_outputs_of_another_type_have_their_encodings(self):
        value = collections.OrderedDict(a=(1,), b=2)
        found = mark(value)
        self.assertEqual(2, found[0]["b"])
        self.assertEqual([1], found[0]["a"]["$python"][0])
        self.assertEqual(value, arrived(value))

    def test_an_object_is_never_compared(self):
        self.assertIn("output is a %s.Node" % __name__, mark(Node("x"))[1])
        self.assertEqual("x", arrived([Node("x")])[0].name)

    def test_what_raises_while_it_is_encoded_may_still_be_pickled(self):
        found = mark(Shy(a=1))
        self.assertEqual([None, "output cannot be encoded: ValueError: no items"], found[:2])
        self.assertEqual(Shy(a=1), arrived(Shy(a=1)))

    def test_what_can_neither_be_encoded_nor_pickled_is_refused_with_its_place(self):
        lock = threading.Lock()
        for value, place in (
            (lock, "output"), ({"a": {"b": [1, (2, lock)]}}, r"output\.a\.b\[1\]\[1\]"), ({"a": {1: lock}}, r"output\.a\['?1'?\]"),
            ([lock, {1}], r"output\[0\]"), ({"s": {1}, "x y": lock}, r"output\['x y'\]"),
        ):  # fmt: skip
            with self.assertRaisesRegex(encoding.Failure, place + " is a _thread.lock, which cannot be passed on: TypeError: "):
                passing.dump_passed(value, "output")
        for value in ((number for number in ()), memoryview(bytearray(4)).cast("i"), [memoryview(b"a")], memoryview(b"a"), [1, Refusing(ValueError())]):
            with self.assertRaisesRegex(encoding.Failure, r"output(\[\d\])? is a .*, which cannot be passed on"):
                passing.dump_passed(value, "output")
        with open("/dev/null", encoding="utf-8") as file:
            with self.assertRaisesRegex(encoding.Failure, "output is a _io.TextIOWrapper, which cannot be passed on"):
                passing.dump_passed(file, "output")
        with self.assertRaises(MemoryError):
            passing.dump_passed(Refusing(MemoryError()), "output")
        with self.assertRaises(KeyboardInterrupt):
            passing.dump_passed(Refusing(KeyboardInterrupt()), "output")

    def test_code_of_another_version_is_refused(self):
        text = json.dumps({"$python": [None, "why", "cloudpickle-3.7", base64.b64encode(pickle.dumps(1)).decode()]})
        with self.assertRaisesRegex(encoding.Failure, "an input holds code of Python 3.7, which this one cannot read"):
            encoding.load(text)

    def test_a_class_that_is_missing_is_told(self):
        data = pickle.dumps(Node("n")).replace(__name__.encode(), b"m" * len(__name__))
        text = json.dumps({"$python": [None, "why", "pickle", base64.b64encode(data).decode()]})
        with self.assertRaisesRegex(encoding.Failure, "cannot be unpickled: ModuleNotFoundError: No module named 'm*' .Python 3"):
            encoding.load(text)

    def test_damaged_marks_are_refused(self):
        for parts in ([], [1, None, "pickle"], [1, None, "marshal", ""], "x", None, [1, None, "pickle", "!"], [1, None, None, ""]):
            with self.assertRaisesRegex(encoding.Failure, r"the mark '\$python' is damaged"):
                encoding.load(json.dumps({"$python": parts}))

    @unittest.skipIf(cloudpickle is None, "there is no cloudpickle")
    def test_functions_and_classes_that_no_module_has(self):
        offset = 3

        class Inner:
            value = 4

        self.assertEqual(7, arrived(lambda: offset + 4)())
        self.assertEqual(4, arrived([Inner()])[0].value)
        self.assertEqual("cloudpickle-%d.%d" % sys.version_info[:2], mark(lambda: 1)[2])

    def test_without_cloudpickle_such_are_refused_with_what_helps(self):
        passing._cloud_pickler.cache_clear()
        before = sys.modules.get("cloudpickle")
        sys.modules["cloudpickle"] = None
        try:
            with self.assertRaisesRegex(encoding.Failure, "output is a builtins.function.*with the package cloudpickle"):
                passing.dump_passed(lambda: 1, "output")
        finally:
            del sys.modules["cloudpickle"]
            if before is not None:
                sys.modules["cloudpickle"] = before
            passing._cloud_pickler.cache_clear()

    def test_commands_read_the_encoding(self):
        found = passing.encoded([Colour.RED, Text("a"), (1, 2), pathlib.Path("/b/../a")], "x")
        self.assertEqual([1, "a", [1, 2], pathlib.Path("/a")], found)
        self.assertEqual([int, str, list], [type(each) for each in found[:3]])
        with self.assertRaisesRegex(encoding.Failure, "x.a is a builtins.set, which cannot be encoded"):
            passing.encoded({"a": {1}}, "x")


@unittest.skipIf(numpy is None, "there is no numpy")
class NumpyTest(unittest.TestCase):
    """Arrays and scalars of numpy."""

    def test_arrays_that_the_mark_says_exactly_are_nothing_but_that(self):
        for value in (numpy.arange(6).reshape(2, 3), numpy.zeros((0, 2), "f4"), numpy.arange(6)[::2], numpy.array([True])):
            self.assertNotIn(b"$python", passing.dump_passed({"a": [value]}, "output"))

    def test_what_arrives_is_what_it_was(self):
        for value in (
            numpy.arange(3, dtype=">i4"), numpy.asfortranarray(numpy.ones((2, 3))), numpy.float64(2), numpy.int8(1),
            numpy.array(7), numpy.zeros(2, "c16"), numpy.array(["a"]), numpy.array([None]), numpy.ma.masked_array([1], [True]),
            numpy.zeros(1, [("a", "i4")]), numpy.datetime64("2026-01-01"), numpy.zeros(2, "f2"),
        ):  # fmt: skip
            with self.subTest(repr(value)):
                for found in (arrived(value), arrived([value, 1])[0], arrived({"a": value})["a"]):
                    self.assertIs(type(value), type(found))
                    self.assertEqual(value.dtype, found.dtype)
                    self.assertEqual(str(value), str(found))
                    if isinstance(value, numpy.ndarray):
                        self.assertEqual(value.flags.f_contiguous, found.flags.f_contiguous)

    def test_an_array_that_is_there_twice_stays_one(self):
        row = numpy.arange(3)
        found = arrived([row, row])
        self.assertIs(found[0], found[1])


if __name__ == "__main__":
    unittest.main()
