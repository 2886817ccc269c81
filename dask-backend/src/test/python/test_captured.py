"""Tests of what is read of what a command has printed."""

import unittest

from muster_dask import captured


class CapturedTest(unittest.TestCase):
    """JSON that a command has printed."""

    def test_one_value_is_taken_with_or_without_a_byte_order_mark(self):
        self.assertEqual({"a": 1}, captured.read(b'\xef\xbb\xbf{"a": 1}\n'))
        self.assertEqual([3], captured.read(b" [3]"))

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


if __name__ == "__main__":
    unittest.main()
