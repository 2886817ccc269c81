"""The runner of jobs, as a batch system starts it."""

import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
MODULES = [str(ROOT / "src/main/python"), str(ROOT.parent / "core/src/main/python")]
FUNCTIONS = """
import os, sys

def twice(x, ctx):
    ctx.log("at work")
    ctx.diagnostic("pool", ctx.pool)
    with open("calls", "a") as file:
        file.write("%s\\n" % x)
    return 2 * x

def fail(x):
    raise ValueError("no " + str(x))

def end(x):
    os._exit(9)

def large(x):
    return "y" * 300000

def variable(x):
    return os.environ["COLOUR"]
"""
STAGE = {
    "args": [], "params": {}, "modifiers": [], "extra_data": {}, "explicit": True, "stage": "S", "tells_code": False,
}  # fmt: skip


class RunnerTest(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="muster batch: ")
        self.addCleanup(self._folder.cleanup)
        self.base = pathlib.Path(self._folder.name)
        (self.base / "functions.py").write_text(FUNCTIONS)
        self.array = self.base / "1"
        self.array.mkdir()

    def write(self, names, each=1, inputs=None, read=(), variables=None, tells_code=False):
        """Writes a submission with a stage, and a task, for each name of a function."""
        stages = {}
        calls = index = b""
        for number, name in enumerate(names):
            code = dict(STAGE, callable="functions:" + name, base_dir=str(self.base), variables=variables or {})
            code["tells_code"] = tells_code
            stages[str(number)] = json.dumps(code)
            own = {
                "dataset": None, "read": list(read), "inputs": inputs or {"x": number}, "input_partitions": {"x": []},
                "partition": None, "output_dir": str(self.base / ("out-%d" % number)), "attempt": 1, "pool": "p", "worker": "p-0",
            }  # fmt: skip
            index += struct.pack(">Q", len(calls))
            calls += ("%d %s\n" % (number, json.dumps(own))).encode()
        index += struct.pack(">Q", len(calls))
        common = {"stages": stages, "datasets": [], "each": each, "path": [], "origins": {}, "values": str(self.base / "values")}
        (self.array / "calls").write_bytes(calls)
        (self.array / "index").write_bytes(index)
        (self.array / "submission.json").write_text(json.dumps(common))

    def run_job(self, number=0):
        """Runs a job; returns its exit code."""
        environment = dict(os.environ, MUSTER_JOB_INDEX=str(number), PYTHONPATH=os.pathsep.join(MODULES))
        command = [sys.executable, "-m", "muster_batch.runner", str(self.array)]
        return subprocess.run(command, cwd=self.base, env=environment, stderr=subprocess.DEVNULL, check=False).returncode

    def told(self, number=0):
        return [json.loads(line) for line in (self.array / ("%d.jsonl" % number)).read_text().splitlines()]

    def test_tells_what_becomes_of_its_tasks(self):
        self.write(["twice", "fail"], each=2)
        self.assertEqual(1, self.run_job())
        told = self.told()
        self.assertEqual(["begun", "log", "diagnostic", "result", "begun", "error"], [each["type"] for each in told])
        self.assertEqual((0, 0), (told[3]["task"], told[3]["output"]))
        self.assertEqual((1, "OPERATION"), (told[5]["task"], told[5]["kind"]))
        self.assertIn("no 1", told[5]["message"])

    def test_jobs_with_the_same_code_say_so_in_one_file(self):
        os.utime(self.base / "functions.py", (1e9, 1e9))
        self.write(["twice", "twice", "twice"], each=2, tells_code=True)
        self.assertEqual([0, 0], [self.run_job(number) for number in (0, 1)])
        told = [each["file"] for number in (0, 1) for each in self.told(number) if each["type"] == "code"]
        self.assertEqual(2, len(told))  # The second task of the first job has the same process.
        self.assertEqual(1, len(set(told)))
        files = json.loads((self.array / told[0]).read_text())
        self.assertIn("content", [kind for kind, path, _ in files if path == str(self.base / "functions.py")])
        self.assertEqual([], [path for _, path, _ in files if "muster_" in path])
        self.assertEqual([], list(self.array.glob("*.part")))

    def test_each_job_has_its_own_tasks(self):
        self.write(["twice", "twice", "twice"], each=2)
        self.assertEqual(0, self.run_job(1))
        self.assertEqual([4], [each["output"] for each in self.told(1) if each["type"] == "result"])

    def test_goes_on_where_it_was_when_it_is_started_again(self):
        self.write(["twice", "end", "twice"], each=3)
        self.assertEqual(9, self.run_job())
        with open(self.array / "0.jsonl", "a") as file:
            file.write('{"type":"res')  # It was written when the job was killed.
        self.write(["twice", "twice", "twice"], each=3)
        self.assertEqual(0, self.run_job())
        self.assertEqual("0\n1\n2\n", (self.base / "calls").read_text())
        self.assertEqual([0, 2, 4], [each["output"] for each in self.told() if each["type"] == "result"])

    def test_a_large_output_lies_in_a_file(self):
        self.write(["large"])
        self.assertEqual(0, self.run_job())
        name = self.told()[-1]["file"]
        self.assertEqual("y" * 300000, json.loads((self.array / name).read_text()))

    def test_inputs_are_read_from_files(self):
        (self.base / "values").mkdir()
        (self.base / "values/1.json").write_text("21")
        self.write(["twice"], inputs={"x": None}, read=[["x", None, "1.json"]])
        self.assertEqual(0, self.run_job())
        self.assertEqual(42, self.told()[-1]["output"])

    def test_variables_are_set(self):
        self.write(["variable"], variables={"COLOUR": "a b"})
        self.assertEqual(0, self.run_job())
        self.assertEqual("a b", self.told()[-1]["output"])


if __name__ == "__main__":
    unittest.main()
