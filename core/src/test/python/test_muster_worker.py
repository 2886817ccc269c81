"""Tests of muster_worker.py; run by PythonWorkerTest, or with python3 -m unittest in this folder."""

import importlib.util
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import textwrap
import unittest

SOURCE = (
    pathlib.Path(__file__).resolve().parents[2]
    / "main/resources/dev/muster/internal/operation/muster_worker.py"
)
spec = importlib.util.spec_from_file_location("muster_worker", SOURCE)
worker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worker)


class UsageTest(unittest.TestCase):
    """Measures what it has done itself, in a process that has nothing else to do."""

    def peak(self, before, measured):
        """Returns the peak in MB that is told of some code after other code, or None."""
        code = """if True:
            import importlib.util, subprocess, sys
            spec = importlib.util.spec_from_file_location("muster_worker", %r)
            worker = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(worker)
            def child(size):
                subprocess.run([sys.executable, "-c", "x = bytearray(%%d << 20)" %% size], check=True)
            %s
            usage = worker.Usage()
            %s
            print(usage.result().get("peak_bytes", 0) >> 20)
        """
        said = subprocess.run(
            [sys.executable, "-c", code % (str(SOURCE), before, measured)], stdout=subprocess.PIPE, check=True
        ).stdout
        return int(said) or None

    @unittest.skipUnless(os.access("/proc/self/clear_refs", os.W_OK), "the system cannot tell")
    def test_a_peak_is_told_only_where_it_is_certain(self):
        self.assertAlmostEqual(115, self.peak("x = bytearray(400 << 20); del x", "x = bytearray(100 << 20)"), delta=25)
        self.assertAlmostEqual(215, self.peak("child(100)", "child(200)"), delta=30)
        self.assertAlmostEqual(415, self.peak("child(100)", "x = bytearray(400 << 20); child(50)"), delta=30)
        self.assertIsNone(self.peak("child(200)", "child(100)"))  # That of the first one is the largest ever.
        self.assertIsNone(self.peak("pass", "p = subprocess.Popen(['sleep', '1'])"))
        self.assertIsNotNone(self.peak("child(200)", "pass"))


def call(callable_, **more):
    """Returns a call with defaults."""
    base = {
        "callable": callable_,
        "args": [],
        "params": {},
        "inputs": {},
        "explicit": False,
        "modifiers": [],
        "stage": "Fit",
        "partition": None,
        "dataset": None,
        "input_partitions": {},
        "variables": {},
        "extra_data": {},
        "output_dir": "/out",
        "base_dir": "/base",
        "attempt": 1,
        "pool": "default",
        "worker": "default-0",
        "stdout": os.devnull,
        "stderr": os.devnull,
        "measure": False,
    }
    base.update(more)
    return base


class FakeNumpy:
    """A scalar as numpy has them."""

    shape = ()

    def item(self):
        return 3


FakeNumpy.__module__ = "numpy"


class PlainTest(unittest.TestCase):
    def test_passes_json_values_on(self):
        value = {"a": [1, 2.5, None, True, "x"], "b": {"c": []}}
        self.assertEqual(worker.plain(value, "output"), value)

    def test_turns_tuples_paths_bytes_and_numpy_scalars_into_json(self):
        self.assertEqual(worker.plain((1, (2,)), "output"), [1, [2]])
        self.assertEqual(worker.plain(pathlib.Path("/a/../b"), "output"), {"$file": "/b"})
        self.assertEqual(worker.plain(b"ab", "output"), {"$bytes": "YWI="})
        self.assertEqual(worker.plain(FakeNumpy(), "output"), 3)

    def test_names_what_cannot_be_passed_on(self):
        with self.assertRaises(worker.Failure) as caught:
            worker.plain({"hist": [1, {"x": {2}}]}, "output")
        self.assertEqual(caught.exception.kind, "SERIALIZATION")
        self.assertIn("the output['hist'][1]['x'] is a builtins.set", str(caught.exception))

    def test_text_that_is_no_unicode_is_readable_in_messages_and_refused_in_outputs(self):
        name = os.fsdecode(b"bad-\xff.root")
        self.assertEqual("bad-\\udcff.root \u00e9", worker.readable(name + " \u00e9"))
        self.assertEqual(["\U0001f600"], worker.load(worker.dump_value(["\U0001f600"], "output")))
        for value in (name, [name], {name: 1}, {"a": [name]}, pathlib.Path("/data", name)):
            with self.assertRaises(worker.Failure) as raised:
                worker.dump_value(value, "output")
            self.assertEqual("SERIALIZATION", raised.exception.kind)
            self.assertIn("bad-\\udcff.root", str(raised.exception))
        sent = []

        class Sent(worker.Channel):
            def send_bytes(self, data):
                sent.append(worker.load(data))

        context = worker.Context(call("x"), Sent(None))
        context.log(name)
        context.diagnostic(name, {name: name})
        self.assertEqual("bad-\\udcff.root", sent[0]["message"])
        self.assertEqual({"bad-\\udcff.root": "bad-\\udcff.root"}, sent[1]["value"])
        self.assertIn(b"bad-\\\\udcff", worker.error_reply(*worker.explain(ValueError(name), "f")))
        cycle = []
        cycle.append(cycle)
        for value in (cycle, {1: 2}, object()):
            with self.assertRaises(worker.Failure):
                context.diagnostic("x", value)

    def test_rejects_keys_that_are_not_strings(self):
        with self.assertRaisesRegex(worker.Failure, "has the key 3"):
            worker.plain({"bins": {3: 1}}, "output")

    def test_reads_what_it_writes(self):
        value = {"f": pathlib.Path("/x"), "b": b"\x00\xff", "n": 10**30}
        self.assertEqual(worker.load(worker.dump(worker.plain(value, "output"))), value)


class ArgumentsTest(unittest.TestCase):
    def given(self, function, **more):
        return worker.arguments(function, call("m:f", **more), "CTX")

    def test_passes_implicit_inputs_that_are_accepted(self):
        found = self.given(lambda a, ctx: 0, inputs={"a": 1, "b": 2})
        self.assertEqual(found, {"a": 1, "ctx": "CTX"})

    def test_passes_all_implicit_inputs_to_keywords(self):
        found = self.given(lambda **kw: 0, inputs={"a": 1, "b": 2})
        self.assertEqual(found, {"a": 1, "b": 2, "ctx": "CTX"})

    def test_passes_every_explicit_input(self):
        with self.assertRaisesRegex(worker.Failure, "does not take the input 'evnts'.*'events'"):
            self.given(lambda events: 0, inputs={"evnts": 1}, explicit=True)

    def test_makes_names_of_inputs(self):
        found = self.given(lambda a_b, _1, class_: 0, inputs={"a-b": 1, "1": 2, "class": 3})
        self.assertEqual(found, {"a_b": 1, "_1": 2, "class_": 3})

    def test_rejects_a_parameter_that_is_not_accepted(self):
        with self.assertRaisesRegex(worker.Failure, "the parameter 'epoch'; did you mean 'epochs'"):
            self.given(lambda epochs=1: 0, params={"epoch": 3})

    def test_rejects_two_values_of_one_name(self):
        with self.assertRaisesRegex(worker.Failure, "input 'x' and the parameter 'x'"):
            self.given(lambda x: 0, inputs={"x": 1}, params={"x": 2})

    def test_says_what_is_missing(self):
        with self.assertRaisesRegex(worker.Failure, "missing a required argument: 'x'"):
            self.given(lambda x: 0)

    def test_passes_positional_arguments_first(self):
        found = self.given(lambda a, b: 0, args=[1], inputs={"a": 5, "b": 2})
        self.assertEqual(found, {"b": 2})

    def test_calls_builtins_without_a_signature(self):
        self.assertEqual(worker.arguments(dict, call("m:f", params={"a": 1}), None), {"a": 1})


class Notes:
    """A modifier that notes its calls in a list."""

    def __init__(self, calls, name, fail=None):
        self.calls, self.name, self.fail = calls, name, fail

    def _note(self, hook):
        self.calls.append(self.name + "." + hook)
        if hook == self.fail:
            raise ValueError(self.name + "." + hook)

    def before_node(self, node, inputs, outputs, ctx):
        self._note("before")

    def around_node(self, node, inputs, outputs, ctx, call):
        self._note("around")
        return call()

    def after_node(self, node, inputs, outputs, ctx):
        self._note("after")

    def on_node_error(self, node, inputs, outputs, ctx, error):
        self._note("error")


class ModifiedTest(unittest.TestCase):
    def setUp(self):
        self.calls = []

    def run_in(self, modifiers, body=lambda: 1, **more):
        return worker.Modified(modifiers, call("m:f", **more), None).run(body)

    def test_enters_in_order_and_leaves_in_reverse(self):
        a, b = Notes(self.calls, "a"), Notes(self.calls, "b")
        self.assertEqual(self.run_in([a, b]), 1)
        self.assertEqual(
            self.calls, ["a.before", "b.before", "a.around", "b.around", "b.after", "a.after"]
        )

    def test_tells_those_that_had_entered_in_reverse(self):
        modifiers = [Notes(self.calls, "a"), Notes(self.calls, "b"), Notes(self.calls, "c", "before")]
        with self.assertRaisesRegex(ValueError, "c.before"):
            self.run_in(modifiers)
        self.assertEqual(self.calls[-2:], ["b.error", "a.error"])

    def test_keeps_the_first_error(self):
        def fail():
            raise KeyError("first")

        stderr, sys.stderr = sys.stderr, open(os.devnull, "w")
        try:
            with self.assertRaisesRegex(KeyError, "first"):
                self.run_in([Notes(self.calls, "a", "error")], fail)
        finally:
            sys.stderr.close()
            sys.stderr = stderr

    def test_passes_changed_inputs_and_outputs(self):
        class Changing:
            def before_node(self, inputs, **_):
                inputs["x"] += 1

            def after_node(self, outputs, **_):
                outputs["output"] *= 10

        inputs = {"x": 1}
        self.assertEqual(self.run_in([Changing()], lambda: inputs["x"], inputs=inputs), 20)

    def test_passes_named_outputs(self):
        class Adding:
            def after_node(self, outputs):
                outputs["more"] = 2

        self.assertEqual(self.run_in([Adding()], lambda: {"one": 1}), {"one": 1, "more": 2})


class WorkerTest(unittest.TestCase):
    def test_refuses_an_output_that_is_too_large(self):
        most, worker.MAX_FRAME = worker.MAX_FRAME, 100
        try:
            with self.assertRaisesRegex(worker.Failure, "write it to a file"):
                worker.Worker(None)._result(call("builtins:str", args=["x" * 200]))
        finally:
            worker.MAX_FRAME = most


class ProcessTest(unittest.TestCase):
    """The worker as a process."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        boot = "import sys; sys.argv=['x']; import runpy; runpy.run_path(%r)['main']()" % str(SOURCE)
        self.process = subprocess.Popen(
            [sys.executable, "-c", boot],
            cwd=folder.name,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.addCleanup(self.end)
        self.assertEqual(self.receive()["type"], "hello")

    def end(self):
        self.process.kill()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)

    def module(self, source):
        (self.folder / "user.py").write_text(textwrap.dedent(source))

    def send(self, name, **more):
        data = json.dumps(call("user:" + name, **more)).encode()
        self.process.stdin.write(struct.pack(">I", len(data)) + data)
        self.process.stdin.flush()

    def receive(self):
        header = self.process.stdout.read(4)
        return json.loads(self.process.stdout.read(struct.unpack(">I", header)[0]))

    def test_answers_calls_one_after_another(self):
        self.module("n = 0\ndef f(x):\n    global n\n    n += 1\n    return [n, x]\n")
        for n in (1, 2):
            self.send("f", params={"x": "é"})
            self.assertEqual(self.receive(), {"type": "result", "output": [n, "é"]})

    def test_keeps_prints_out_of_the_protocol(self):
        self.module(
            """
            import os, subprocess
            def f():
                print("hello")
                os.write(1, b"raw\\n")
                subprocess.run(["sh", "-c", "echo child; echo bad >&2"])
            """
        )
        self.send("f", stdout=str(self.folder / "o"), stderr=str(self.folder / "e"))
        self.assertEqual(self.receive(), {"type": "result", "output": None})
        self.assertEqual((self.folder / "o").read_text(), "hello\nraw\nchild\n")
        self.assertEqual((self.folder / "e").read_text(), "bad\n")

    def test_reports_an_exception_with_the_functions_own_lines(self):
        self.module("def f():\n    raise ValueError('bad value')\n")
        self.send("f")
        error = self.receive()
        self.assertEqual((error["type"], error["kind"]), ("error", "OPERATION"))
        self.assertTrue(error["message"].startswith("ValueError: bad value\n"), error["message"])
        self.assertIn("user.py", error["message"])
        self.assertNotIn("muster_worker", error["message"])

    def test_ends_at_once_when_its_input_ends_in_the_middle_of_a_call(self):
        self.module("import time\ndef f(ctx):\n    ctx.log('on')\n    time.sleep(300)\n")
        self.send("f")
        self.assertEqual(self.receive(), {"type": "log", "message": "on"})
        self.process.stdin.close()
        self.assertNotEqual(self.process.wait(10), 0)

    def test_ends_by_itself_when_it_is_idle(self):
        self.module("import atexit, pathlib\natexit.register(lambda: pathlib.Path('bye').touch())\ndef f(): pass\n")
        self.send("f")
        self.receive()
        self.process.stdin.close()
        self.assertEqual(self.process.wait(10), 0)
        self.assertTrue((self.folder / "bye").exists())


if __name__ == "__main__":
    unittest.main()
