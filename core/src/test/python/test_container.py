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

from muster_task import errors
from muster_task.container import Container, Runtime

TABLES = pathlib.Path(__file__).parents[4] / "core/src/test/resources/dev/muster/internal/operation"


def table(name):
    """Returns a table."""
    return json.loads((TABLES / name).read_text("utf-8"))


class ContainerTest(unittest.TestCase):
    """Goes by the table that the JVM goes by too, with what the JVM has decided for its rows."""

    def setUp(self):
        self.table = table("container-cases.json")
        self.specs = table("container-specs.json")

    def test_every_call_of_the_table(self):
        self.assertGreater(len(self.table["calls"]), 15)
        for case in self.table["calls"]:
            with self.subTest(case["name"]):
                spec = self.specs["calls"][case["name"]]
                use = spec["uses"][case["use"]]
                runtime = Runtime(spec, case["runtime"])
                call = dict(case, name="muster-1", use=use, reference=use["prefix"] + case["image"])
                words = ["GUARD" if word.startswith("mkfifo -m 600 ") else word for word in runtime.argv(call)]
                self.assertEqual(case["argv"], words)
                self.assertEqual(case["environment"], runtime.environment(case["variables"]))

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
        spec = self.specs["images"][case["image"]]
        runtimes = {kind: Runtime({"uses": uses, "mark": None}, kind) for kind, uses in spec["uses"].items()}
        expected = case["name"].replace("BASE", base)
        if case["form"] is None:
            with self.assertRaises(errors.Failure) as raised:
                runtimes["apptainer"].image(spec, base)
            self.assertEqual(("ENVIRONMENT", expected), (raised.exception.kind, str(raised.exception)))
        for kind, reference in case["references"].items():
            if reference is None:
                with self.assertRaisesRegex(errors.Failure, kind + " cannot run the container image"):
                    runtimes[kind].image(spec, base)
            else:
                name, use = runtimes[kind].image(spec, base)
                self.assertEqual((expected, reference.replace("BASE", base)), (name, use["prefix"] + name))

    def test_every_version_of_the_table(self):
        for case in self.table["versions"]:
            with self.subTest(case["version"]):
                runtime = Runtime(self.specs["kinds"][case["kind"]], "x")
                self.assertEqual(case["literal"], runtime.literal(case["version"]))

    def test_every_refusal_of_the_table(self):
        for case in self.table["refusals"]:
            with self.subTest(case["said"]):
                runtime = Runtime(self.specs["kinds"][case["kind"]], "x")
                self.assertEqual(case["refused"], runtime.refused(case["code"], case["said"] + "\n"))

    def test_every_list_of_folders_of_the_table(self):
        for case in self.table["folders"]:
            with self.subTest(case["name"]), tempfile.TemporaryDirectory() as root:
                self.check_folders(case, os.path.realpath(root))

    def check_folders(self, case, root):
        """Goes by one row of the table."""
        for name in case["folders"]:
            os.makedirs(os.path.join(root, name))
        for name in case["files"]:
            pathlib.Path(root, name).touch()
        for name, target in case["links"].items():
            os.symlink(os.path.join(root, target), os.path.join(root, name))

        def value(given):
            return [value(each) for each in given] if isinstance(given, list) else pathlib.Path(root, given)

        base = os.path.join(root, "base")
        spec = self.spec("podman", self.program(base, "podman", ""), [])
        details = {"pool": "default", "base_dir": base, "inputs": {"x": value(case["inputs"])}}
        data = [name if "://" in name else os.path.join(base, name) for name in case["data"]]
        outputs = [os.path.join(root, name) for name in case["outputs"]]
        line, _ = Container(spec, details, base).wrap(["true"], os.path.join(root, case["cwd"]), {}, data, outputs)
        mounted = [word.split("target=")[1] for word in line if word.startswith("type=bind")]
        self.assertEqual([os.path.join(root, name) for name in case["mounts"]], mounted)

    def spec(self, kind, program, credentials):
        """Returns what the JVM says of a container with an image in a registry."""
        runtime = dict(self.specs["kinds"][kind], program=program)
        way = {"inherits": ["GPUS"], "runtimes": [runtime], "missing": "there is no %s" % program}
        image = {"image": "img", "path": None, "name": "img"}
        return dict(image, pools={"": 0}, ways=[way], credentials=credentials, mounts=self.specs["mounts"])

    @staticmethod
    def program(base, name, text):
        """Makes a program."""
        made = pathlib.Path(base, name)
        made.write_text("#!/bin/sh\n" + text)
        made.chmod(0o755)
        return str(made)

    def test_credentials_and_gpus_of_the_worker_are_there_too(self):
        with tempfile.TemporaryDirectory() as base:
            for name, mode in (("folder", 0o755), ("own", 0o700), ("shared", 0o755)):
                os.mkdir(os.path.join(base, name))
                os.chmod(os.path.join(base, name), mode)
            own, shared = os.path.join(base, "own/token"), os.path.join(base, "shared/proxy")
            spec = self.spec("podman", self.program(base, "podman", "exit 0\n"), ["TOKEN", "PROXY", "NONE"])
            details = {"pool": "default", "base_dir": base + "/folder", "inputs": {}}
            with unittest.mock.patch.dict(os.environ, TOKEN=own, PROXY=shared, OTHER="x", GPUS="0,1"):
                line, variables = Container(spec, details, base + "/folder").wrap(
                    ["true"], base + "/folder", {"PROXY": "the stage's"}, (), ()
                )
            mounted = [word.split("target=")[1] for word in line if word.startswith("type=bind")]
            self.assertEqual([base + "/folder", os.path.dirname(own), shared], mounted)
            names = [after for word, after in zip(line, line[1:]) if word == "--env"]
            self.assertEqual(["GPUS", "PROXY", "TOKEN"], names)
            self.assertEqual((own, "the stage's"), (variables["TOKEN"], variables["PROXY"]))

    def test_a_value_that_a_shell_would_read_is_refused(self):
        with tempfile.TemporaryDirectory() as base:
            spec = self.spec("singularity", self.program(base, "singularity", "echo 3.8.7\n"), [])
            wrap = Container(spec, {"pool": "default", "base_dir": base, "inputs": {}}, base).wrap
            wrap(["true"], base, {"A": "plain"}, (), ())
            with self.assertRaisesRegex(errors.Failure, "the variable B has a .* 3.8.7 lets a shell read") as raised:
                wrap(["true"], base, {"A": "plain", "B": "`id`"}, (), ())
            self.assertEqual("ENVIRONMENT", raised.exception.kind)

    def test_an_image_is_pulled_once(self):
        with tempfile.TemporaryDirectory() as base:
            calls = pathlib.Path(base, "calls")
            spec = self.spec("podman", self.program(base, "podman", "echo $* >>%s\n[ $1 != image ]\n" % calls), [])
            box = Container(spec, {"pool": "default", "base_dir": base, "inputs": {}}, base)
            for _ in range(2):
                box.wrap(["true"], base, {}, (), ())
            self.assertEqual("image inspect --format {{.Id}} img\npull --quiet img\n", calls.read_text())
            box.remove()
            self.assertRegex(calls.read_text().splitlines()[-1], "^rm -f muster-")

    def test_a_runtime_that_is_not_there_is_told_with_the_host(self):
        spec = self.spec("podman", "podman-that-is-not-there", [])
        with self.assertRaisesRegex(errors.Failure, r"there is no podman-that-is-not-there \(on .+\)") as raised:
            Runtime.find(spec["ways"][0], "/")
        self.assertEqual("ENVIRONMENT", raised.exception.kind)

    def test_a_runtime_may_lie_beside_the_workflow(self):
        with tempfile.TemporaryDirectory() as base:
            self.program(base, "podman", "")
            found = Runtime.find(self.spec("podman", "./podman", [])["ways"][0], base)
            self.assertEqual(base + "/./podman", found.program)


if __name__ == "__main__":
    unittest.main()
