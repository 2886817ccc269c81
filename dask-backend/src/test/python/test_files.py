"""Tests of files that travel, with servers that are called instead of asked over a network."""

import asyncio
import collections
import hashlib
import io
import json
import os
import pathlib
import pickle
import tempfile
import threading
import types
import unittest

from muster_task import errors
from unittest import mock

from muster_dask import credentials, files, network
from muster_dask.courier import Courier
from muster_dask.files import Files, Gone, Reader, WithFiles, WorkerFile, bring, replace


class Rpc:
    """Calls the handlers of a server, or fails as if it were gone. troubles: returns errors that come before."""

    def __init__(self, handlers, troubles=list):
        self._handlers = handlers
        self._troubles = troubles
        self.calls = []

    def __getattr__(self, name):
        async def call(**arguments):
            self.calls.append((name, arguments))
            if self._troubles():
                raise self._troubles().pop()
            if self._handlers is None:
                raise OSError("connection refused")
            return await self._handlers[name](**arguments)

        return call


class Network:
    """Workers and the submit host, in one process, on one event loop of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.servers = {}
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.scheduler = types.SimpleNamespace(handlers={}, rpc=self.rpc)
        self.servers["scheduler"] = self.scheduler.handlers
        self.courier = None
        self.troubles = []  # of the way to the submit host

    def open(self, **more):
        """Opens the courier."""
        run = os.path.join(self.folder, "run")
        base = os.path.join(self.folder, "base")
        os.makedirs(run, exist_ok=True)
        os.makedirs(base, exist_ok=True)
        spec = dict({"directory": run, "base_dir": base, "credentials": {}}, **more)
        self.courier = Courier(spec, self.scheduler, True)
        return self.courier

    def rpc(self, address):
        """Returns a way to a server."""
        return Rpc(self.servers.get(address))

    def worker(self, name):
        """Returns the files of a new worker."""
        home = os.path.join(self.folder, name)
        os.makedirs(home)
        handlers = self.servers[name] = {}
        loop = types.SimpleNamespace(asyncio_loop=self.loop)
        worker = types.SimpleNamespace(
            address=name,
            handlers=handlers,
            loop=loop,
            rpc=self.rpc,
            scheduler=Rpc(self.servers["scheduler"], lambda: self.troubles),
        )
        return Files(worker, home)

    def run(self, coroutine):
        """Runs something on the event loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def close(self):
        """Ends the event loop."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


def write(path, content=b"content"):
    """Writes a file."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return pathlib.Path(path)


def read(path):
    """Returns what a file holds."""
    with open(path, "rb") as file:
        return file.read()


class FilesTest(unittest.TestCase):
    """Two workers and a submit host."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = os.path.realpath(temporary.name)
        other = mock.patch.object(tempfile, "tempdir", os.path.join(self.folder, "tmp"))
        other.start()
        self.addCleanup(other.stop)
        self.network = Network(self.folder)
        self.addCleanup(self.network.close)
        self.network.open()
        self.one = self.network.worker("one")
        self.two = self.network.worker("two")

    def made(self, name="out.bin", content=b"content"):
        """Returns a file that a task has made on the first worker."""
        return write(os.path.join(self.one.folder("stage/data.0"), "outputs", name), content)

    def travelled(self, output):
        """Returns what the second worker makes of an output of the first."""
        return self.two.restore(pickle.loads(pickle.dumps(self.one.export(output))))

    def test_values_without_files_are_left_as_they_are(self):
        for value in (None, 1, "text", [1, (2, {"a": [3]})], {"a": b"x"}, complex(1, 2)):
            self.assertIs(value, self.one.export(value))
            self.assertIs(value, self.two.restore(value))

    def test_a_file_reaches_another_worker_wherever_it_is_in_a_value(self):
        path = self.made()
        got = self.travelled({"one": path, "many": [path, (path, 3)], "else": 5})
        for each in (got["one"], got["many"][0], got["many"][1][0]):
            self.assertIsInstance(each, pathlib.Path)
            self.assertNotEqual(path, each)
            self.assertEqual("out.bin", each.name)
            self.assertEqual(b"content", read(each))
        self.assertEqual((3, 5), (got["many"][1][1], got["else"]))

    def test_a_file_comes_once(self):
        path = self.made()
        first = self.travelled(path)
        write(str(path), b"changed")
        self.assertEqual(first, self.travelled([path])[0])
        self.assertEqual(b"content", read(first))

    def test_a_file_comes_piece_by_piece(self):
        content = hashlib.sha512(b"x").digest() * 1000
        path = self.made(content=content)
        with mock.patch.object(files, "PIECE", 1000):
            self.assertEqual(content, read(self.travelled(path)))

    def test_the_same_worker_reads_its_own_file(self):
        path = self.made()
        self.assertEqual(path, self.one.restore(self.one.export([path]))[0])

    def test_a_folder_travels_as_a_whole(self):
        folder = pathlib.Path(self.one.folder("s")) / "many"
        write(str(folder / "a" / "b"), b"1")
        os.chmod(write(str(folder / "run.sh"), b"2"), 0o755)
        got = self.travelled(folder)
        self.assertEqual(b"1", read(got / "a" / "b"))
        self.assertTrue(os.access(got / "run.sh", os.X_OK))

    def test_places_of_the_site_stay_as_they_are(self):
        path = pathlib.Path("/cvmfs/experiment/data.root")
        value = [path]
        self.assertEqual(value, self.one.export(value).value)
        self.assertEqual(value, self.travelled(value))

    def test_a_file_in_the_temporary_folder_travels(self):
        self.assertEqual(b"t", read(self.travelled(write(os.path.join(self.folder, "tmp", "x"), b"t"))))

    def test_a_file_whose_worker_is_gone_is_said_to_be_gone(self):
        value = pickle.loads(pickle.dumps(self.one.export([self.made()])))
        del self.network.servers["one"]
        with self.assertRaises(Gone):
            self.two.restore(value)
        self.assertEqual([], [name for _, _, names in os.walk(os.path.join(self.folder, "two", "fetched")) for name in names])

    def test_a_submit_host_that_does_not_answer_for_a_while_is_asked_again(self):
        write(os.path.join(self.folder, "base", "data"), b"d")
        self.network.courier.datasets([{"files": ["data"]}])
        with mock.patch.object(network, "PAUSES", (0.01,) * 3), mock.patch("sys.stderr", io.StringIO()) as said:
            for trouble, failures in ((OSError("Timed out"), 1), (asyncio.TimeoutError(), 3)):
                self.network.troubles = [trouble] * failures
                self.two.data(["data"], os.path.join(self.folder, "base"))
                self.assertEqual(b"d", read(pathlib.Path(self.two.base, "data")))
                os.remove(os.path.join(self.two.base, "data"))
            self.assertIn("data cannot be fetched: Timed out; it is tried again in 0.01 s", said.getvalue())
            self.network.troubles = [OSError("Timed out")]
            self.assertEqual(b"1", read(self.two.deliver(write(os.path.join(self.two.folder("s"), "outputs", "f"), b"1"), "s/0")))
            self.network.troubles = [OSError("Timed out")] * 4
            with self.assertRaises(errors.Failure) as raised:
                self.two.data(["data"], os.path.join(self.folder, "base"))
            self.assertEqual("NETWORK", raised.exception.kind)
            self.assertIn("data cannot be fetched: Timed out (attempt 4, the last)", str(raised.exception))
            self.network.troubles = [OSError("Timed out")] * 4
            with self.assertRaises(errors.Failure) as raised:
                self.two.deliver(write(os.path.join(self.two.folder("s"), "outputs", "f"), b"2"), "s/1")
            self.assertEqual("NETWORK", raised.exception.kind)

    def test_a_worker_that_the_submit_host_cannot_reach_is_trouble_with_the_network(self):
        with mock.patch.object(network, "PAUSES", ()):
            del self.network.servers["two"]
            with self.assertRaises(errors.Failure) as raised:
                self.two.deliver(write(os.path.join(self.two.folder("s"), "outputs", "f"), b"2"), "s/1")
        self.assertEqual("NETWORK", raised.exception.kind)
        self.assertIn("the worker at two cannot be reached", str(raised.exception))

    def test_credentials_are_asked_for_again(self):
        asked = []

        class Scheduler:
            async def muster_credentials(self):
                asked.append(1)
                if len(asked) < 3:
                    raise OSError("Timed out")
                return {"x509": b"secret"}

        write(os.path.join(self.folder, "x509"), b"old")
        credentials.begin(self.folder, ["x509"])
        with mock.patch.object(network, "PAUSES", (0.01,) * 3), mock.patch("sys.stderr", io.StringIO()):
            self.network.run(credentials.take(Scheduler()))
        self.assertEqual(b"secret", read(pathlib.Path(self.folder, "x509")))

    def test_a_file_that_was_deleted_is_an_error_that_names_it(self):
        path = self.made()
        value = self.one.export([path])
        os.unlink(path)
        with self.assertRaisesRegex(OSError, "out.bin cannot be fetched"):
            self.two.restore(value)

    def test_a_worker_gives_only_its_own_files(self):
        secret = write(os.path.join(self.folder, "base", "secret"))
        link = os.path.join(self.one.folder("s"), "link")
        os.makedirs(os.path.dirname(link))
        os.symlink(str(secret), link)
        for path in (str(secret), link, os.path.join(self.folder, "one", "..", "base", "secret")):
            with self.assertRaisesRegex(OSError, "not among the files of this run"):
                self.network.run(bring(self.network.rpc("one"), path, os.path.join(self.folder, "got")))

    def test_a_name_that_leads_out_is_refused(self):
        async def lists(path):
            return {"files": [["../evil", 1, 0o644]]}

        self.network.servers["bad"] = {"muster_list": lists}
        with self.assertRaisesRegex(OSError, "evil"):
            self.network.run(bring(self.network.rpc("bad"), "/x", os.path.join(self.folder, "got")))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "got")))

    def test_results_come_to_the_runs_directory(self):
        path = self.made()
        other = write(os.path.join(self.folder, "one", "base", "out.bin"), b"other")
        got = self.one.deliver({"file": path, "same": path, "other": other}, "stage/data.0")
        run = os.path.join(self.folder, "run", "stage", "data.0", "outputs")
        self.assertEqual(pathlib.Path(run, "out.bin"), got["file"])
        self.assertEqual(got["file"], got["same"])
        self.assertEqual(b"content", read(got["file"]))
        self.assertEqual(b"other", read(got["other"]))
        self.assertEqual(run, str(got["other"].parent))
        self.assertEqual({"out.bin", "out.bin~"}, set(os.listdir(run)))

    def test_large_values_come_to_the_runs_directory(self):
        path = self.one.deliver_bytes(b"12345" * 1000, "stage", "value.bytes")
        self.assertEqual(os.path.join(self.folder, "run", "stage", "value.bytes"), path)
        self.assertEqual(b"12345" * 1000, read(path))
        self.assertEqual({}, self.one._reader.values)

    def test_a_result_cannot_lead_out_of_the_runs_directory(self):
        with self.assertRaisesRegex(errors.Failure, "leads out"):
            self.one.deliver_bytes(b"x", "../elsewhere", "value")

    def test_only_files_that_values_name_leave_the_submit_host(self):
        given = write(os.path.join(self.folder, "run", "java", "x"), b"from java")
        roots = self.network.courier.roots
        with self.assertRaisesRegex(OSError, "not among"):
            self.one.given([given], roots)
        other = write(os.path.join(self.folder, "run", "java", "y"), b"not named")
        self.network.courier.values({"3": '{"a": {"$file": "%s"}, "b": {"$$file": "%s"}}' % (given, other)})
        self.assertEqual(b"from java", read(self.one.given([given], roots)[0]))
        with self.assertRaisesRegex(OSError, "not among"):
            self.one.given([other], roots)
        self.assertEqual([pathlib.Path("/site/x")], self.one.given([pathlib.Path("/site/x")], roots))

    def test_data_of_the_workflows_folder_is_brought_under_its_name(self):
        base = os.path.join(self.folder, "base")
        write(os.path.join(base, "data", "a.txt"), b"a")
        datasets = [{"files": ["data/a.txt", "data-0", "root://site/x", "/abs/x"]}]
        self.network.courier.datasets(datasets)
        self.assertEqual(["data/a.txt"], datasets[0]["local"])
        self.one.data(datasets[0]["local"], self.network.courier.roots[1])
        self.assertEqual(b"a", read(os.path.join(self.one.base, "data", "a.txt")))

    def test_values_that_hold_themselves_do_not_hang(self):
        value = []
        value.append(value)
        self.assertIs(value, replace(value, str))
        value.append(pathlib.Path("/a"))
        with self.assertRaisesRegex(errors.Failure, "holds itself"):
            replace(value, str)

    def test_what_is_there_twice_stays_one_and_of_its_type(self):
        one = collections.OrderedDict(a=[pathlib.Path("/a")])
        got = replace((one, [one], {"one": one}), str)
        self.assertEqual((collections.OrderedDict(a=["/a"]), [one], {"one": one})[0], got[0])
        self.assertIs(collections.OrderedDict, type(got[0]))
        self.assertIs(got[0], got[1][0])
        self.assertIs(got[0], got[2]["one"])
        value = [pathlib.Path("/a")]
        for _ in range(100):
            value = [value, value]
        self.assertIsNot(value, replace(value, str))

    def test_named_tuples_stay_what_they_are(self):
        made = collections.namedtuple("Made", "path number")
        got = replace(made(pathlib.Path("/a"), 1), str)
        self.assertEqual(("/a", 1), (got.path, got.number))

    def test_sizes_are_those_of_the_values(self):
        import sys

        self.assertGreater(sys.getsizeof(WithFiles(b"x" * 10_000)), 10_000)
        self.assertEqual("/p", pickle.loads(pickle.dumps(WorkerFile("tls://a", "/p"))).path)

    def test_a_reader_reads_only_below_what_it_lists(self):
        write(os.path.join(self.folder, "some", "x"))
        reader = Reader(lambda path: True)
        answer = self.network.run(reader.read(os.path.join(self.folder, "some"), "../base", 0, 10))
        self.assertIn("error", answer)

    def test_a_container_image_in_the_workflows_folder_travels_and_no_other_file_of_it(self):
        courier = self.network.open()
        for name in ("image.tar", "secret"):
            with open(os.path.join(self.folder, "base", name), "w") as file:
                file.write(name)
        paths = ["./image.tar", None, "/image.tar", "../base/image.tar", "none.sif"]
        stages = [{"code": {"container": {"path": path}}} for path in paths] + [{"code": {}}]
        courier.images(stages)
        self.assertEqual(
            ["image.tar", None, None, None, None], [each["code"]["container"]["local"] for each in stages[:-1]]
        )
        files = self.network.worker("w1")
        files.data(["image.tar"], os.path.join(self.folder, "base"))
        with open(os.path.join(files.base, "image.tar")) as file:
            self.assertEqual("image.tar", file.read())
        with self.assertRaisesRegex(OSError, "not among the files of this run"):
            files.data(["secret"], os.path.join(self.folder, "base"))


class LedgerTest(unittest.TestCase):
    """What keepers say of workers that died."""

    def test_it_is_known_whoever_speaks_first_and_not_for_the_next_of_that_name(self):
        async def ask():
            spec = {"directory": "/run", "base_dir": "/base", "credentials": {}}
            courier = Courier(spec, types.SimpleNamespace(handlers={}), True)
            await courier.take_ledger("a-0", [[1, 2]])
            first = await courier.ledger("a-0")
            waiting = asyncio.ensure_future(courier.ledger("a-1"))
            await asyncio.sleep(0)
            await courier.take_ledger("a-1", [])
            await courier.take_ledger("a-2", [[3, 1]])
            await courier.take_ledger("a-2", [[4, 1]])
            return first, await waiting, await courier.ledger("a-2"), await courier.ledger("a-0")

        with mock.patch("muster_dask.courier.LEDGER_SECONDS", 0.05):
            self.assertEqual(([(1, 2)], [], [(4, 1)], None), asyncio.run(ask()))


class CredentialsTest(unittest.TestCase):
    """Copies of credentials on a worker."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_renewed_copies_replace_the_old_and_go_at_the_end(self):
        from muster_dask import credentials

        path = str(write(os.path.join(self.folder, "home", "x509"), b"old"))
        os.chmod(path, 0o644)
        credentials.begin(os.path.dirname(path), ["x509"])
        self.addCleanup(credentials.begin, "/", [])
        self.assertEqual(0o600, os.stat(path).st_mode & 0o777)
        with open(path, "rb") as reading:
            credentials.write({"x509": b"new", "other": b"no"})
            self.assertEqual(b"old", reading.read())
        self.assertEqual(b"new", read(path))
        self.assertEqual(0o600, os.stat(path).st_mode & 0o777)
        self.assertEqual(["x509"], os.listdir(os.path.dirname(path)))
        credentials.delete()
        credentials.delete()
        self.assertEqual([], os.listdir(os.path.dirname(path)))

    def test_a_renewed_one_is_told_once_and_given_over_encrypted_connections_only(self):
        path = str(write(os.path.join(self.folder, "x509"), b"old"))
        spec = {"directory": self.folder, "base_dir": self.folder, "credentials": {"x509": path}}
        told = []

        async def watch(secure):
            courier = Courier(spec, types.SimpleNamespace(handlers={}), secure)
            event = asyncio.Event()

            async def renewed():
                told.append((await courier.credentials())["x509"])
                event.set()

            watching = asyncio.ensure_future(courier.watch(renewed))
            await asyncio.sleep(0)
            os.replace(write(path + ".new", b"new"), path)
            if secure:
                await asyncio.wait_for(event.wait(), 10)
                watching.cancel()
            else:
                await asyncio.wait_for(watching, 10)
                self.assertEqual({}, await courier.credentials())

        with mock.patch("muster_dask.courier.LOOK_SECONDS", 0.01):
            asyncio.run(watch(True))
            asyncio.run(watch(False))
        self.assertEqual([b"new"], told)


class GatesTest(unittest.TestCase):
    """What is asked for on a connection of the run is one of its files, and none of the engine's."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        self.run_directory = os.path.join(self.folder, "run")
        for name in ("run/stage/outputs", "run/debug/distributed/dask/tls", "base/data", "secrets"):
            os.makedirs(os.path.join(self.folder, name))
        for name in ("run/journal", "run/plan.yaml", "run/debug/distributed/dask/tls/key.pem", "base/data/a", "secrets/s"):
            self.write(name)
        scheduler = mock.Mock(handlers={})
        spec = {"directory": self.run_directory, "base_dir": os.path.join(self.folder, "base"), "credentials": {}}
        with mock.patch.object(tempfile, "gettempdir", return_value=os.path.join(self.folder, "tmp")):
            self.courier = Courier(spec, scheduler, True)
        self.courier.datasets([{"files": ["data/a"]}])
        self.handlers = scheduler.handlers

    def write(self, name):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(name)

    def read(self, path, name):
        return asyncio.run(self.handlers["muster_read"](path=path, name=name, offset=0, length=100))

    def announce(self, name):
        path = os.path.join(self.folder, name)
        self.courier.values({"1": json.dumps({"$file": path})})
        return path

    def test_no_name_leads_out_of_an_announced_file(self):
        data = os.path.join(self.folder, "base/data/a")
        self.assertEqual(self.read(data, ""), {"data": b"base/data/a"})
        for name in ("/etc/hostname", "../../secrets/s", "..", "a/../../../secrets/s", "\0"):
            self.assertIn("error", self.read(data, name))
        self.assertIn("error", self.read("/etc/hostname", ""))

    def test_no_link_in_an_announced_folder_leads_out(self):
        outputs = self.announce("run/stage/outputs")
        self.write("run/stage/outputs/good")
        os.symlink("good", os.path.join(outputs, "link"))
        self.assertEqual(self.read(outputs, "link"), {"data": b"run/stage/outputs/good"})
        os.symlink(os.path.join(self.folder, "secrets/s"), os.path.join(outputs, "bad"))
        os.symlink(os.path.join(self.run_directory, "journal"), os.path.join(outputs, "own"))
        for name in ("bad", "own"):
            self.assertIn("error", self.read(outputs, name))
        self.assertIn("error", asyncio.run(self.handlers["muster_list"](path=outputs)))

    def test_the_engines_own_files_are_not_read(self):
        os.mkdir(os.path.join(self.run_directory, "records"))
        later = ("run/records/key", "run/journal.2", "run/owner", "run/plan.1.yaml", "run/console")
        for name in later:
            self.write(name)
        known = ("run/journal", "run/plan.yaml", "run/debug/distributed/dask/tls/key.pem", "run/debug", "run", ".")
        for name in known + later + ("run/records",):
            path = self.announce(name)
            self.assertIn("error", self.read(path, ""))
            self.assertIn("error", asyncio.run(self.handlers["muster_list"](path=path)))

    def test_files_are_fetched_to_folders_of_tasks_only(self):
        os.symlink(self.folder, os.path.join(self.run_directory, "link"))
        for target in (
            "journal", "plan.yaml", "debug/x", "logs/x", "stage", "../x", "stage/../journal", "stage/../../x", "/etc/x",
            "link/x", "stage//x", "./journal", "", "records/key", "records/x", "journal.2/x", "owner/x", "plan.3.yaml/x", "Logs/x",
        ):  # fmt: skip
            answer = asyncio.run(self.handlers["muster_fetch"](address="tcp://127.0.0.1:1", path="/x", target=target))
            self.assertIn("leads out of the folders", answer.get("error", ""), target)
        with open(os.path.join(self.run_directory, "journal")) as file:
            self.assertEqual(file.read(), "run/journal")

    def test_a_worker_gives_neither_keys_nor_credentials(self):
        home = os.path.join(self.folder, "home")
        os.makedirs(os.path.join(home, "tasks", "stage"))
        for name in ("home/worker-0.json", "home/x509", "home/tasks/stage/out"):
            self.write(name)
        worker = mock.Mock(handlers={})
        Files(worker, home)
        for name in ("home/worker-0.json", "home/x509", "home/tasks/../x509", "home"):
            answer = asyncio.run(worker.handlers["muster_read"](path=os.path.join(self.folder, name), name="", offset=0, length=9))
            self.assertIn("error", answer, name)
        path = os.path.join(home, "tasks/stage/out")
        self.assertIn("data", asyncio.run(worker.handlers["muster_read"](path=path, name="", offset=0, length=9)))
        outside = asyncio.run(worker.handlers["muster_read"](path=path, name="/etc/hostname", offset=0, length=9))
        self.assertIn("error", outside)


if __name__ == "__main__":
    unittest.main()
