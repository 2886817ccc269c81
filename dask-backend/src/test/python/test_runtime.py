"""Tests of what a worker carries out."""

import json
import os
import pathlib
import pickle
import socket
import sys
import threading
import time
import unittest

import msgpack

from muster_task import children, surroundings
from one_runtime import OneRuntime, code, values

sys.path.append(str(pathlib.Path(__file__).resolve().parents[4] / "core/src/test/python"))
from test_shell import compiled

from muster_dask.reports import Ledger, read_ledger
from muster_dask.stagecode import Around, StageCode
from muster_dask.values import GIVEN, OWN, Missing, Upstream, output_of


def umask():
    """Returns the umask."""
    found = os.umask(0o077)
    os.umask(found)
    return found


class RuntimeTest(OneRuntime):
    """What a worker carries out."""

    def test_fused_tasks_pass_their_outputs_on_and_report_one_by_one(self):
        stages = {
            0: code("sample_ops:add", params={"one": 1}),
            1: code("sample_ops:add", inputs=[["one", None, 0, False, False]], params={"two": 5}),
        }
        kept = self.carry_out(stages, [self.call(3), self.call(4, 1, [("one", OWN, 3)], keep=True)])
        self.assertEqual({4: 6}, kept)
        self.assertEqual([["o", 3], ["o", 4]], [item[:2] for item in self.ended()])
        self.assertEqual("6", self.ended()[1][5])

    def test_what_a_task_changes_is_not_changed_for_the_next(self):
        stages = {0: code("sample_ops:grow", args=[[]], params={"named": {"list": []}}, extra_data={"list": []})}
        self.carry_out(stages, [self.call(task) for task in range(3)])
        self.assertEqual(["[1,1,1]"] * 3, [item[5] for item in self.ended()])

    def test_a_task_that_fails_takes_only_what_reads_it_along(self):
        stages = {0: code("sample_ops:fail"), 1: code("sample_ops:add", inputs=[["one", None, 0, False, False]]), 2: code("sample_ops:nop")}
        self.carry_out(stages, [self.call(0), self.call(1, 1, [("one", OWN, 0)]), self.call(2, 2)])
        self.assertEqual(["f", "u", "o"], [item[0] for item in self.ended()])
        self.assertEqual("OPERATION", self.ended()[0][5])
        self.assertIn("ValueError: never", self.ended()[0][6])
        self.assertEqual([0], self.ended()[1][3])

    def test_reads_outputs_of_other_groups_and_of_the_jvm(self):
        stages = {0: code("sample_ops:add", inputs=[["one", "port", 0, False, False], ["two", None, 1, False, False]])}
        kept = self.carry_out(
            stages, [self.call(9, 0, [("one", 0, 5), ("one", GIVEN, "4")], keep=True)], [{5: {"port": 3}}]
        )
        self.assertEqual({9: 7}, kept)

    def test_an_input_comes_from_whichever_stage_has_it_for_the_dataset(self):
        inputs = [["one", None, 0], ["all", None, 1], ["one", "port", 2], ["all", None, 3], ["none", None, 4]]
        inputs = [each + [False, False] for each in inputs]
        stages = {0: code("sample_ops:given", inputs=inputs, explicit=True)}
        nothing, something = ("none",), ("one", 0, 5)
        none_of_many, one_of_many = ("many", [], []), ("many", [(0, 6)], [None])
        given = [nothing, none_of_many, something, one_of_many, nothing]
        turned = [("one", 0, 6), one_of_many, nothing, none_of_many, nothing]
        outputs = [{5: {"port": 3}, 6: 4}]
        kept = self.carry_out(stages, [self.call(9, 0, given, keep=True), self.call(8, 0, turned, keep=True)], outputs)
        self.assertEqual([], [item for item in self.reports if item[0] == "f"])
        self.assertEqual({"one": 3, "all": [4], "none": None}, values(kept)[9])
        self.assertEqual({"one": 4, "all": [4], "none": None}, values(kept)[8])

    def test_what_tasks_share_is_asked_for_once_and_must_be_there(self):
        self.run_details["datasets"] = [{"name": "data", "files": ["f"], "attributes": {}, "local": []}]
        place = (3, 0, ["f"], 0, 5)
        stages = {0: code("sample_ops:dataset")}
        for task in range(2):
            call = (task, 1, 0, place, 0, None, True, os.path.join(self.folder.name, "out"), None)
            self.assertEqual({task: ["data", 3, ["f"]]}, values(self.carry_out(stages, [call])))
        self.assertEqual(["run-1"], self.asked)
        with self.assertRaisesRegex(RuntimeError, "has lost what the tasks of this run share"):
            self.runtime.run(pickle.dumps(("other", [], 7)))

    def test_an_output_that_is_missing_is_told(self):
        stages = {0: code("sample_ops:add", inputs=[["one", None, 0, False, False]])}
        self.carry_out(stages, [self.call(9, 0, [("one", 0, 5)])], [{5: Missing(2)}])
        self.assertEqual([["u", 9, 1, [2], 7]], self.ended())

    def test_what_cannot_travel_fails_where_it_is_made(self):
        self.carry_out({0: code("sample_ops:unpicklable")}, [self.call(0, keep=True)])
        self.assertEqual(["f", "SERIALIZATION"], [self.reports[-1][0], self.reports[-1][5]])
        self.assertIn("generator", self.reports[-1][6])

    def test_what_pickling_raises_is_told_whatever_it_is(self):
        for memory, kind, text in ((True, "OUT_OF_MEMORY", "MemoryError"), (False, "SERIALIZATION", "__str__ raised TypeError")):
            self.carry_out({0: code("sample_ops:refusing", params={"memory": memory})}, [self.call(0, keep=True)])
            self.assertEqual(["f", kind], [self.ended()[-1][0], self.ended()[-1][5]])
            self.assertIn(text, self.ended()[-1][6])

    def test_an_async_function_fails_each_time(self):
        self.carry_out({0: code("sample_ops:asynchronous")}, [self.call(task) for task in range(3)])
        self.assertEqual(["OPERATION"] * 3, [each[5] for each in self.ended()])

    def test_texts_that_are_no_unicode_are_readable_everywhere(self):
        self.carry_out({0: code("sample_ops:surrogates", params={"where": "error"})}, [self.call(0, keep=True)])
        self.assertEqual(["f", "OPERATION"], [self.ended()[0][0], self.ended()[0][5]])
        self.assertIn("ValueError: not a ROOT file: bad-\\udcff.root", self.ended()[0][6])
        del self.reports[:]
        self.carry_out({0: code("sample_ops:surrogates", params={"where": "told"})}, [self.call(1, keep=True)])
        log, diagnostic, _ = self.ended()
        self.assertEqual(["l", 1, "at bad-\\udcff.root"], log)
        self.assertEqual(["d", 1, "name bad-\\udcff.root"], diagnostic[:3])
        self.assertEqual({"bad-\\udcff.root": "bad-\\udcff.root"}, json.loads(diagnostic[3]))
        msgpack.packb(self.reports)

    def test_what_a_task_notes_is_bounded(self):
        self.carry_out({0: code("sample_ops:note_much")}, [self.call(1, keep=True)])
        noted = {item[2]: item[3] for item in self.ended() if item[0] == "d"}
        self.assertEqual({"few", "bytes", "list", "mapping"}, set(noted))
        self.assertEqual([1, {"$bytes": "Mg=="}], json.loads(noted.pop("few")))
        for text in noted.values():
            self.assertLess(len(text), 2 * 16 * 1024)
        self.assertRegex(json.loads(noted["bytes"]), r'^{"\$bytes":"eHh4.*\.\.\. \(5000000 bytes\)$')
        self.assertRegex(json.loads(noted["list"]), r"^\[0,1,.*\.\.\. \(a list of 100000 items\)$")
        self.assertRegex(json.loads(noted["mapping"]), r'^{"k0":0,.*\.\.\. \(a mapping of 100000 entries\)$')

    def test_outputs_that_are_no_unicode_say_so_to_who_reads_no_pickles(self):
        for where in ("text", "key"):
            del self.reports[:]
            self.carry_out({0: code("sample_ops:surrogates", params={"where": where})}, [self.call(0, keep=True)])
            self.assertIn("the text 'bad-\\udcff.root', which is no Unicode", json.loads(self.ended()[0][5])["$python"][1])
        del self.reports[:]
        self.carry_out({0: code("sample_ops:surrogates", params={"where": "astral"})}, [self.call(0, keep=True)])
        self.assertEqual(["\U0001f600", "\\ud800"], json.loads(self.ended()[0][5]))

    def test_paths_that_are_no_unicode_say_so_to_who_reads_no_pickles(self):
        self.carry_out({0: code("sample_ops:surrogates", params={"where": "path"})}, [self.call(0, keep=True)])
        self.assertIn("no UTF-8 text: /data/bad-\\udcff.root", json.loads(self.ended()[0][5])["$python"][1])

    def test_diagnostics_of_every_kind_travel_or_fail_their_task(self):
        for what, kind in (("numbers", "o"), ("numpy", "o"), ("keys", "f"), ("cycle", "f"), ("foreign", "f")):
            del self.reports[:]
            self.carry_out({0: code("sample_ops:diagnose", params={"what": what})}, [self.call(0, keep=True)])
            self.assertEqual(kind, self.ended()[-1][0], (what, self.ended()))
            if kind == "f":
                self.assertEqual("SERIALIZATION", self.ended()[-1][5], what)
                self.assertIn("diagnostic 'x'", self.ended()[-1][6])
            msgpack.packb(self.reports)

    def test_a_large_output_becomes_a_file(self):
        self.carry_out({0: code("sample_ops:large", params={"count": 1 << 20})}, [self.call(0)])
        self.runtime.reporter.flush()
        (told,) = [item for item in self.reports if item[0] == "o"]
        _, _, _, _, _, text, kind, path = told
        self.assertEqual((None, "bytes", 1 << 20), (text, kind, os.path.getsize(path)))

    def copied(self, copies, callable_, **params):
        """Returns what is reported of an output that stays on Dask, of which a copy may be kept."""
        self.run_details["records"] = True
        self.carry_out({0: code(callable_, params=params, fetch=False, read_here=False, copies=copies)}, [self.call(0)])
        self.runtime.reporter.flush()
        return [item for item in self.ended() if item[0] == "o"][-1][5:]

    def test_a_copy_of_an_output_that_stays_is_told_or_lies_in_a_file(self):
        self.assertEqual(["3", None, None], self.copied("plain", "sample_ops:add", one=1, two=2))
        text, kind, path = self.copied("all", "sample_ops:large", count=1 << 16)
        self.assertEqual((None, "bytes", 1 << 16), (text, kind, os.path.getsize(path)))

    def test_a_copy_with_a_pickle_is_made_only_of_what_a_gather_reads(self):
        self.assertEqual([None, "unkept", None], self.copied("plain", "builtins:complex", real=1))
        self.assertIn("$python", self.copied("all", "builtins:complex", real=1)[0])

    def test_an_output_of_which_no_copy_can_be_made_stays_all_the_same(self):
        self.assertEqual([None, "unkept", None], self.copied("all", "threading:Lock"))
        os.remove(self.run_details["mark"])
        self.assertEqual([None, "unkept", None], self.copied("all", "sample_ops:large", count=1 << 20))

    def test_a_copy_in_a_file_tells_which_files_it_names(self):
        here, other = (os.path.join(self.folder.name, name) for name in ("here.txt", "other \u00e4.txt"))
        for path in (here, other):
            with open(path, "w"):
                pass
        words = ["here.txt", "gone.txt", "x" * 20_000]
        found = self.copied("all", "sample_ops:listed", words=words, path=other)
        self.assertEqual(["json", {"names": sorted([here, other])}], [found[1], found[3]])

    def test_the_code_of_a_task_is_told_before_its_end_and_once(self):
        self.run_details["records"] = True
        self.carry_out({0: code("sample_ops:nop")}, [self.call(0), self.call(1)])
        self.runtime.reporter.flush()
        kinds = [item[0] for item in self.ended()]
        self.assertEqual(["c", "o", "o"], kinds)
        files = self.ended()[0][3]
        self.assertIn("sample_ops.py", [os.path.basename(path) for _, path, _ in files])
        self.assertFalse([path for _, path, _ in files if "muster_dask" in path])

    def test_a_task_tells_of_a_folder_that_it_has_made(self):
        self.run_details["records"] = True
        self.carry_out({0: code("sample_ops:folder")}, [self.call(0)])
        self.runtime.reporter.flush()
        self.assertEqual({"folder": True}, self.ended()[-1][8])

    def test_a_large_output_needs_the_runs_directory(self):
        os.remove(self.run_details["mark"])
        self.carry_out({0: code("sample_ops:large", params={"count": 1 << 20})}, [self.call(0)])
        self.assertEqual("SERIALIZATION", self.ended()[0][5])
        self.assertIn("does not see the run's directory", self.ended()[0][6])

    def test_the_context_says_where_a_task_runs(self):
        self.run_details["datasets"] = [{"name": "d", "files": [], "attributes": {}}]
        call = list(self.call(0))
        call[3:5] = (4, 0, [], 0, -1), 0
        self.carry_out({0: code("sample_ops:context")}, [tuple(call)])
        self.assertEqual({"stage": "s", "pool": "pool", "partition": 4}, json.loads(self.ended()[0][5]))

    def test_the_ledger_names_what_runs(self):
        path = os.path.join(self.folder.name, "other")
        ledger = Ledger(path)
        ledger.enter(123456789, 2, 5)
        other = threading.Thread(target=ledger.enter, args=(7, 1, 6))
        other.start()
        other.join()
        self.assertEqual([(123456789, 2, 5, False), (7, 1, 6, False)], read_ledger(path).tasks)
        ledger.leave()
        noted = read_ledger(path)
        self.assertEqual([(123456789, 2, 5, True), (7, 1, 6, False)], noted.tasks)
        self.assertEqual([(7, 1, 6, False)], noted.blamed())
        ledger.left()
        self.assertEqual([(7, 1, 6, False)], read_ledger(path).blamed())
        ledger.broken()
        self.assertEqual(noted.tasks, read_ledger(path).blamed())
        ledger.left()
        self.assertEqual(noted.tasks, read_ledger(path).blamed())

    def test_what_was_over_is_to_blame_where_a_worker_was_at_nothing_and_did_not_leave(self):
        path = os.path.join(self.folder.name, "own")
        ledger = Ledger(path)
        ledger.enter(3, 1, 5)
        ledger.leave()
        self.assertEqual([(3, 1, 5, True)], read_ledger(path).blamed())
        ledger.left()
        self.assertEqual([], read_ledger(path).blamed())

    def test_an_output_that_is_not_held_comes_to_its_end_before_its_task_is_over(self):
        marks = os.path.join(self.folder.name, "marks")
        params = {"path": marks, "ledger": os.path.join(self.folder.name, "ledger")}
        stages = {
            0: code("sample_ops:marking", params=params, fetch=False, read_here=False),
            1: code("sample_ops:marking", params=params, fetch=False),
            2: code("sample_ops:add", inputs=[["one", None, 0, False, False]]),
        }
        one = [("one", OWN, 2)]
        for _ in range(2):
            self.carry_out(stages, [self.call(0), self.call(1), self.call(2, 1, keep=True), self.call(3, 2, one)])
            with open(marks) as file:
                self.assertEqual(["0", "1", "2", "3"], file.read().split())
            os.truncate(marks, 0)

    def test_the_ledger_remembers_what_was_last_and_forgets_what_was_long_ago(self):
        path = os.path.join(self.folder.name, "other")
        ledger = Ledger(path)
        for task in range(3000):
            ledger.enter(task, 1, 0)
            ledger.leave()
        ledger.enter(5, 2, 1)
        noted = read_ledger(path).tasks
        self.assertEqual(1024, len(noted))
        self.assertEqual([(5, 2, 1, False)], [each for each in noted if not each[3]])
        self.assertEqual(set(range(1977, 3000)), {each[0] for each in noted if each[3]})

    def test_a_task_that_takes_long_is_told_before_it_ends(self):
        gate = threading.Event()
        self.runtime._codes["x"] = slow = StageCode(json.loads(code("sample_ops:nop")))
        slow._function = lambda: gate.wait(20) and None
        thread = threading.Thread(target=self.carry_out, args=({0: "x"}, [self.call(5)]))
        thread.start()
        deadline = time.monotonic() + 20
        while not self.reports and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(["s", 5, 1], self.reports[0][:3])
        self.assertTrue(self.runtime.still([(5, 1)]))
        gate.set()
        thread.join(20)
        while len(self.reports) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(["o", 5], self.reports[1][:2])

    def test_a_task_can_be_interrupted(self):
        self.runtime._codes["x"] = slow = StageCode(json.loads(code("sample_ops:nop")))
        begun = threading.Event()

        def spin():
            begun.set()
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                time.sleep(0.001)

        slow._function = spin
        thread = threading.Thread(target=self.carry_out, args=({0: "x"}, [self.call(5)]))
        thread.start()
        begun.wait(20)
        self.runtime.interrupt([(5, 1)])
        thread.join(10)
        self.assertFalse(thread.is_alive())
        self.runtime.reporter.flush()
        self.assertEqual("CANCELLED", self.reports[-1][5])

    def test_variables_are_set_while_tasks_run_and_restored(self):
        variables = Around()
        variables.enter({"MUSTER_TEST_X": "1"})
        self.assertEqual("1", os.environ["MUSTER_TEST_X"])
        variables.leave()
        self.assertNotIn("MUSTER_TEST_X", os.environ)

    def test_a_process_of_somebody_else_is_put_back_to_what_that_one_made_of_it(self):
        around = Around(own=False)
        changes = {
            "variable": (lambda: os.environ.get("MUSTER_TEST_X"), lambda new: os.environ.__setitem__("MUSTER_TEST_X", new), "1", "2"),
            "umask": (umask, os.umask, 0o027, 0o077),
            "folder": (os.getcwd, os.chdir, os.path.realpath(self.folder.name), "/"),
            "path": (lambda: sys.path[0], lambda new: sys.path.insert(0, new), "/others", "/task"),
            "limit": (sys.getrecursionlimit, sys.setrecursionlimit, 1500, 1600),
            "timeout": (socket.getdefaulttimeout, socket.setdefaulttimeout, 7.0, 9.0),
        }
        here = surroundings.Surroundings(os.getcwd())
        try:
            around.call(lambda: None)
            for name, (look, change, theirs, tasks) in changes.items():
                with self.subTest(name):
                    change(theirs)
                    around.begin()
                    for _ in range(2):
                        self.assertEqual(theirs, around.call(look))
                        around.call(lambda: change(tasks))
                        self.assertEqual(theirs, look())
                    change(tasks)  # As a thread does that a task of the same group left behind.
                    around.call(lambda: None)
                    self.assertEqual(theirs, look())
        finally:
            here.reset()

    def output(self, name, task=0, **more):
        """Carries out one task; returns its output, or kind and message of its failure."""
        del self.reports[:]
        self.carry_out({0: code(name, **more)}, [self.call(task)])
        self.runtime.reporter.flush()
        (told,) = [item for item in self.ended() if item[0] in "of"]
        return tuple(told[5:7]) if told[0] == "f" else json.loads(told[5]) if len(told) > 5 else None

    def test_a_forked_child_that_comes_back_reports_nothing(self):
        self.settled()
        for how, ends in (("returns", 0), ("raises", 1), ("exits", 3), ("logs", 0), ("terminated", -15)):
            with self.subTest(how):
                self.assertEqual(ends, self.output("sample_ops:child", params={"how": how}))
                self.assertEqual(1, len(self.ended()))

    def test_children_of_multiprocessing_can_be_ended(self):
        self.settled()
        self.assertEqual([-15, [1, 2]], self.output("sample_ops:processes"))

    def settled(self):
        """Makes this process the worker's, as the worker does."""
        children.settle(lambda: ())

    def test_every_task_finds_the_same_surroundings(self):
        before = self.output("sample_ops:look")
        self.assertIsNone(self.output("sample_ops:spoil"))
        self.assertEqual(before, self.output("sample_ops:look"))
        self.assertIsNone(self.output("sample_ops:spoil", params={"more": 1}))
        self.assertEqual(before, self.output("sample_ops:look"))

    def test_a_context_manager_goes_around_operations_and_commands(self):
        modifiers = [{"name": "around", "impl": "sample_ops:AroundNode", "params": {}}]
        self.assertEqual(1, self.output("sample_ops:add", params={"one": 1}, modifiers=modifiers))
        self.assertEqual(["before", "after"], [item[2] for item in self.reports if item[0] == "l"])
        kind, message = self.output("sample_ops:nop", modifiers=[{"name": "idle", "impl": "sample_ops:Idle", "params": {}}])
        self.assertEqual("OPERATION", kind)
        self.assertIn("neither called `call` nor returned a context manager", message)

    def test_an_exit_code_is_told_where_there_is_one(self):
        for name, params, code in (
            ("sample_ops:leave", {"code": 250}, [250]),
            ("sample_ops:leave", {"code": -9}, [247]),
            ("sample_ops:leave", {"code": 0}, []),
            ("sample_ops:fail", {}, []),
            ("shell", "exit 250", [250]),
            ("shell", "kill -KILL $$", [137]),
        ):
            more = {"command": compiled(params)} if name == "shell" else {"params": params}
            with self.subTest(name, **more):
                self.assertEqual("OPERATION", self.output(name, **more)[0])
                self.assertEqual([code], [item[7:] for item in self.ended() if item[0] == "f"])

    def test_an_exception_without_a_text_is_told(self):
        kind, message = self.output("sample_ops:silent")
        self.assertEqual("OPERATION", kind)
        self.assertIn("Silent: (its text cannot be told", message)

    def test_two_tasks_import_one_package_at_once(self):
        package = os.path.join(self.folder.name, "twins")
        os.makedirs(package)
        for name, text in {
            "__init__": "import time\ntime.sleep(0.05)\nfrom . import one\nfrom . import two\n",
            "one": "from . import two\ndef f():\n    return 1\n",
            "two": "from . import one\ndef f():\n    return 2\n",
        }.items():
            with open(os.path.join(package, name + ".py"), "w") as file:
                file.write(text)
        stages = {0: code("twins.one:f"), 1: code("twins.two:f")}
        self.carry_out(stages, [])
        threads = [threading.Thread(target=self.carry_out, args=(stages, [self.call(n, n)])) for n in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        deadline = time.monotonic() + 20
        while len(self.ended()) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(["o", "o"], [item[0] for item in self.ended()], self.ended())

    def test_upstream_names_the_first_that_failed(self):
        with self.assertRaises(Upstream) as raised:
            output_of(0, 1, [{1: Missing(8)}], {})
        self.assertEqual(8, raised.exception.tasks[0])


if __name__ == "__main__":
    unittest.main()
