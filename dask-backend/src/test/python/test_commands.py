"""Tests of child processes of tasks."""

import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from muster_dask import commands

LIMIT = 20


def wait_for(condition):
    """Waits until something is so."""
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not come to that")
        time.sleep(0.01)


def alive(pid):
    """Tells whether a process runs."""
    try:
        with open("/proc/%d/stat" % pid, encoding="latin-1") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def read(path):
    """Returns a process id that was written to a file, or None if it was not yet."""
    text = path.read_text() if path.exists() else ""
    return int(text) if text.endswith("\n") else None


class CommandsTest(unittest.TestCase):
    """Runs real commands."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.pid = pathlib.Path(folder.name, "pid")
        self.command = ["/bin/sh", "-c", "echo $$ >'%s'; sleep 60 & wait" % self.pid]

    def test_the_text_is_its_standard_input(self):
        self.assertEqual(3, commands.run(["/bin/sh", "-c", "read -r a; exit $a"], b"3\n").returncode)

    def test_what_it_leaves_behind_ends_with_it(self):
        commands.run(["/bin/sh", "-c", "sleep 60 & echo $! >'%s'" % self.pid])
        wait_for(lambda: not alive(read(self.pid)))

    def test_it_is_killed_for_its_thread(self):
        found = []
        thread = threading.Thread(target=lambda: found.append(commands.run(self.command)))
        thread.start()
        wait_for(lambda: read(self.pid))
        commands.kill(thread.ident)
        thread.join(LIMIT)
        self.assertEqual(-signal.SIGKILL, found[0].returncode)

    def test_it_ends_with_a_worker_that_is_killed(self):
        # What it reads comes after it was noted.
        code = "import sys; from muster_dask import commands; commands.run(sys.argv[1:], b'go\\n')"
        self.command[2] = "read -r go; " + self.command[2]
        worker = subprocess.Popen([sys.executable, "-c", code, *self.command])
        wait_for(lambda: read(self.pid))
        child = read(self.pid)
        self.assertTrue(alive(child))
        worker.kill()
        worker.wait()
        wait_for(lambda: not alive(child))


if __name__ == "__main__":
    unittest.main()
