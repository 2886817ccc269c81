"""The compiler's answers."""

import hashlib
import json
import os
import pathlib
import pickle
import shutil
import subprocess
import sys
import tempfile
import types
import unittest
from unittest import mock

from fixture import Fixture

import driver
from muster_fasthep import borrowed, compiler, inputs, plan


def setUpModule():
    global fixture
    fixture = Fixture()


def tearDownModule():
    fixture.close()


class AnswerTest(unittest.TestCase):
    def test_tells_nodes_datasets_and_partitions(self):
        _, answer = fixture.answer("toy", 3)
        self.assertTrue(answer["ok"])
        (told,) = answer["plans"]
        self.assertEqual(
            [["one", "mc"], ["two", "data"]], [[each["name"], each["eventtype"]] for each in told["datasets"]]
        )
        nodes = {each["id"]: each for each in told["nodes"]}
        self.assertEqual({"stage.Lookup"}, {name for name, each in nodes.items() if each["shared"]})
        self.assertEqual("big", nodes["stage.Split"]["execution"]["require"])
        self.assertEqual([{"name": "tiny.double", "params": {"by": 3}}], nodes["stage.Split"]["execution"]["modifiers"])
        self.assertEqual(["total"], nodes["stage.Split"]["kept"])
        self.assertEqual([], nodes["read.numbers"]["kept"])
        whens = {each["stage_id"]: each["when"] for each in told["nodes"] if each["role"] == "sink"}
        self.assertEqual({"EachPart": "partition_end", "EachSet": "dataset_end", "AtEnd": "run_end"}, whens)
        self.assertEqual(
            [[0, 3], [3, 6], [0, 3], [3, 4]], [[each["start"], each["stop"]] for each in told["partitions"]]
        )

    def test_tells_which_hooks_keep_state(self):
        _, answer = fixture.answer("hooks", 3)
        told = {each["kind"]: each["stateful"] for each in answer["plans"][0]["hooks"]}
        self.assertEqual({"tiny.trace": False, "tiny.tally": True}, told)

    def test_tells_where_a_node_applies(self):
        _, answer = fixture.answer("leptons")
        nodes = {each["id"]: each for each in answer["plans"][0]["nodes"]}
        self.assertEqual(["simulated"], nodes["stage.SimOnly"]["datasets"])
        self.assertEqual({"eventtype": "mc"}, nodes["stage.SimOnly"]["applies_to"])
        self.assertEqual(["measured", "simulated"], nodes["stage.Lead"]["datasets"])

    def test_tells_which_partitions_repeat_events(self):
        _, answer = fixture.answer("join")
        self.assertEqual([None, "a__sim__0"], [each["duplicate_of"] for each in answer["plans"][0]["partitions"]])

    def test_warns_of_a_dropped_edge_and_puts_it_back(self):
        _, answer = fixture.answer("two_ports")
        self.assertEqual(1, len(answer["warnings"]))
        self.assertIn("stage.Split.total -> stage.Pair as 'right'", answer["warnings"][0])
        pair = next(each for each in answer["plans"][0]["nodes"] if each["id"] == "stage.Pair")
        self.assertIn({"node": "stage.Split", "output": "total", "input": "right", "restored": True}, pair["inputs"])

    def test_tells_of_a_hook_that_counts_on_one_process(self):
        def apart(name):
            _, answer = fixture.answer(name)
            return [each["apart"] for each in answer["plans"][0]["hooks"] if each["kind"] == "tiny.forget"]

        self.assertEqual(["before_node and run_end"], apart("forget"))
        self.assertEqual([None, None], apart("warnings"))

    def test_tells_a_plan_for_each_variation(self):
        outdir, answer = fixture.answer("systematics")
        self.assertEqual(["nominal", "weight_up", "other_sample"], [each["variation"] for each in answer["plans"]])
        self.assertEqual([True, False, False], [each["is_nominal"] for each in answer["plans"]])
        for each in answer["plans"]:
            self.assertTrue((outdir / each["pickle"]).is_file())
            self.assertTrue((outdir / each["compile"] / "plan.yaml").is_file())

    def test_compiles_what_fasthep_has_no_backend_for(self):
        toy = (fixture.root / "toy.yaml").read_text()
        for i, backend in enumerate(("dask", "nosuch", "dask\n  strategy: slurm")):
            path = fixture.root / ("toy_%d.yaml" % i)
            path.write_text(toy.replace("execution:\n", "execution:\n  backend: %s\n" % backend, 1))
            answer = driver.compile_workflow(fixture.root, fixture.folder / ("toy_%d" % i), path)
            self.assertTrue(answer["ok"], answer)
            self.assertEqual(backend.split("\n")[0], answer["plans"][0]["execution"]["backend"])
            self.assertEqual(["default", "big"], list(answer["plans"][0]["execution"]["pools"]))

    def test_chooses_variations(self):
        chosen = driver.compile_workflow(
            fixture.root, fixture.folder / "chosen", fixture.root / "systematics.yaml", variations=["weight_up"]
        )
        self.assertEqual(["weight_up"], [each["variation"] for each in chosen["plans"]])
        refused = driver.compile_workflow(
            fixture.root, fixture.folder / "none", fixture.root / "systematics.yaml", variations=["up"]
        )
        self.assertEqual("compile", refused["error"]["kind"])
        self.assertIn("nominal, weight_up, other_sample", refused["error"]["hint"])

    def test_takes_a_compiled_plan(self):
        outdir, answer = fixture.answer("toy", 3)
        taken = driver.compile_workflow(fixture.root, fixture.folder / "taken", plan=outdir / "compile" / "plan.yaml")
        self.assertEqual(answer["plans"][0]["nodes"], taken["plans"][0]["nodes"])
        self.assertEqual(answer["plans"][0]["partitions"], taken["plans"][0]["partitions"])
        self.assertTrue((fixture.folder / "taken/compile/inputs.manifest.yaml").is_file())


class InputsTest(unittest.TestCase):
    def entries(self, name):
        _, answer = fixture.answer(name)
        return {pathlib.Path(each["path"]): each for each in answer["inputs"]}, answer

    def test_names_a_file_that_was_tried_and_is_not_there(self):
        noted = inputs.Inputs()
        missing = fixture.folder / "optional.yaml"
        with self.assertRaises(FileNotFoundError):
            open(missing)
        found = {each["path"]: each["size"] for each in noted.entries()}
        self.assertEqual(inputs.ABSENT, found[str(missing)])

    def test_names_what_the_compile_read(self):
        entries, answer = self.entries("toy")
        workflow = fixture.root / "toy.yaml"
        self.assertEqual(hashlib.sha256(workflow.read_bytes()).hexdigest(), entries[workflow]["sha256"])
        self.assertEqual(workflow.stat().st_mtime_ns, entries[workflow]["mtime_ns"])
        self.assertIn(fixture.root / "tiny_ops.py", entries)
        self.assertIn(fixture.root / ".hepflow/profiles/tiny.yaml", entries)
        self.assertEqual([str(fixture.root / "tiny_ops.py")], answer["modules"])
        self.assertFalse([each for each in entries if "site-packages" in str(each) or "compiled" in str(each)])

    def test_names_data_files_without_their_hash(self):
        entries, _ = self.entries("leptons")
        data = entries[fixture.root / "data/run_a.root"]
        self.assertEqual([(fixture.root / "data/run_a.root").stat().st_size, None], [data["size"], data["sha256"]])

    def test_names_profiles_that_are_not_there(self):
        root = fixture.folder / "bare"
        root.mkdir()
        shutil.copy2(fixture.root / "chunk.yaml", root)
        answer = driver.compile_workflow(root, fixture.folder / "compiled_bare", root / "chunk.yaml")
        entries = {each["path"]: each["size"] for each in answer["inputs"]}
        self.assertEqual(-1, entries[str(root / ".hepflow/profiles")])

    def test_says_which_urls_were_opened(self):
        out = fixture.folder / "urls"
        (out / "compile").mkdir(parents=True)
        told = {"counted": {"total_entries_origin": "read"}, "said": {"total_entries_origin": "nevents"}}
        (out / "compile/dataset_metadata.json").write_text(json.dumps({"datasets": told}))
        files = {"counted": {"files": ["root://x/a.root", "b.root"]}, "said": {"files": ["root://x/c.root"]}}
        plans = [types.SimpleNamespace(context={"datasets": files})]
        self.assertEqual({"root://x/a.root"}, compiler._opened_urls(out, plans))

    def test_finds_modules_of_the_root_before_installed_ones(self):
        path = [str(fixture.root), "/usr/lib/python3.11", "/x/site-packages"]
        with mock.patch.object(sys, "path", path):
            compiler._find_modules(str(fixture.root))
            self.assertEqual(["/usr/lib/python3.11", str(fixture.root), "/x/site-packages"], sys.path)

    def test_does_not_count_folders_that_imports_look_into(self):
        for name in ("toy", "leptons"):
            entries, _ = self.entries(name)
            self.assertNotIn(fixture.root, entries)
            self.assertNotIn(driver.SOURCES, entries)


class ErrorTest(unittest.TestCase):
    def error(self, text, **more):
        folder = pathlib.Path(tempfile.mkdtemp(dir=fixture.folder))
        path = fixture.root / (folder.name + ".yaml")
        path.write_text(text)
        answer = driver.compile_workflow(fixture.root, folder / "out", path, **more)
        self.assertFalse(answer["ok"])
        return answer["error"]

    def test_names_an_unknown_operation(self):
        error = fixture.answer("unknown")[1]["error"]
        self.assertEqual("unknown_impl", error["kind"])
        self.assertEqual(
            "node stage.Split: 'tiny.splitt' is not among the registry's transforms; did you mean 'tiny.split'?",
            error["message"],
        )

    def test_names_an_implementation_that_cannot_be_imported(self):
        text = (fixture.root / "swallow.yaml").read_text()
        profile = 'registry: {transforms: {tiny.bad: {spec: "tiny_ops:BAD", impl: "tiny_ops:gone"}}}\n'
        error = self.error(text.replace("analysis:", profile + "analysis:"))
        self.assertEqual("unknown_impl", error["kind"])
        self.assertIn("the impl of 'tiny.bad', tiny_ops:gone, cannot be imported", error["message"])

    def test_tells_an_error_of_the_compile(self):
        error = self.error('version: "1.0"\nuse: {profiles: [nosuch]}\nanalysis: {stages: []}\n')
        self.assertEqual("compile", error["kind"])
        self.assertIn("'nosuch'", error["message"])
        self.assertIn("Traceback", error["traceback"])

    def test_says_which_module_is_missing(self):
        text = (fixture.root / "swallow.yaml").read_text()
        profile = 'registry: {transforms: {tiny.bad: {spec: "nosuchmodule:BAD", impl: "nosuchmodule:bad"}}}\n'
        error = self.error(text.replace("analysis:", profile + "analysis:"))
        self.assertIn("nosuchmodule", error["message"])
        self.assertIn("PYTHONPATH", error["hint"])

    def test_says_how_to_install_fasthep(self):
        out = fixture.folder / "not_installed"
        request = {
            "workflow": str(fixture.root / "toy.yaml"),
            "plan": None,
            "root": str(fixture.root),
            "outdir": str(out),
        }
        environment = {**os.environ, "PYTHONPATH": str(driver.SOURCES)}
        command = [sys.executable, "-S", "-P", "-m", "muster_fasthep.compiler"]
        subprocess.run(command, input=json.dumps(request), text=True, env=environment, check=True)
        error = json.loads((out / "muster/answer.json").read_text())["error"]
        self.assertEqual("not_installed", error["kind"])
        self.assertIn("pip install fasthep-flow", error["hint"])

    def test_refuses_a_plan_that_is_none(self):
        path = fixture.folder / "bad.yaml"
        path.write_text("nodes: [{id: 1}]\n")
        answer = driver.compile_workflow(fixture.root, fixture.folder / "bad", plan=path)
        self.assertEqual("load", answer["error"]["kind"])


class VersionTest(unittest.TestCase):
    def test_has_all_that_is_borrowed(self):
        self.assertEqual([], borrowed.missing())
        self.assertEqual([], compiler.check_installation())

    def test_warns_once_of_a_newer_version(self):
        with mock.patch.object(borrowed, "versions", lambda: {"fasthep-flow": "2027.1.0"}):
            (warning,) = compiler.check_installation()
        self.assertIn("2027.1.0 is newer", warning)

    def test_refuses_an_older_version(self):
        with mock.patch.object(borrowed, "versions", lambda: {"fasthep-flow": "2026.9.3"}):
            with self.assertRaises(compiler.Refused) as caught:
                compiler.check_installation()
        self.assertEqual("too_old", caught.exception.kind)

    def test_refuses_a_function_that_has_changed(self):
        from hepflow.runtime import engine

        def changed(plan, *, ctx, must_have):
            pass

        with mock.patch.object(engine, "execute_plan_partition", changed):
            with self.assertRaises(compiler.Refused) as caught:
                compiler.check_installation()
        self.assertEqual("missing_function", caught.exception.kind)
        self.assertIn("execute_plan_partition no longer takes 'initial_values'", str(caught.exception))
        self.assertIn("execute_plan_partition now needs 'must_have'", str(caught.exception))

    def test_worker_refuses_other_versions(self):
        outdir, answer = fixture.answer("toy", 3)
        folder = fixture.folder / "other_versions"
        shutil.copytree(outdir / "muster/plans", folder)
        (folder / "versions.json").write_text(
            json.dumps({"versions": {"fasthep-flow": "2026.10.0", "fasthep-nosuch": "1"}})
        )
        with self.assertRaisesRegex(
            RuntimeError,
            r"fasthep-flow is 2026\.10\.1 here and was 2026\.10\.0; fasthep-nosuch is missing here and was 1",
        ):
            plan.load(str(folder / "plan.pickle"))

    def test_finds_a_plan_by_name(self):
        outdir, _ = fixture.answer("toy", 3)
        with mock.patch.object(sys, "path", [*sys.path, str(outdir / "muster")]):
            self.assertEqual(outdir / "muster/plans/plan.pickle", plan.find("plan"))
        with self.assertRaisesRegex(FileNotFoundError, "nosuch"):
            plan.find("nosuch")

    def test_a_task_does_not_see_what_another_changed_in_the_plan(self):
        outdir, _ = fixture.answer("toy", 3)
        loaded = plan.load(str(outdir / "muster/plans/plan.pickle"))
        loaded.plan().nodes[0].params["changed"] = True
        self.assertNotIn("changed", loaded.plan().nodes[0].params)
        self.assertEqual(4, len(loaded.partitions))
        self.assertLess(len(pickle.dumps(loaded.plan())), (outdir / "compile/plan.yaml").stat().st_size)


if __name__ == "__main__":
    unittest.main()
