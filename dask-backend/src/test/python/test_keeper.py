"""Tests of a worker's keeper, with processes that stand for workers."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest
import zipfile

from muster_dask import usercode

SCRIPT = """
    import os, signal, sys, time
    from muster_dask import credentials
    from muster_dask.keeper import Keeper
    from muster_dask.reports import Ledger

    class Told(Keeper):
        async def _tell(self, tasks):
            print("told", self._name, tasks, flush=True)

    home, what = sys.argv[1:]
    credentials.begin(home, ["x509"])
    ledger = os.path.join(home, "ledger")
    Told("tls://nowhere:1", None, "pool-3", ledger).split()
    noted = Ledger(ledger)
    if what != "idle":
        noted.enter(7, 2, 5)
    print("worker", os.getpid(), os.getppid(), flush=True)
    if what == "idle":
        sys.exit(4)
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "leave":
        noted.leave()
        os._exit(0)
    while True:
        time.sleep(0.05)
"""


class KeeperTest(unittest.TestCase):
    """Each test is a process of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = folder.name
        with open(os.path.join(self.home, "x509"), "w") as file:
            file.write("secret")

    def start(self, what):
        """Starts a keeper with its worker; returns it when the worker is there, with the worker's pid."""
        keeper = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(SCRIPT), self.home, what],
            stdout=subprocess.PIPE,
            env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
            universal_newlines=True,
        )
        self.addCleanup(keeper.stdout.close)
        words = keeper.stdout.readline().split()
        self.assertEqual(["worker", str(keeper.pid)], words[::2])
        return keeper, int(words[1])

    def ends(self, keeper, code, said):
        """Makes sure of how a keeper ends."""
        self.assertEqual(said, keeper.stdout.read())
        self.assertEqual(code, keeper.wait(30))
        self.assertFalse(os.path.exists(os.path.join(self.home, "x509")), "its credentials are deleted")

    def test_it_says_what_a_killed_worker_had_at_hand_and_ends_as_it_did(self):
        self.ends(self.start("kill")[0], -signal.SIGKILL, "told pool-3 [(7, 2, 5, False)]\n")

    def test_it_says_nothing_of_a_worker_that_left_with_nothing_at_hand(self):
        self.ends(self.start("leave")[0], 0, "")
        self.setUp()
        self.ends(self.start("idle")[0], 4, "")

    def test_signals_reach_the_worker(self):
        keeper, _ = self.start("wait")
        keeper.send_signal(signal.SIGTERM)
        self.ends(keeper, -signal.SIGTERM, "told pool-3 [(7, 2, 5, False)]\n")

    def test_a_worker_ends_with_its_keeper(self):
        keeper, worker = self.start("wait")
        keeper.kill()
        self.assertEqual("", keeper.stdout.read())  # The worker has its end of the pipe, too.
        keeper.wait(30)
        self.assertFalse(os.path.exists("/proc/%d/fd/0" % worker))


class UserCodeTest(unittest.TestCase):
    """The user's code in a worker's folder."""

    def test_code_is_unpacked_and_put_on_the_path(self):
        with tempfile.TemporaryDirectory() as home:
            with zipfile.ZipFile(os.path.join(home, "code.zip"), "w") as archive:
                archive.writestr("base/run.sh", "#!/bin/sh\n")
                archive.writestr("code-1/far/__init__.py", "")
            folders = usercode.unpack(
                home, {"archive": "code.zip", "executable": ["base/run.sh"], "path": ["code-1"]}
            )
            self.assertEqual([os.path.join(home, "base"), os.path.join(home, "code-1")], folders)
            self.assertTrue(os.access(os.path.join(home, "base", "run.sh"), os.X_OK))
            code = "from muster_dask import usercode; usercode.put_on_path(%r); import far, os; print(os.environ['PYTHONPATH'])"
            said = subprocess.run(
                [sys.executable, "-c", code % (folders,)],
                env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
                stdout=subprocess.PIPE,
                universal_newlines=True,
                check=True,
            ).stdout
            self.assertTrue(said.startswith(folders[1] + os.pathsep), said)

    def test_without_code_there_is_a_folder_all_the_same(self):
        with tempfile.TemporaryDirectory() as home:
            folders = usercode.unpack(home, {"archive": None, "executable": [], "path": []})
            self.assertEqual([os.path.join(home, "base")], folders)
            self.assertTrue(os.path.isdir(folders[0]))


if __name__ == "__main__":
    unittest.main()
