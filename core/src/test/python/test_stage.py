"""Tests of stages, of the channel that takes what they say, and of the Python that the package needs."""

import ast
import pathlib
import subprocess
import sys
import types
import unittest

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "main/python"
sys.path.insert(0, str(SOURCES))

import muster_task
from muster_task import errors
from muster_task.stage import Stage


def call(callable_, **more):
    """Returns a call with defaults."""
    return dict({"callable": callable_, "args": [], "params": {}, "inputs": {}, "explicit": False, "modifiers": [], "stage": "S"}, **more)


class StageTest(unittest.TestCase):
    def setUp(self):
        self.module = types.ModuleType("stage_ops")
        sys.modules["stage_ops"] = self.module
        self.addCleanup(sys.modules.pop, "stage_ops")

    def run_in(self, stage, given):
        return stage.run(given, lambda: "CTX")

    def test_it_finds_once_what_the_function_takes(self):
        self.module.f = lambda a, b=0, ctx=None: [a, b, ctx]
        stage = Stage(call("stage_ops:f"))
        for number in range(3):
            self.assertEqual([number, 7, "CTX"], self.run_in(stage, call("stage_ops:f", inputs={"a": number}, params={"b": 7})))
        self.module.f = None  # It has been found.
        self.assertEqual([5, 0, "CTX"], self.run_in(stage, call("stage_ops:f", inputs={"a": 5, "c": 1})))

    def test_other_inputs_are_other_arguments(self):
        self.module.f = lambda **given: sorted(given)
        stage = Stage(call("stage_ops:f"))
        for names in ("a", "ab", "b", "a"):
            found = self.run_in(stage, call("stage_ops:f", inputs={name: 1 for name in names}))
            self.assertEqual(sorted(names) + ["ctx"], found)

    def test_what_is_no_function_is_refused(self):
        self.module.f = 5
        with self.assertRaisesRegex(errors.Failure, "stage_ops:f is not callable"):
            self.run_in(Stage(call("stage_ops:f")), call("stage_ops:f"))

    def test_a_modifier_is_made_once_and_may_change_what_is_given(self):
        made = []

        class Doubling:
            def __init__(self):
                made.append(self)

            def before_node(self, inputs):
                inputs["a"] *= 2
                inputs.pop("b", None)

        self.module.f = lambda **given: given["a"]
        self.module.Doubling = Doubling
        stage = Stage(call("stage_ops:f", modifiers=[{"name": "d", "impl": "stage_ops:Doubling", "params": {}}]))
        self.assertEqual([2, 6], [self.run_in(stage, call("stage_ops:f", inputs={"a": n, "b": 0})) for n in (1, 3)])
        self.assertEqual(1, len(made))

    def test_failures_have_kind_message_and_exit_code(self):
        self.assertEqual(("NETWORK", "gone", 3), errors.failure_of(errors.Failure("NETWORK", "gone", 3), "f"))
        self.assertEqual(("OPERATION", "f called sys.exit(2)\nSystemExit: 2", 2), errors.failure_of(SystemExit(2), "f"))
        long = "x" * 20_000
        self.assertEqual(("OPERATION", long, None), errors.failure_of(errors.Failure("OPERATION", long), "f"))


class PythonTest(unittest.TestCase):
    """The oldest Python."""

    def test_every_file_is_of_its_grammar(self):
        files = sorted(SOURCES.rglob("*.py"))
        self.assertLess(10, len(files))
        for file in files:
            with self.subTest(file.name):
                ast.parse(file.read_text("utf-8"), feature_version=muster_task.PYTHON)

    def test_an_older_one_is_refused(self):
        code = "import sys; sys.path.insert(0, %r); sys.version_info = (3, 7, 16); import muster_task" % str(SOURCES)
        ended = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(1, ended.returncode)
        self.assertIn(b"Python 3.8 or newer is needed, this is " + sys.version.split()[0].encode(), ended.stderr)

    def test_the_package_needs_nothing_that_is_to_be_installed(self):
        code = "import sys; sys.path.insert(0, %r); from muster_task import worker" % str(SOURCES)
        subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)


if __name__ == "__main__":
    unittest.main()
