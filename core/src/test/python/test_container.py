"""Tests of commands in containers."""

import json
import os
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "main/python"
sys.path.insert(0, str(SOURCES))

from muster_task import container, container_runtimes, errors

CASES = pathlib.Path(__file__).parents[4] / "core/src/test/resources/dev/muster/internal/operation/container-cases.json"


class ContainerTest(unittest.TestCase):
    """Goes by the table that the JVM goes by too."""

    def setUp(self):
        self.table = json.loads(CASES.read_text())

    def test_every_call_of_the_table(self):
        for case in self.table["calls"]:
            with self.subTest(case["name"]):
                call = dict({"options": []}, **case)
                call.update(runtime=(case["kind"], case["program"]), name="muster-1")
                words = ["GUARD" if word == container_runtimes.GUARD else word for word in container_runtimes.argv(call)]
                self.assertEqual(case["argv"], words)
                self.assertEqual(case["environment"], container_runtimes.environment(call))

    def test_every_image_of_the_table(self):
        with tempfile.TemporaryDirectory() as base:
            os.mkdir(os.path.join(base, "folder"))
            for name in ("image.tar", "image.tar.gz", "image.sif"):
                pathlib.Path(base, name).touch()
            for case in self.table["images"]:
                with self.subTest(case["image"]):
                    self.check_image(case, base)

    def check_image(self, case, base):
        """Goes by one row of the table."""
        expected = case["name"].replace("BASE", base)
        if case["form"] is None:
            with self.assertRaises(errors.Failure) as raised:
                container_runtimes.parse_image(case["image"], base)
            self.assertEqual(("ENVIRONMENT", expected), (raised.exception.kind, str(raised.exception)))
            return
        self.assertEqual((case["form"], expected), container_runtimes.parse_image(case["image"], base))
        for kind, reference in case["references"].items():
            if reference is None:
                with self.assertRaisesRegex(errors.Failure, kind + " cannot run the container image"):
                    container_runtimes.reference(kind, case["form"], expected)
            else:
                self.assertEqual(reference.replace("BASE", base), container_runtimes.reference(kind, case["form"], expected))

    def test_credentials_of_the_worker_are_there_too(self):
        with tempfile.TemporaryDirectory() as base:
            for name, mode in (("folder", 0o755), ("own", 0o700), ("shared", 0o755)):
                os.mkdir(os.path.join(base, name), mode)
            own, shared = os.path.join(base, "own/token"), os.path.join(base, "shared/proxy")
            program = pathlib.Path(base, "podman")
            program.touch(0o755)
            pool = {"runtime": str(program), "options": [], "gpus": False}
            spec = {"image": base + "/folder", "pools": {"": pool}, "credentials": ["TOKEN", "PROXY", "NONE"]}
            details = {"pool": "default", "base_dir": base + "/folder", "inputs": {}}
            with unittest.mock.patch.dict(os.environ, TOKEN=own, PROXY=shared, OTHER="x"):
                line, variables = container.Container(spec, details, base + "/folder").wrap(
                    ["true"], base + "/folder", {"PROXY": "the stage's"}, (), ()
                )
            mounted = [word.split("target=")[1] for word in line if word.startswith("type=bind")]
            self.assertEqual([base + "/folder", os.path.dirname(own), shared], mounted)
            names = [after for word, after in zip(line, line[1:]) if word == "--env"]
            self.assertEqual(["PROXY", "TOKEN"], names)
            self.assertEqual((own, "the stage's"), (variables["TOKEN"], variables["PROXY"]))

    def test_every_version_of_the_table(self):
        for case in self.table["versions"]:
            with self.subTest(case["version"]):
                self.assertEqual(case["literal"], container_runtimes.literal(case["kind"], case["version"]))

    def test_a_value_that_a_shell_would_read_is_refused(self):
        with tempfile.TemporaryDirectory() as base:
            os.mkdir(os.path.join(base, "folder"))
            program = pathlib.Path(base, "singularity")
            program.write_text("#!/bin/sh\necho 3.8.7\n")
            program.chmod(0o755)
            pool = {"runtime": str(program), "options": [], "gpus": False}
            spec = {"image": base + "/folder", "pools": {"": pool}, "credentials": []}
            wrap = container.Container(spec, {"pool": "default", "base_dir": base, "inputs": {}}, base).wrap
            wrap(["true"], base, {"A": "plain"}, (), ())
            with self.assertRaisesRegex(errors.Failure, "the variable B has a .* 3.8.7 lets a shell read") as raised:
                wrap(["true"], base, {"A": "plain", "B": "`id`"}, (), ())
            self.assertEqual("ENVIRONMENT", raised.exception.kind)

    def test_the_guard_is_that_of_the_table(self):
        self.assertEqual(self.table["guard"], container_runtimes.GUARD)

    def test_a_runtime_that_is_not_there_is_told(self):
        for name, words in (
            ("/nowhere/podman", "/nowhere/podman' of execution.config.container_runtime does not exist"),
            ("podman-that-is-not-there", "is not on PATH; install it, for example with apt-get install podman"),
            ("nspawn", "must begin with one of apptainer, singularity, podman, docker"),
        ):
            with self.assertRaises(errors.Failure) as raised:
                container_runtimes.find_runtime(name, "/")
            self.assertEqual("ENVIRONMENT", raised.exception.kind)
            self.assertIn(words, str(raised.exception))

    def test_that_there_is_no_runtime_is_told_with_what_installs_one(self):
        with unittest.mock.patch.dict(os.environ, PATH="/nowhere"), self.assertRaises(errors.Failure) as raised:
            container_runtimes.find_runtime(None, "/")
        self.assertEqual("ENVIRONMENT", raised.exception.kind)
        self.assertIn("looked for apptainer, singularity, podman, docker on PATH", str(raised.exception))
        self.assertIn("apt-get install podman", str(raised.exception))

    def test_a_runtime_may_lie_beside_the_workflow(self):
        with tempfile.TemporaryDirectory() as base:
            program = pathlib.Path(base, "podman")
            program.write_text("#!/bin/sh\n")
            program.chmod(0o755)
            self.assertEqual(("podman", base + "/./podman"), container_runtimes.find_runtime("./podman", base))


if __name__ == "__main__":
    unittest.main()
