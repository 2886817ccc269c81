"""Tests of what happens while bridge and workers start."""

import asyncio
import gc
import os
import sys
import tempfile
import threading
import unittest

from muster_dask import worker
from muster_dask.bridge import Bridge
from muster_dask.loading import load_distributed


class Output:
    """What the JVM would hear."""

    def __init__(self):
        self.said = []

    def write(self, message):
        self.said.append((message["name"], message["up"]))


class Flow:
    """Takes groups, of which there are none."""

    def fill(self):
        return False

    def holds(self):
        return False


class Lost:
    """Knows at once what a worker had at hand: nothing."""

    def __init__(self, bridge):
        self._bridge = bridge

    def went(self, name, held):
        self._bridge._telling = self
        self._bridge._worker_lost(name)

    def flush(self):
        """Tells of no reports."""


class EarlyWorkersTest(unittest.TestCase):
    """Workers that are there before the bridge is ready."""

    def test_they_are_told_of_when_it_is_ready(self):
        async def start():
            output = Output()
            bridge = Bridge(asyncio.get_running_loop(), output)
            for name in ("a-0", "a-1.0", "a-1.1"):
                bridge.worker_came(name)
            bridge.worker_went("a-0", ())
            bridge._lost = Lost(bridge)
            before = list(output.said)
            bridge._begin(Flow())
            return before, output.said

        self.assertEqual(([], [("a-0", True), ("a-1", True), ("a-0", False)]), asyncio.run(start()))


class SpecTest(unittest.TestCase):
    """What the bridge says to a worker that waits for it."""

    def test_it_is_read_when_it_comes(self):
        with tempfile.TemporaryDirectory() as folder:
            path = folder + "/spec.json"

            def write():
                with open(path + ".new", "w", encoding="utf-8") as file:
                    file.write('{"a": 1}')
                os.replace(path + ".new", path)

            threading.Timer(0.05, write).start()
            self.assertEqual({"a": 1}, worker.read_spec(path))


class LoadingTest(unittest.TestCase):
    """How much is imported."""

    def test_garbage_is_looked_for_afterwards(self):
        self.assertIs(load_distributed(), sys.modules["distributed"])
        self.assertTrue(gc.isenabled())

    def test_garbage_is_looked_for_where_there_is_no_distributed(self):
        found = load_distributed()
        sys.modules["distributed"] = None
        try:
            self.assertRaises(ImportError, load_distributed)
            self.assertTrue(gc.isenabled())
        finally:
            sys.modules["distributed"] = found


if __name__ == "__main__":
    unittest.main()
