"""Tests of encoding.py: the table of values that the tests in Java go by too."""

import datetime
import json
import math
import pathlib
import sys
import unittest

CORE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CORE / "main/python"))

from muster_task import encoding as values

TABLE = json.loads((CORE / "test/resources/dev/muster/value/value-cases.json").read_text("utf-8"))

try:
    import numpy
except ImportError:
    numpy = None


def made(described):
    """Returns the value that a row describes."""
    if isinstance(described, list):
        return [made(item) for item in described]
    if not isinstance(described, dict):
        return described
    kind = described.get("is")
    if kind is None:
        return {key: made(item) for key, item in described.items()}
    return {
        "integer": lambda: int(described["text"]),
        "digits": lambda: 10 ** described["count"] - 1,
        "decimal": lambda: float(described["text"]),
        "bytes": lambda: bytes.fromhex(described["hex"]),
        "file": lambda: pathlib.Path(described["path"]),
        "array": lambda: numpy.array(described["numbers"], dtype=described["type"]).reshape(described["shape"]),
        "foreign": lambda: {1},
        "date": lambda: datetime.date(1970, 1, 1),
        "nested": lambda: nested(described["depth"]),
        "utf16": lambda: "".join(map(chr, described["units"])),
        "map": lambda: {made(key): made(item) for key, item in described["entries"]},
    }[kind]()


def nested(depth):
    """Returns lists and mappings in each other."""
    value = []
    for level in range(1, depth):
        value = [value] if level % 2 == 0 else {"a": value}
    return value


def same(one, other):
    """Tells whether two values are the same, types and order included."""
    if type(one) is not type(other) and not isinstance(one, pathlib.PurePath):
        return False
    if isinstance(one, float):
        return math.copysign(1, one) == math.copysign(1, other) and (one == other or one != one and other != other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if numpy is not None and isinstance(one, numpy.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return one == other


class TableTest(unittest.TestCase):
    """The table."""

    def rows(self, part):
        """Returns the rows of a part; without numpy those that need none."""
        rows = TABLE[part]
        self.assertTrue(rows)
        return [row for row in rows if numpy is not None or '"array"' not in json.dumps(row)]

    def refused(self, row, function, *arguments):
        with self.subTest(row["name"]):
            with self.assertRaises(values.Failure) as raised:
                function(*arguments)
            self.assertEqual("SERIALIZATION", raised.exception.kind)
            self.assertIn(row["message"], str(raised.exception))

    def test_a_value_is_written_and_read_again(self):
        for row in self.rows("both ways"):
            with self.subTest(row["name"]):
                value = made(row["value"])
                text = values.dump_value(value, "output")
                if "encoded" in row:
                    self.assertEqual(row["encoded"], text.decode("ascii"))
                for read in (values.load(text), values.load(text.decode("ascii"))):
                    self.assertTrue(same(value, read), "%r is not %r" % (read, value))

    def test_what_cannot_be_encoded_is_refused_with_its_place(self):
        for row in self.rows("not written"):
            self.refused(row, values.dump_value, made(row["value"]), "output")

    def test_what_is_no_encoded_value_is_refused(self):
        for row in self.rows("not read"):
            if numpy is not None or "another length" not in row["name"]:
                self.refused(row, values.load, row["encoded"])

    def test_commands_see_json_without_marks(self):
        for row in self.rows("for commands"):
            if "message" in row:
                self.refused(row, values.dump_outside, made(row["value"]), "x")
            else:
                with self.subTest(row["name"]):
                    self.assertEqual(row["text"], values.dump_outside(made(row["value"]), "x"))


class ValuesTest(unittest.TestCase):
    """What Python has besides."""

    def test_subclasses_and_views_are_what_they_are_made_of(self):
        class Text(str):
            pass

        self.assertEqual(b'["a",[1]]', values.dump_value((Text("a"), (1,)), "x"))
        self.assertEqual(b'{"$bytes":"YWI="}', values.dump_value(memoryview(b"ab"), "x"))
        self.assertEqual(b'{"$file":"/b"}', values.dump_value(pathlib.Path("/a/../b"), "x"))

    def test_a_view_of_numbers_is_not_bytes(self):
        import array

        for value in (array.array("d", [1]), memoryview(array.array("d", [1]))):
            with self.assertRaisesRegex(values.Failure, r"x\.v is a "):
                values.dump_value({"v": value}, "x")

    def test_what_holds_itself_is_refused(self):
        cycle = []
        cycle.append(cycle)
        with self.assertRaisesRegex(values.Failure, "x is nested more than 256 deep, or holds itself"):
            values.dump_value(cycle, "x")

    def test_a_date_is_refused_with_what_to_pass(self):
        with self.assertRaisesRegex(values.Failure, r"x is a datetime.datetime, .* pass its isoformat\(\)"):
            values.dump_value(datetime.datetime(2026, 1, 1), "x")

    def test_numbers_that_are_too_long_for_other_pythons_are_refused(self):
        limited, values.LIMITED = values.LIMITED, False
        try:
            values.check_digits(made({"is": "digits", "count": 4300}))
            self.assertRaises(ValueError, values.check_digits, {"a": [10**4300]})
            self.assertEqual(b'"' + b"1" * 5000 + b'"', values.dump_value("1" * 5000, "x"))
        finally:
            values.LIMITED = limited


@unittest.skipIf(numpy is None, "there is no numpy")
class NumpyTest(unittest.TestCase):
    """Arrays and scalars of numpy."""

    def test_scalars_are_numbers(self):
        found = values.load(values.dump_value([numpy.int64(3), numpy.float32(0.5), numpy.bool_(True), numpy.array(7)], "x"))
        self.assertTrue(same([3, 0.5, True, 7], found))

    def test_arrays_come_back_as_they_were_and_can_be_changed(self):
        whole = numpy.arange(24, dtype=">i4").reshape(2, 3, 4)
        for array in (whole, whole.T, whole[:, ::2], numpy.asfortranarray(whole)):
            found = values.load(values.dump_value(array, "x"))
            self.assertEqual(("int32", array.shape, array.tolist()), (found.dtype.name, found.shape, found.tolist()))
            self.assertTrue(found.dtype.isnative)
            found[:] = 0
        for kind in values.ARRAYS:
            array = numpy.array([0, 1], dtype=kind)
            self.assertTrue(same(array, values.load(values.dump_value(array, "x"))))

    def test_what_is_no_plain_array_of_numbers_is_refused(self):
        for value in (
            numpy.array(["a"]), numpy.array([None]), numpy.zeros(1, "complex128"), numpy.zeros(1, "datetime64[s]"),
            numpy.ma.masked_array([1], [True]), numpy.zeros(1, [("a", "i4")]), numpy.datetime64("2026-01-01"), numpy.complex64(1),
        ):  # fmt: skip
            with self.subTest(repr(value)), self.assertRaisesRegex(values.Failure, r"x\.v is a"):
                values.dump_value({"v": value}, "x")


if __name__ == "__main__":
    unittest.main()
