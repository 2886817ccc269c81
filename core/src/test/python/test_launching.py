"""Tests of commands that a launcher starts: how they end, and that nothing is left of them."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "main/python"
sys.path.insert(0, str(SOURCES))

from test_commands import LIMIT, alive, read, wait_for

from muster_task import commands, launcher, launching, strays, usage


class LaunchingTest(unittest.TestCase):
    """Runs real commands with real launchers."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.pid = self.folder / "pid"
        self.logs = str(self.folder / "stdout"), str(self.folder / "stderr")

    def tearDown(self):
        for each in list(launching._all):
            launching.drop(each)
        launching._idle.clear()

    def launch(self, script, stdin=None, env=None):
        return commands.launch(["/bin/sh", "-c", script], str(self.folder), env or dict(os.environ), stdin, self.logs)

    def test_codes_and_signals_are_told(self):
        self.assertEqual(7, self.launch("exit 7").returncode)
        self.assertEqual(128 + signal.SIGSEGV, self.launch("kill -SEGV $$").returncode)

    def test_a_command_that_prints_nothing_leaves_no_file(self):
        self.launch(":")
        self.assertEqual([], os.listdir(self.folder))

    def test_what_it_prints_is_in_its_own_files(self):
        for word in ("one", "two"):
            self.assertEqual(4, self.launch("echo %s; [ %s = two ] || echo other >&2" % (word, word)).stdout)
            self.assertEqual(word + "\n", pathlib.Path(self.logs[0]).read_text())
        self.assertFalse(os.path.exists(self.logs[1]))

    def test_the_files_of_a_command_that_takes_a_moment_are_there_meanwhile(self):
        self.launch("echo now; until [ -s '%s' ]; do sleep 0.01; done; echo then" % self.logs[0])
        self.assertEqual("now\nthen\n", pathlib.Path(self.logs[0]).read_text())

    def test_it_reads_a_file(self):
        (self.folder / "in").write_bytes(b"3\n")
        self.assertEqual(3, self.launch("read -r a; exit $a", str(self.folder / "in")).returncode)

    def test_it_has_the_variables_that_it_is_given_and_no_others(self):
        self.launch("env -0 | tr '\\0' '\\n'", env={"A": "x=\udcff y\n", "PATH": os.defpath})
        lines = pathlib.Path(self.logs[0]).read_bytes()
        self.assertIn(b"A=x=\xff y\n", lines)
        self.assertNotIn(b"HOME=", lines)

    def test_a_launcher_is_known_by_its_owner_and_a_command_by_itself(self):
        before = os.environ.get(strays.VARIABLE)
        os.environ[strays.VARIABLE] = "mine"
        try:
            self.launch("env")
            said = pathlib.Path("/proc/%d/environ" % next(iter(launching._all)).pid).read_bytes().split(b"\0")
        finally:
            os.environ.pop(strays.VARIABLE)
            if before is not None:
                os.environ[strays.VARIABLE] = before
        self.assertIn(b"MUSTER_PROCESS_OWNER=mine", said)
        self.assertFalse([each for each in said if each.startswith(b"MUSTER_PROCESS_MARK=")])
        command = pathlib.Path(self.logs[0]).read_text().splitlines()
        self.assertFalse([each for each in command if each.startswith("MUSTER_PROCESS_OWNER=")])
        self.assertFalse([each for each in command if each == "MUSTER_PROCESS_MARK=mine"])

    def test_no_descriptor_and_no_signal_of_the_launcher_reaches_it(self):
        self.launch("ls /proc/self/fd | tr '\\n' ' '; exec sed -n 's/^Sig\\(Ign\\|Blk\\):[[:blank:]]*//p' /proc/self/status")
        words = pathlib.Path(self.logs[0]).read_text().split()
        self.assertEqual(["0", "1", "2", "3"], words[:4])  # The last one is the folder that is listed.
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, *(signal.SIGTERM, signal.SIGQUIT)):
            self.assertEqual([0, 0], [int(mask, 16) >> (number - 1) & 1 for mask in words[4:]], number)

    def test_what_cannot_be_started_says_why(self):
        with self.assertRaisesRegex(OSError, "No such file"):
            commands.launch(["/no/such"], str(self.folder), {}, None, self.logs)
        with self.assertRaisesRegex(OSError, "cwd: No such file"):
            commands.launch(["/bin/true"], "/no/such", {}, None, self.logs)
        self.assertEqual(0, self.launch(":").returncode)

    def test_what_it_leaves_behind_ends_with_it_wherever_it_went(self):
        ways = (
            "sleep 60 & echo $! >pid",
            "setsid sh -c 'echo $$ >pid; exec sleep 60' &",
            "(setsid sh -c 'echo $$ >pid; exec sleep 60' &)",
            "env -i /usr/bin/setsid sh -c '(trap \"\" TERM; echo $(exec sh -c \"echo \\$PPID\") >pid; while :; do /bin/sleep 0.1; done) &'",
        )
        for way in ways:
            with self.subTest(way):
                self.launch(way + "\nuntil [ -s pid ]; do sleep 0.01; done")
                self.assertFalse(alive(read(self.pid)))
                self.pid.unlink()

    def test_a_command_is_killed_for_its_thread(self):
        for script in ("echo $$ >pid; sleep 60", "trap '' TERM; (setsid sh -c 'echo $$ >pid; exec sleep 60' &); sleep 60"):
            with self.subTest(script):
                found = []
                thread = threading.Thread(target=lambda: found.append(self.launch(script)))
                thread.start()
                wait_for(lambda: read(self.pid))
                commands.kill(thread.ident)
                thread.join(LIMIT)
                self.assertEqual(128 + signal.SIGKILL, found[0].returncode)
                self.assertFalse(alive(read(self.pid)))
                self.pid.unlink()

    def test_a_command_whose_launcher_is_killed_is_lost_and_ends(self):
        with self.assertRaisesRegex(launching.Lost, "ended with exit code 137"):
            self.launch("echo $$ >pid; kill -9 $PPID; sleep 60")
        self.assertFalse(alive(read(self.pid)))
        self.assertEqual(0, self.launch(":").returncode)

    def test_a_command_whose_launcher_is_stopped_is_lost_and_ends(self):
        between, launching.BETWEEN_LOOKS_MS = launching.BETWEEN_LOOKS_MS, 50
        self.addCleanup(setattr, launching, "BETWEEN_LOOKS_MS", between)
        patience, launching.READY_SECONDS = launching.READY_SECONDS, 1
        self.addCleanup(setattr, launching, "READY_SECONDS", patience)
        launching.take(lambda new: launching.give(new))
        with self.assertRaisesRegex(launching.Lost, "was stopped"):
            self.launch("echo $$ >pid; kill -STOP $PPID; sleep 60")
        self.assertFalse(alive(read(self.pid)))

    def test_everything_ends_with_a_process_that_is_killed(self):
        code = """if True:
            import os, sys
            from muster_task import commands
            commands.launch(sys.argv[2:], sys.argv[1], dict(os.environ), None, (sys.argv[1] + "/o", sys.argv[1] + "/e"))
        """
        script = "(env -i /usr/bin/setsid sh -c 'echo $$ >pid; exec sleep 60' &); sleep 60"
        worker = subprocess.Popen(
            [sys.executable, "-c", code, str(self.folder), "/bin/sh", "-c", script],
            env=dict(strays.without(os.environ), PYTHONPATH=str(SOURCES)),
        )
        wait_for(lambda: read(self.pid))
        worker.kill()
        worker.wait()
        wait_for(lambda: not alive(read(self.pid)))

    def test_a_forked_child_does_not_keep_a_launcher(self):
        self.launch(":")
        each = next(iter(launching._all))
        child = os.fork()
        if child == 0:
            signal.pause()
            os._exit(0)
        launching.drop(each)
        launching._idle.clear()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self.assertFalse(alive(each.pid))

    def test_without_a_launcher_the_same_is_told(self):
        launching._unusable = True
        self.addCleanup(setattr, launching, "_unusable", False)
        ended = self.launch("echo one; exit 3")
        self.assertEqual((3, 4, 0), (ended.returncode, ended.stdout, ended.stderr))
        self.assertEqual(["stdout"], os.listdir(self.folder))
        self.assertEqual(set(), launching._all)

    def test_what_it_uses_counts_for_its_task(self):
        before = usage.Usage()
        ended = self.launch("i=0; while [ $i -lt 50000 ]; do i=$((i + 1)); done")
        self.assertGreater(ended.cpu, 0.01)
        self.assertGreaterEqual(before.result()["cpu_seconds"], ended.cpu)

    def test_thousands_of_commands_leave_no_descriptor_and_one_launcher(self):
        self.launch(":")
        each = next(iter(launching._all))
        before = [len(os.listdir("/proc/%d/fd" % pid)) for pid in (os.getpid(), each.pid)]
        for _ in range(2000):
            commands.launch(["/bin/true"], str(self.folder), {}, None, self.logs)
        self.assertEqual(before, [len(os.listdir("/proc/%d/fd" % pid)) for pid in (os.getpid(), each.pid)])
        self.assertEqual([], launcher.children(each.pid))
        self.assertEqual({each}, launching._all)


if __name__ == "__main__":
    unittest.main()
