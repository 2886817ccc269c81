"""Tests of a worker's keeper, with processes that stand for workers."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest
import zipfile

import muster_task
import muster_dask
from muster_task import usercode
from muster_dask.worker import share

SCRIPT = """
    import os, signal, sys, time
    from muster_dask import credentials
    from muster_dask.keeper import Keeper
    from muster_dask.reports import Ledger

    class Told(Keeper):
        async def _tell(self, name, tasks):
            print("told", name, tasks, flush=True)

    home, what = sys.argv[1:]
    credentials.begin(home, ["x509"])
    ledger = os.path.join(home, "ledger")
    Told("tls://nowhere:1", None, ["pool-3"], [ledger], True).split()
    noted = Ledger(ledger)
    if what != "idle":
        noted.enter(7, 2, 5)
    print("worker", os.getpid(), os.getppid(), flush=True)
    if what == "idle":
        sys.exit(4)
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "over":
        noted.leave()
        os._exit(0)
    if what == "leave":
        noted.leave()
        noted.left()
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

    def test_it_says_what_was_over_on_a_worker_that_ended_and_had_not_left(self):
        self.ends(self.start("over")[0], 0, "told pool-3 [(7, 2, 5, True)]\n")

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


SLOTS = """
    import os, signal, sys, time
    from muster_dask.keeper import Keeper
    from muster_dask.reports import Ledger

    class Told(Keeper):
        async def _tell(self, name, tasks):
            print("told", name, tasks, flush=True)

    home, what = sys.argv[1:]
    names = ["pool-3.0", "pool-3.1"]
    ledgers = [os.path.join(home, name) for name in names]
    keeper = Told("tls://nowhere:1", None, names, ledgers, True)
    slot = keeper.split()
    noted = Ledger(ledgers[slot])
    noted.enter(7 + slot, 1, 5)
    if what == "leave":
        if slot == 0:
            noted.leave()
            os._exit(0)
        os.read(keeper.leave, 1)
        noted.leave()
        print("left", flush=True)
        os._exit(0)
    if slot == 1:
        while not os.path.exists(ledgers[0]) or b"7 1 5" not in open(ledgers[0], "rb").read():
            time.sleep(0.01)
        os._exit(9)
    while True:
        time.sleep(0.05)
"""


class SlotsTest(unittest.TestCase):
    """A job with two workers."""

    def run_slots(self, what):
        with tempfile.TemporaryDirectory() as home:
            return subprocess.run(
                [sys.executable, "-c", textwrap.dedent(SLOTS), home, what],
                stdout=subprocess.PIPE,
                env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
                universal_newlines=True,
                timeout=30,
            )

    def test_the_crash_of_one_ends_all_and_blames_what_it_had_at_hand(self):
        ended = self.run_slots("crash")
        self.assertEqual((9, "told pool-3.0 []\ntold pool-3.1 [(8, 1, 5, False)]\n"), (ended.returncode, ended.stdout))

    def test_the_others_leave_when_one_has_left(self):
        ended = self.run_slots("leave")
        self.assertEqual((0, True), (ended.returncode, "left" in ended.stdout))


class ShareTest(unittest.TestCase):
    """What the process of one slot has."""

    def test_resources_and_memory_are_shared_out(self):
        spec = {"slots": 2, "memory": 1000, "resources": {"resource.gpu": 2, "GPU": 3, "big": 1}, "units": {"GPU": 1, "resource.gpu": 1}}
        found = []
        for slot in range(2):
            own = json.loads(json.dumps(spec))
            share(own, slot, 2)
            found.append((own["slots"], own["memory"], own["resources"]))
        self.assertEqual((1, 500, {"resource.gpu": 1, "GPU": 2, "big": 1}), found[0])
        self.assertEqual((1, 500, {"resource.gpu": 1, "GPU": 1, "big": 0}), found[1])

    def test_a_task_that_asks_for_all_gpus_finds_them_in_one_slot(self):
        spec = {"slots": 2, "memory": None, "resources": {"GPU": 2}, "units": {"GPU": 2}}
        share(spec, 0, 2)
        self.assertEqual({"GPU": 2}, spec["resources"])


class StartTest(unittest.TestCase):
    """How bridge, workers and probes start."""

    def test_files_with_names_of_standard_modules_harm_nothing(self):
        with tempfile.TemporaryDirectory() as home:
            for name in ("types", "random", "queue", "http", "json", "logging", "runpy", "signal", "contextlib"):
                with open(os.path.join(home, name + ".py"), "w") as file:
                    file.write("raise RuntimeError('of the user')")
            modules = os.path.join(home, "modules")
            shutil.copytree(os.path.dirname(muster_dask.__file__), os.path.join(modules, "muster_dask"))
            task = os.path.dirname(muster_task.__file__)
            shutil.copytree(task, os.path.join(modules, "muster_task"))
            shutil.copy(os.path.join(os.path.dirname(task), "muster_start.py"), modules)
            start = "import sys; sys.path[0] = sys.argv.pop(1); import muster_start"
            said = subprocess.run(
                [sys.executable, "-c", start, modules, "muster_dask.probe"],
                cwd=home,
                env=dict(os.environ, PYTHONPATH=home),
                stdout=subprocess.PIPE,
                check=True,
            ).stdout
            self.assertEqual(sys.executable, json.loads(said)["executable"])


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
            code = "from muster_task import usercode; usercode.put_on_path(%r); import far, os; print(os.environ['PYTHONPATH'])"
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
