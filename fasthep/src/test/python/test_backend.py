"""The backend `muster` in FAST-HEP: how it is installed, starts Muster, and tells what came of it.

What a real Muster makes of the plan is compared in scripts/checks/55-fasthep.sh. Here small scripts stand for the
command.
"""

import os
import pathlib
import signal
import stat
import subprocess
import sys
import tempfile
import unittest

import yaml
from fixture import Fixture

HOME = pathlib.Path(__file__).resolve().parents[4]
BACKEND = HOME / "fasthep" / "backend"
FASTHEP = pathlib.Path(sys.executable).with_name("fasthep")
TOLD = """
{"event":"RunStarted","tasks":4}
{"event":"TaskStarted","task":0,"name":"Count/b.0","attempt":1}
{"event":"TaskStarted","task":2,"name":"More/b.0","attempt":1}
{"event":"TaskFailed","task":0,"name":"Count/b.0","attempt":1,"kind":"OPERATION","retryAfter":0.1}
{"event":"TaskStarted","task":0,"name":"Count/b.0","attempt":2}
{"event":"TaskSucceeded","task":0,"name":"Count/b.0","attempt":2}
{"event":"TaskSucceeded","task":2,"name":"More/b.0","attempt":1}
{"event":"TaskStarted","task":1,"name":"Count/a.0","attempt":1}
{"event":"TaskFailed","task":1,"name":"Count/a.0","attempt":1,"kind":"OPERATION","message":"no"}
{"event":"TaskStarted","task":4,"name":"merge/a","attempt":1}
{"event":"TaskSta"""


def setUpModule():
    global fixture
    fixture = Fixture()
    profiles = fixture.root / ".hepflow" / "profiles"
    (profiles / "basic.yaml").write_text("includes: [registry, 'muster_backend:registry']\n")


def tearDownModule():
    fixture.close()


class BackendTest(unittest.TestCase):
    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(dir=fixture.folder, prefix="it's a = folder "))

    def command(self, text):
        """Makes a program that stands for Muster."""
        path = self.work / "muster"
        path.write_text("#!/usr/bin/env bash\n" + text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def start(self, muster=None, path=None, **more):
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(BACKEND), str(fixture.root)]),
            "FASTHEP_NO_LOGO": "1",
            **({} if muster is None else {"MUSTER_COMMAND": str(muster)}),
            **({} if path is None else {"PATH": path}),
            **more,
        }
        arguments = [FASTHEP, "run", "chunk.yaml", "--outdir", str(self.work / "out"), "--chunk-size", "100"]
        return subprocess.Popen(
            [*arguments, "--backend", "muster", "--partition", "2"],
            cwd=fixture.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_it(self, *arguments, **more):
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def test_asks_for_muster_where_there_is_none(self):
        code, _, err = self.run_it(path="/usr/bin:/bin")
        self.assertEqual(127, code)
        self.assertIn("the PATH has no muster; set MUSTER_COMMAND", err)
        self.assertNotIn("Traceback", err)

    def test_names_a_command_that_is_not_there(self):
        code, _, err = self.run_it(self.work / "nowhere")
        self.assertEqual(127, code)
        self.assertIn("MUSTER_COMMAND names %s" % (self.work / "nowhere"), err)

    def test_passes_on_that_java_is_missing(self):
        code, _, err = self.run_it(HOME / "muster", JAVA_HOME=str(self.work))
        self.assertEqual(2, code)
        self.assertIn("where there is no bin/java", err)
        self.assertNotIn("Traceback", err)

    def test_passes_on_the_exit_code_and_what_is_said(self):
        code, _, err = self.run_it(self.command("echo 'Count failed' >&2; exit 3\n"))
        self.assertEqual(3, code)
        self.assertIn("Count failed", err)
        self.assertIn("Run failed", err)
        self.assertNotIn("Traceback", err)

    def test_gives_muster_the_selected_partitions_and_keeps_the_compiled_plan(self):
        text = 'printf "%s\\n" "$@" >"$WORK/arguments"; cp "$2" "$WORK/plan"; echo bad >"$WORK/out/compile/plan.yaml"; exit 1\n'
        self.run_it(self.command(text), WORK=str(self.work))
        arguments = (self.work / "arguments").read_text().splitlines()
        self.assertEqual(["run", str(self.work / "out" / "execution" / "muster" / "plan.yaml")], arguments[:2])
        self.assertEqual(str(self.work / "out"), arguments[arguments.index("--outdir") + 1])
        self.assertRegex(arguments[arguments.index("--set") + 1], 'config.python="%s/python3?"' % FASTHEP.parent)
        given = yaml.safe_load((self.work / "plan").read_text())
        compiled = yaml.safe_load((self.work / "out" / "compile" / "plan.yaml").read_text())
        self.assertEqual("muster", given["execution"]["backend"])
        self.assertEqual("local", compiled["execution"]["backend"])
        self.assertEqual(compiled["partitions"][1:2], given["partitions"])

    def test_an_interrupt_ends_muster_in_order(self):
        for number, expected in ((signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)):
            text = 'trap "echo ending >&2; exit 130" INT TERM\necho started >&2\nwhile :; do sleep 0.1; done\n'
            process = self.start(self.command(text))
            for line in process.stderr:
                if line == "started\n":
                    break
            process.send_signal(number)
            _, err = process.communicate(timeout=60)
            self.assertIn("ending", err)
            self.assertEqual(expected, process.returncode)

    def test_is_installed_without_anything_else(self):
        for options in ([], ["--editable"]):
            site = self.work / "".join(["site", *options])
            install = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--target", site, *options, BACKEND]
            subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
            code = "import site; site.addsitedir(%r); import muster_backend as m, importlib.resources as r; " % str(site)
            code += "print(m.SPEC.build_directories[0], r.files(m).joinpath('profiles/registry.yaml').is_file())"
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            self.assertEqual("execution/muster True\n", done.stdout)


class JournalTest(unittest.TestCase):
    def test_tells_what_happens_to_partitions(self):
        from hepflow.model.plan import ExecutionPartition, ExecutionPlan
        from hepflow.progress import ProgressReporter

        sys.path.insert(0, str(BACKEND))
        from muster_backend.journal import Journal

        run = pathlib.Path(tempfile.mkdtemp(dir=fixture.folder))
        partitions = [
            ExecutionPartition(
                id="%s_%s" % (source, name), dataset=name, file="f", source=source, part="0_0", start=None, stop=None
            )
            for source in ("one", "two")
            for name in ("a", "b")
        ]
        plan = ExecutionPlan(context={}, registry={}, provenance={}, execution={})
        plan.partitions = partitions
        seen = []

        class Sink:
            def handle(self, update):
                if update.event.partition_id:
                    seen.append((update.event.partition_id, update.event.to_state))

        reporter = ProgressReporter(partitions, sinks=[Sink()])
        with Journal(run, plan, reporter) as journal:
            journal.read()
            stages = [("Count", "partition", 2), ("More", "partition", 2), ("merge", "dataset", 2)]
            told = {
                "datasets": [{"name": "b"}, {"name": "a"}],
                "stages": [{"id": name, "scope": scope, "tasks": tasks} for name, scope, tasks in stages],
            }
            (run / "plan.yaml").write_text(yaml.safe_dump(told))
            (run / "journal").write_text(TOLD.lstrip())
            journal.read()
        reporter.close()
        self.assertEqual(
            [
                ("one_b", "running"),
                ("one_b", "pending"),
                ("one_b", "running"),
                ("one_b", "completed"),
                ("one_a", "running"),
                ("one_a", "failed"),
            ],
            seen,
        )


if __name__ == "__main__":
    unittest.main()
