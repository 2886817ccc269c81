"""Tests of what is read of a command, and of how its program is found."""

import json
import os
import pathlib
import re
import sys
import tempfile
import unittest

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "main/python"
sys.path.insert(0, str(SOURCES))

from muster_task import captured, programs

CASES = pathlib.Path(__file__).parents[4] / "core/src/test/resources/dev/muster/value/value-cases.json"


class CapturedTest(unittest.TestCase):
    """JSON that a command has printed."""

    def test_one_value_is_taken_with_or_without_a_byte_order_mark(self):
        self.assertEqual({"a": 1}, captured.read(b'\xef\xbb\xbf{"a": 1}\n'))
        self.assertEqual([3], captured.read(b" [3]"))

    def test_it_is_plain_json_as_the_table_of_values_says(self):
        for row in json.loads(CASES.read_text("utf-8"))["captured"]:
            with self.subTest(row["name"]):
                data = row["text"].encode()
                if "message" in row:
                    self.assertRaisesRegex(ValueError, re.escape(row["message"]), captured.read, data)
                else:
                    # With every object a map, a JSON reader that knows nothing of marks says what is meant.
                    self.assertEqual(repr(json.loads(data)), repr(captured.read(data)))
        self.assertRaisesRegex(ValueError, "more than 256 deep", captured.read, b"[" * 257 + b"]" * 257)

    def test_everything_else_is_refused(self):
        wrong = [
            (b"", "printed nothing"),
            (b" \n", "printed nothing"),
            (b"{} {}", "Extra data"),
            (b'{"a": 1, "a": 2}', "the key 'a' is there twice"),
            (b'"\xe9"', "utf-8"),
            ("{}".encode("utf-16"), "let it print UTF-8"),
            ("{}".encode("utf-16-le"), "let it print UTF-8"),
            ("{}".encode("utf-32-be"), "let it print UTF-8"),
        ]
        for data, why in wrong:
            with self.subTest(data):
                self.assertRaisesRegex(ValueError, why, captured.read, data)


class ProgramsTest(unittest.TestCase):
    """Programs of commands."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.script = pathlib.Path(self.folder, "script")

    def why(self, name, path=None):
        return programs.find(name, path, self.folder)[1]

    def test_it_says_why_one_cannot_be_started(self):
        self.script.write_text("#!/no/such/python -E\n")
        self.assertEqual("is not executable; try chmod +x", self.why("./script"))
        self.assertIn("which is not executable", self.why("script", self.folder))
        self.assertEqual("is a folder", self.why(self.folder))
        self.assertEqual("was not found", self.why("no-such-program", self.folder))
        self.script.chmod(0o755)
        self.assertEqual("needs /no/such/python, which is not there", self.why("./script"))
        self.script.write_bytes(b"#!/bin/sh\r\n")
        self.assertIn("try dos2unix", self.why("./script"))
        self.script.write_text("#!/bin/sh\n")
        self.assertEqual((os.path.join(self.folder, "script"), None), programs.find("script", self.folder, "/"))


if __name__ == "__main__":
    unittest.main()
