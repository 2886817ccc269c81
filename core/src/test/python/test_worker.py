"""Tests of what carries out calls; run by PythonTaskTest, or with python3 -m unittest in this folder."""

import contextlib
import io
import json
import os
import pathlib
import pickle
import struct
import subprocess
import sys
import tempfile
import textwrap
import time
import threading
import unittest

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "main/python"
sys.path.insert(0, str(SOURCES))

from muster_task import calls, context, encoding, errors, protocol, worker
from muster_task.modifiers import Modified


class UsageTest(unittest.TestCase):
    """Measures what it has done itself, in a process that has nothing else to do."""

    def peak(self, before, measured):
        """Returns the peak in MB that is told of some code after other code, or None."""
        code = """if True:
            import subprocess, sys
            sys.path.insert(0, %r)
            from muster_task import usage
            def child(size):
                subprocess.run([sys.executable, "-c", "x = bytearray(%%d << 20)" %% size], check=True)
            %s
            used = usage.Usage()
            %s
            print(used.result().get("peak_bytes", 0) >> 20)
        """
        said = subprocess.run(
            [sys.executable, "-c", code % (str(SOURCES), before, measured)], stdout=subprocess.PIPE, check=True
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
    }
    base.update(more)
    return base


class ToldTest(unittest.TestCase):
    def test_text_that_is_no_unicode_is_readable_in_messages_and_refused_in_outputs(self):
        name = os.fsdecode(b"bad-\xff.root")
        self.assertEqual("bad-\\udcff.root \u00e9", errors.readable(name + " \u00e9"))
        self.assertEqual(["\U0001f600"], encoding.load(encoding.dump_value(["\U0001f600"], "output")))
        for value in (name, [name], {name: 1}, {"a": [name]}, pathlib.Path("/data", name)):
            with self.assertRaises(errors.Failure) as raised:
                encoding.dump_value(value, "output")
            self.assertEqual("SERIALIZATION", raised.exception.kind)
            self.assertIn("bad-\\udcff.root", str(raised.exception))
        sent = []

        class Sent(protocol.Channel):
            def send(self, data, number):
                sent.append(encoding.load(data))
                return True

        ctx = context.Context(call("x"), Sent(None).teller(1))
        ctx.log(name)
        ctx.diagnostic(name, {name: name})
        self.assertEqual("bad-\\udcff.root", sent[0]["message"])
        self.assertEqual({"bad-\\udcff.root": "bad-\\udcff.root"}, sent[1]["value"])
        self.assertIn(b"bad-\\\\udcff", worker.error_reply(*errors.explain(ValueError(name), "f")))
        cycle = []
        cycle.append(cycle)
        for value in (cycle, {1: 2}, object()):
            with self.assertRaises(errors.Failure):
                ctx.diagnostic("x", value)

    def test_bounds_what_a_function_tells(self):
        sent = []

        class Sent(protocol.Channel):
            def send(self, data, number):
                sent.append(encoding.load(data))
                return True

        ctx = context.Context(call("x"), Sent(None).teller(1))
        printed = io.StringIO()
        for letter in ("x", "\u00e9", "\U0001f600"):
            text = letter * 1_000_000
            with contextlib.redirect_stderr(printed):
                ctx.log(text)
            self.assertIn(text, printed.getvalue())
            ctx.diagnostic("text", text)
            self.assertTrue(sent[-1]["value"].endswith(letter + "... (1000000 characters)"), sent[-1]["value"][-50:])
            sent.pop()
            ctx.diagnostic("d", {"deep": [text], "data": b"x" * 100_000})
            log, noted = sent[-2]["message"], sent[-1]["value"]
            self.assertLess(len(log.encode("utf-8")), 16 * 1024)
            self.assertTrue(log.startswith(letter * 1000), log[:10])
            self.assertIn(letter + "... (1000000 characters, the whole text is on the task's standard error)", log)
            self.assertRegex(noted, r'^{"deep":\["%s+\.\.\. \(a mapping of 2 entries\)$' % letter)


class ArgumentsTest(unittest.TestCase):
    def given(self, function, **more):
        return calls.arguments(function, call("m:f", **more), "CTX")

    def test_passes_implicit_inputs_that_are_accepted(self):
        found = self.given(lambda a, ctx: 0, inputs={"a": 1, "b": 2})
        self.assertEqual(found, {"a": 1, "ctx": "CTX"})

    def test_passes_all_implicit_inputs_to_keywords(self):
        found = self.given(lambda **kw: 0, inputs={"a": 1, "b": 2})
        self.assertEqual(found, {"a": 1, "b": 2, "ctx": "CTX"})

    def test_passes_every_explicit_input(self):
        with self.assertRaisesRegex(errors.Failure, "does not take the input 'evnts'.*'events'"):
            self.given(lambda events: 0, inputs={"evnts": 1}, explicit=True)

    def test_makes_names_of_inputs(self):
        found = self.given(lambda a_b, _1, class_: 0, inputs={"a-b": 1, "1": 2, "class": 3})
        self.assertEqual(found, {"a_b": 1, "_1": 2, "class_": 3})

    def test_rejects_a_parameter_that_is_not_accepted(self):
        with self.assertRaisesRegex(errors.Failure, "the parameter 'epoch'; did you mean 'epochs'"):
            self.given(lambda epochs=1: 0, params={"epoch": 3})

    def test_rejects_two_values_of_one_name(self):
        with self.assertRaisesRegex(errors.Failure, "input 'x' and the parameter 'x'"):
            self.given(lambda x: 0, inputs={"x": 1}, params={"x": 2})

    def test_says_what_is_missing(self):
        with self.assertRaisesRegex(errors.Failure, "missing a required argument: 'x'"):
            self.given(lambda x: 0)

    def test_passes_positional_arguments_first(self):
        found = self.given(lambda a, b: 0, args=[1], inputs={"a": 5, "b": 2})
        self.assertEqual(found, {"b": 2})

    def test_calls_builtins_without_a_signature(self):
        self.assertEqual(calls.arguments(dict, call("m:f", params={"a": 1}), None), {"a": 1})


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
        return Modified(modifiers, call("m:f", **more), None).run(body)

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

    def test_tells_of_errors_under_both_names_and_of_the_stage_as_a_text_and_an_object(self):
        class Telling:
            def on_node_error(self, *, node, exc, error):
                calls.append((node, node.id, node.impl, node.role, exc is error, str(exc)))

        calls = self.calls
        with self.assertRaises(KeyError):
            self.run_in([Telling()], lambda: {}[1])
        self.assertEqual([("Fit", "Fit", "m:f", "transform", True, "1")], calls)

    def test_passes_named_outputs(self):
        class Adding:
            def after_node(self, outputs):
                outputs["more"] = 2

        self.assertEqual(self.run_in([Adding()], lambda: {"one": 1}), {"one": 1, "more": 2})


class ContextTest(unittest.TestCase):
    """What a function sees of its task, as an object and as FAST-HEP's mapping."""

    def make(self, **more):
        details = call("m:f", **more)
        return context.Context(details, None, lambda folder: self.made.append(folder))

    def setUp(self):
        self.made = []

    def test_it_is_a_mapping_of_what_is_there(self):
        ctx = self.make(stage="S", output_dir="/out", base_dir="/base")
        self.assertEqual(("S", "S", None), (ctx["node_id"], ctx.node_id, ctx.get("partition")))
        self.assertNotIn("dataset", ctx)
        self.assertEqual([], self.made)
        self.assertEqual("/out", ctx["outdir"])
        self.assertEqual(["/out"], self.made)
        self.assertEqual(set(ctx), set(dict(ctx)))
        self.assertEqual(len(ctx), len(list(ctx)))
        self.assertEqual({ctx: 1}[ctx], 1)
        self.assertNotEqual(ctx, self.make(stage="S", output_dir="/out", base_dir="/base"))

    def test_what_is_put_into_it_is_an_attribute_and_never_hides_what_is_its_own(self):
        ctx = self.make()
        ctx.adopt({"by": 3, "stage": "other", "log": "mine"})
        self.assertEqual((3, 3, "mine"), (ctx["by"], ctx.by, ctx["log"]))
        self.assertNotEqual("other", ctx.stage)
        self.assertTrue(callable(ctx.log))
        with self.assertRaisesRegex(KeyError, "cannot be set"):
            ctx["outdir"] = "/elsewhere"
        del ctx["by"]
        with self.assertRaisesRegex(AttributeError, "ctx has no 'by'; it has"):
            ctx.by

    def test_partition_and_dataset_have_both_names(self):
        place = {"index": 3, "dataset": "d", "files": ["f"], "first_event": 10, "events": 5}
        data = {"name": "d", "files": ["f", "g"], "events": [7, 8], "attributes": {"eventtype": "mc", "xs": 2}}
        ctx = self.make(partition=place, dataset=data, input_partitions={"a": [place, None]})
        part = ctx["partition"]
        self.assertEqual(["d__3", "f", "3", 10, 15], [part[each] for each in ("id", "file", "part", "start", "stop")])
        self.assertEqual((3, 10), (part.index, part.start))
        self.assertEqual([part, None], ctx.input_partitions["a"])
        self.assertEqual((15, "mc", None, {"xs": 2}), tuple(ctx.dataset[each] for each in ("nevents", "eventtype", "group", "meta")))
        whole = self.make(partition=dict(place, files=["f", "g"], first_event=0, events=-1)).partition
        self.assertEqual((None, None, False), (whole.start, whole["stop"], "file" in whole))
        with self.assertRaisesRegex(AttributeError, "there is no 'file'; there are index, dataset"):
            whole.file
        self.assertEqual(whole, pickle.loads(pickle.dumps(whole)))


class AroundTest(unittest.TestCase):
    """The forms that around_node can have, and those that it cannot."""

    def run_in(self, around, body=lambda: 7, hook="around_node"):
        modifier = type("Mine", (), {hook: staticmethod(around)})()
        return Modified([modifier], call("m:f"), None).run(body)

    def refused(self, around, text, **more):
        with self.assertRaisesRegex(errors.Failure, text) as raised:
            self.run_in(around, **more)
        self.assertEqual("OPERATION", raised.exception.kind)

    def test_enters_and_leaves_a_context_manager(self):
        seen = []

        @contextlib.contextmanager
        def around(node, inputs, ctx):
            seen.append("before")
            yield
            seen.append("after")

        class Own:
            def __enter__(self):
                seen.append("in")

            def __exit__(self, *_):
                seen.append("out")

        self.assertEqual(7, self.run_in(around, lambda: seen.append("run") or 7))
        self.assertEqual(7, self.run_in(lambda: Own(), lambda: seen.append("run") or 7))
        self.assertEqual(["before", "run", "after", "in", "run", "out"], seen)

    def test_tells_a_context_manager_of_the_operations_exception(self):
        seen = []

        @contextlib.contextmanager
        def around():
            try:
                yield
            except KeyError as error:
                seen.append(error)
                raise ValueError("changed") from error

        with self.assertRaisesRegex(ValueError, "changed"):
            self.run_in(around, lambda: {}["x"])
        self.assertEqual(1, len(seen))

    def test_refuses_a_context_manager_that_swallows(self):
        self.refused(lambda: contextlib.suppress(KeyError), "swallowed KeyError: 'x', so there is no output", body=lambda: {}["x"])

    def test_passes_on_what_is_raised_before_and_after_the_yield(self):
        for place in ("before", "after"):

            @contextlib.contextmanager
            def around():
                if place == "before":
                    raise KeyError(place)
                yield
                raise KeyError(place)

            with self.assertRaisesRegex(KeyError, place):
                self.run_in(around)

    def test_refuses_what_runs_nothing(self):
        def generator():
            yield

        async def asynchronous():
            return 1

        @contextlib.asynccontextmanager
        async def both():
            yield

        self.refused(lambda: None, "Mine.around_node neither called `call` nor returned a context manager, .*return call")
        self.refused(lambda call: 5, "neither called")
        self.refused(generator, "is a generator, so the operation did not run")
        self.refused(asynchronous, "is an async function")
        self.refused(both, "is an async function")
        for hook in ("before_node", "after_node"):
            self.refused(generator, "Mine.%s is a generator, so nothing of it ran" % hook, hook=hook)
            self.refused(contextlib.contextmanager(generator), "is a context manager", hook=hook)

    def test_refuses_a_context_manager_that_calls_besides(self):
        @contextlib.contextmanager
        def around(call):
            call()
            yield

        @contextlib.contextmanager
        def later(call):
            yield
            call()

        self.refused(around, "both called `call` and returned")
        self.refused(later, "both called `call` and returned")

    def test_may_call_again(self):
        runs = []

        def around(call):
            try:
                return call()
            except KeyError:
                return call()

        def body():
            runs.append(1)
            if len(runs) == 1:
                raise KeyError("once")
            return len(runs)

        self.assertEqual(2, self.run_in(around, body))

    def test_an_output_may_be_a_context_manager(self):
        lock = threading.Lock()
        self.assertIs(lock, self.run_in(lambda call: call(), lambda: lock))


class WorkerTest(unittest.TestCase):
    def test_refuses_an_output_that_is_too_large(self):
        most, worker.MAX_FRAME = worker.MAX_FRAME, 100
        try:
            with self.assertRaisesRegex(errors.Failure, "write it to a file"):
                common = worker.Common(json.dumps(call("builtins:str", args=["x" * 200])).encode())
                worker.GroupWorker(protocol.Channel(None), None, None, {}).result(common, {}, 1)
        finally:
            worker.MAX_FRAME = most


class ProcessTest(unittest.TestCase):
    """The worker as a process."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        boot = "import sys; sys.path[:0] = [%r]; from muster_task import standard, worker; sys.path.pop(0); %s"
        start = "standard.standard_first(); worker.main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", boot % (str(SOURCES), start)],
            cwd=folder.name,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.number = 100
        self.common = 1
        self.addCleanup(self.end)
        self.process.stdin.write(self.frame(protocol.LOG, os.fsencode(self.folder / "log")))
        self.process.stdin.flush()
        self.assertEqual(self.receive(-1)["type"], "hello")

    def end(self):
        self.process.kill()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)

    def module(self, source, name="user.py"):
        (self.folder / name).write_text(textwrap.dedent(source))

    def frame(self, number, data):
        return struct.pack(">Iq", len(data), number) + data

    def send(self, *names, **more):
        """Sends a group of calls in one go, of which the number of the first is next."""
        data = b""
        for index, name in enumerate(names):
            common = json.dumps(call(name if ":" in name else "user:" + name, **more)).encode()
            data += self.frame(protocol.KEEP, struct.pack(">I", self.common + index) + common)
        for index in range(len(names)):
            own = {"common": self.common + index, "output_dir": str(self.folder / "out"), "dataset": None}
            data += self.frame(self.number + 1 + index, json.dumps(own).encode())
        self.common += len(names)
        self.number += 1
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def receive(self, number=None):
        length, seen = struct.unpack(">Iq", self.process.stdout.read(12))
        self.assertEqual(self.number if number is None else number, seen)
        message = json.loads(self.process.stdout.read(length))
        if isinstance(message, dict) and message["type"] == "result":
            self.assertGreaterEqual(message.pop("us"), 0)
        return message

    def output(self, name, **more):
        """Calls a function; returns its output."""
        self.send(name, **more)
        reply = self.receive()
        self.assertEqual("result", reply["type"], reply)
        return reply["output"]

    def failure(self, name, **more):
        """Calls a function that fails; returns kind and message."""
        self.send(name, **more)
        reply = self.receive()
        self.assertEqual("error", reply["type"], reply)
        return reply["kind"], reply["message"]

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
        self.send("f")
        self.assertEqual(self.receive(), {"type": "result", "output": None})
        self.assertEqual((self.folder / "out/stdout").read_text(), "hello\nraw\nchild\n")
        self.assertEqual((self.folder / "out/stderr").read_text(), "bad\n")

    def test_reports_an_exception_with_the_functions_own_lines(self):
        self.module("def f():\n    raise ValueError('bad value')\n")
        self.send("f")
        error = self.receive()
        self.assertEqual((error["type"], error["kind"]), ("error", "OPERATION"))
        self.assertTrue(error["message"].startswith("ValueError: bad value\n"), error["message"])
        self.assertIn("user.py", error["message"])
        self.assertNotIn("muster_task", error["message"])

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

    def test_a_child_that_comes_back_never_answers(self):
        self.module(
            """
            import ctypes, os, signal, sys, time
            def ended(pid, status):
                return os.WTERMSIG(status) + 1000 if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
            def child(how):
                signal.signal(signal.SIGINT, signal.default_int_handler)  # also where it is ignored, as under nohup
                pid = ctypes.CDLL(None).fork() if how == "c" else os.forkpty()[0] if how == "pty" else os.fork()
                if pid:
                    if how == "terminated":
                        os.kill(pid, signal.SIGTERM)
                    if how == "interrupted":
                        os.kill(pid, signal.SIGINT)
                    return ended(*os.waitpid(pid, 0))
                if how == "raises":
                    raise ValueError("child")
                if how == "exits":
                    sys.exit(3)
                if how == "execs":
                    os.execvp("/no/such/program", ["x"])
                if how in ("terminated", "interrupted"):
                    time.sleep(30)
                return "of the child"
            def value(v):
                return v
            """
        )
        ends = {
            "returns": 0, "raises": 1, "exits": 3, "execs": 1, "terminated": 1015, "interrupted": 130, "c": 0, "pty": 0,
        }  # fmt: skip
        for how, code in ends.items():
            with self.subTest(how):
                # A child that is interrupted before it is in its function ends by the signal.
                self.assertIn(self.output("child", params={"how": how}), (code, 1002 if how == "interrupted" else code))
                self.assertEqual(how, self.output("value", params={"v": how}))

    def test_a_child_holds_nothing_of_the_protocol_and_says_nothing(self):
        self.module(
            """
            import os, threading
            def f(ctx):
                if os.fork():
                    os.wait()
                    return "parent"
                thread = threading.Thread(target=ctx.log, args=("of a child",))
                thread.start()
                thread.join()
                try:
                    ctx.diagnostic("n", 1)
                except RuntimeError as error:
                    print(error, flush=True)
                for fd in map(int, os.listdir("/proc/self/fd")):
                    try:
                        kind = os.readlink("/proc/self/fd/%d" % fd)
                    except OSError:
                        continue
                    print(kind, flush=True)
            """
        )
        out, err = self.folder / "out/stdout", self.folder / "out/stderr"
        self.assertEqual("parent", self.output("f"))
        self.assertEqual("of a child\n", err.read_text())
        self.assertIn("diagnostic 'n' of stage Fit was given by a child", out.read_text())
        self.assertNotIn("pipe:", out.read_text())

    def test_children_of_multiprocessing_can_be_ended(self):
        self.module(
            """
            import multiprocessing, time
            def f():
                here = multiprocessing.get_context("fork")
                process = here.Process(target=time.sleep, args=(60,))
                process.start()
                process.terminate()
                process.join()
                with here.Pool(2) as pool:
                    squares = pool.map(abs, [-1, -2, -3])
                return [process.exitcode, squares]
            """
        )
        for _ in range(2):
            self.assertEqual([-15, [1, 2, 3]], self.output("f"))

    def test_who_is_asked_twice_to_end_cleans_up_undisturbed(self):
        self.module(
            """
            import pathlib, time
            def f():
                try:
                    pathlib.Path("running").touch()
                    time.sleep(60)
                finally:
                    pathlib.Path("asked").touch()
                    while not pathlib.Path("asked again").exists():
                        time.sleep(0.01)
                    pathlib.Path("cleaned").touch()
            """
        )
        self.send("f")
        for name in ("running", "asked"):
            self.wait_for(self.folder / name)
            self.process.terminate()
        (self.folder / "asked again").touch()
        self.assertEqual(143, self.process.wait(30))
        self.assertTrue((self.folder / "cleaned").exists())

    def wait_for(self, path):
        """Waits until there is a file."""
        deadline = time.monotonic() + 30
        while not path.exists():
            self.assertLess(time.monotonic(), deadline, path)
            time.sleep(0.01)

    def test_what_outlives_its_call_says_nothing_in_the_next(self):
        self.module(
            """
            import threading
            gate = threading.Event()
            threads = []
            def first(ctx):
                threads.append(threading.Thread(target=lambda: (gate.wait(), ctx.log("late"))))
                threads[0].start()
            def second():
                gate.set()
                threads[0].join()
                return "second"
            """
        )
        self.assertIsNone(self.output("first"))
        self.assertEqual("second", self.output("second"))

    def test_every_call_finds_what_the_documentation_names(self):
        self.module(
            """
            import os, signal, socket, sys, time
            def spoil():
                os.chdir("/")
                os.umask(0o777)
                os.environ["LEFT"] = "1"
                del os.environ["HOME"]
                sys.path[:] = []
                socket.setdefaulttimeout(0.001)
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                signal.alarm(1)
                signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
                sys.setrecursionlimit(300)
                sys.stdout.close()
                sys.stderr = None
                os.environ = {}
            def look():
                import json
                mask = os.umask(0)
                os.umask(mask)
                print("heard")
                return [os.getcwd(), mask, os.environ.get("LEFT"), "HOME" in os.environ, sys.path[0],
                        socket.getdefaulttimeout(), signal.getsignal(signal.SIGTERM) is signal.SIG_IGN,
                        signal.getitimer(signal.ITIMER_REAL)[0], sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
                        sys.getrecursionlimit(), sys.stderr is None]
            """
        )
        first = self.output("look")
        self.output("spoil")
        self.assertEqual(first, self.output("look"))
        self.assertEqual([str(self.folder), False, True], [first[0], first[6], first[3]])
        self.assertEqual("heard\n", (self.folder / "out/stdout").read_text())

    def test_what_a_module_sets_when_it_is_imported_stays(self):
        self.module("import os\nos.environ['BACKEND'] = 'Agg'\nos.chdir('/')\ndef f():\n    return [os.environ['BACKEND'], os.getcwd()]")
        for _ in range(2):
            self.assertEqual(["Agg", str(self.folder)], self.output("f"))

    def test_a_file_with_the_name_of_a_standard_module_harms_nothing(self):
        for name in ("random", "types", "queue", "http", "json", "logging", "signal", "socket", "locale"):
            self.module("raise RuntimeError('of the user')", name + ".py")
        self.module("import random, types, queue, json, logging, locale, http.client\ndef f():\n    return json.dumps(random.choice([1]))")
        self.assertEqual("1", self.output("f"))
        kind, message = self.failure("queue:run")
        self.assertEqual("OPERATION", kind)
        self.assertIn("queue.py is not used: Python's standard library has a module queue", message)
        self.module("import signal\ndef f():\n    return signal.my_cut()", "cuts.py")
        self.assertIn("signal.py is not used", self.failure("cuts:f")[1])

    def test_tells_exceptions_that_cannot_be_told(self):
        self.module(
            """
            class Raises(Exception):
                def __str__(self): raise RuntimeError("no")
                __repr__ = __str__
            class Nothing(Exception):
                def __str__(self): return None
            class Cause(Exception):
                @property
                def __cause__(self): raise RuntimeError("no")
            class Traceless(Exception):
                @property
                def __traceback__(self): raise RuntimeError("no")
            class Exits(SystemExit):
                @property
                def code(self): raise RuntimeError("no")
            class Lies(Exception):
                @property
                def __class__(self): raise RuntimeError("no")
            def f(which):
                raise globals()[which]("x")
            def surrogate():
                raise ValueError("not a ROOT file: \\udcff")
            def large():
                raise ValueError("x" * 50_000_000)
            def caused():
                raise ValueError("outer") from Raises()
            """
        )
        for which in ("Raises", "Nothing", "Cause", "Traceless", "Exits", "Lies"):
            with self.subTest(which):
                kind, message = self.failure("f", params={"which": which})
                self.assertEqual("OPERATION", kind)
                self.assertTrue(message)
        self.assertIn("Raises: (its text cannot be told: __str__ raised RuntimeError)", self.failure("f", params={"which": "Raises"})[1])
        self.assertIn("\\udcff", self.failure("surrogate")[1])
        self.assertIn("ValueError: outer", self.failure("caused")[1])
        self.assertLess(len(self.failure("large")[1]), 20_000)

    def test_refuses_an_async_function(self):
        self.module("async def f():\n    return 1")
        self.assertIn("user:f is an async function, so nothing of it ran", self.failure("f")[1])


if __name__ == "__main__":
    unittest.main()
