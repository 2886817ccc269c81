"""Tests of the frames between the JVM and a Python process: which calls are given back, whenever they are asked for."""

import json
import os
import select
import unittest

from muster_task import protocol


class Log:
    """The log of a call, which nobody reads here."""

    def open(self, prefix):
        pass

    def show(self):
        pass

    def remove(self):
        pass


class Process:
    """A reader with the two pipes that a JVM has."""

    def __init__(self):
        reading, self._to = os.pipe()
        self._from, writing = os.pipe()
        self.reader = protocol.Reader(reading, protocol.Channel(writing), Log())
        self.reader.start()  # It lives as long as the pipe: its end would be that of this process.

    def write(self, number, data=b"{}"):
        os.write(self._to, protocol.HEADER.pack(len(data), number) + data)

    def calls(self, *numbers):
        for number in numbers:
            self.write(number)

    def slow(self):
        self.write(protocol.SLOW)

    def recalled(self, seconds=5):
        """Returns the first and last number of the calls that are given back, or None if there are none."""
        if not select.select([self._from], [], [], seconds)[0]:
            return None
        length, number = protocol.HEADER.unpack(os.read(self._from, protocol.HEADER.size))
        assert number == protocol.RECALLED
        return json.loads(os.read(self._from, length))

    def take(self):
        return self.reader.take()[0]


class GivenBackTest(unittest.TestCase):
    def setUp(self):
        self.process = Process()

    def test_all_behind_the_one_that_runs(self):
        self.process.calls(10, 11, 12)
        self.assertEqual(self.process.take(), 10)
        self.process.slow()
        self.assertEqual(self.process.recalled(), [11, 12])
        self.process.reader.done()
        self.process.calls(13)
        self.assertEqual(self.process.take(), 13)

    def test_not_the_next_one_once_a_call_is_over(self):
        self.process.calls(10, 11, 12)
        self.process.take()
        self.process.reader.done()
        self.process.slow()
        self.assertEqual(self.process.recalled(), [12, 12])
        self.assertEqual(self.process.take(), 11)

    def test_not_the_first_one_before_any_was_taken(self):
        self.process.calls(10, 11, 12)
        self.process.slow()
        self.assertEqual(self.process.recalled(), [11, 12])
        self.assertEqual(self.process.take(), 10)

    def test_not_the_first_one_of_a_group_that_comes_after_others_were_given_back(self):
        self.process.calls(10, 11, 12)
        self.process.take()
        self.process.slow()
        self.assertEqual(self.process.recalled(), [11, 12])
        self.process.reader.done()
        self.process.calls(13, 14, 15)
        self.process.slow()
        self.assertEqual(self.process.recalled(), [14, 15])
        self.assertEqual(self.process.take(), 13)

    def test_what_was_given_back_is_not_taken_whatever_is_asked_for_later(self):
        self.process.calls(10, 11, 12)
        self.process.take()
        self.process.slow()
        self.assertEqual(self.process.recalled(), [11, 12])
        self.process.slow()
        self.assertIsNone(self.process.recalled(seconds=0.2))
        self.process.reader.done()
        self.process.calls(13)
        self.process.slow()
        self.assertIsNone(self.process.recalled(seconds=0.2))
        self.assertEqual(self.process.take(), 13)


if __name__ == "__main__":
    unittest.main()
