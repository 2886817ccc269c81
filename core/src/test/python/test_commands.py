"""Tests of child processes of tasks."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "main/python"
sys.path.insert(0, str(SOURCES))

from muster_task import commands, strays

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

    def leaving(self, rest):
        """Returns a command that starts a process outside its session, whose parent ends at once, and waits for it."""
        script = "(setsid /bin/sh -c 'echo $$ >\"$0\"; exec sleep 60' '%s' &); until [ -s '%s' ]; do sleep 0.01; done; %s"
        return ["/bin/sh", "-c", script % (self.pid, self.pid, rest)]

    def test_what_has_left_its_session_ends_with_it(self):
        for rest in ("exit 0", "sleep 1.1"):  # The second one is not young any more.
            with self.subTest(rest):
                commands.run(self.leaving(rest))
                wait_for(lambda: not alive(read(self.pid)))
                self.pid.unlink()

    def test_what_has_left_its_session_ends_with_its_thread(self):
        thread = threading.Thread(target=lambda: commands.run(self.leaving("sleep 60")))
        thread.start()
        wait_for(lambda: read(self.pid))
        commands.kill(thread.ident)
        thread.join(LIMIT)
        wait_for(lambda: not alive(read(self.pid)))

    def test_others_are_left_alone(self):
        with subprocess.Popen(["sleep", "60"], env={strays.VARIABLE: "another"}) as other:
            commands.run(["true"])
            self.assertTrue(alive(other.pid))
            other.kill()

    def test_what_has_no_mark_is_left_alone(self):
        commands.run(self.leaving("exit 0"), marked=False)
        self.assertTrue(alive(read(self.pid)))
        os.kill(read(self.pid), signal.SIGKILL)

    def test_a_short_look_finds_what_a_long_one_does(self):
        mark = strays.new_mark()
        with subprocess.Popen(["sleep", "60"], env={strays.VARIABLE: mark}) as process:
            wait_for(lambda: strays.find(mark))
            self.assertEqual([process.pid], strays.find(mark))
            self.assertEqual([process.pid], strays.find(mark, process.pid - 1))
            strays.kill(mark)
            self.assertEqual(-signal.SIGKILL, process.wait())

    def test_what_python_has_started_ends_with_a_worker_that_is_killed(self):
        code = """if True:
            import subprocess, sys, time
            from muster_task import commands
            commands.begin()
            subprocess.Popen(sys.argv[1:], start_new_session=True).wait()
        """
        variables = dict(strays.without(os.environ), PYTHONPATH=str(SOURCES))
        worker = subprocess.Popen([sys.executable, "-c", code, *self.leaving("sleep 60")], env=variables)
        wait_for(lambda: read(self.pid))
        worker.kill()
        worker.wait()
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
        code = "import sys; from muster_task import commands; commands.run(sys.argv[1:], b'go\\n')"
        self.command[2] = "read -r go; " + self.command[2]
        worker = subprocess.Popen([sys.executable, "-c", code, *self.command], env=dict(os.environ, PYTHONPATH=str(SOURCES)))
        wait_for(lambda: read(self.pid))
        child = read(self.pid)
        self.assertTrue(alive(child))
        worker.kill()
        worker.wait()
        wait_for(lambda: not alive(child))


if __name__ == "__main__":
    unittest.main()
