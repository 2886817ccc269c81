"""Files that the plan names, and their paths on workers that have the workflow's folder elsewhere."""

import contextlib
import io
import pathlib
import shutil
import tempfile
import types
import unittest
import warnings

from fixture import Fixture

import driver
from muster_fasthep import compiler, moves

from compare import differences


def setUpModule():
    global fixture
    fixture = Fixture()


def tearDownModule():
    fixture.close()


def plan(**params):
    node = types.SimpleNamespace(id="stage.A", role="transform", params=params, meta={})
    return types.SimpleNamespace(
        nodes=[node],
        execution_hooks=[{"kind": "h", "table": "/root/t.csv"}],
        context={"globals": {"G": "/root/g.csv"}, "project_root": "/root", "datasets": {}},
        execution={"resources": {"r": {"kind": "file", "path": "/root/sub/r.csv"}}},
        provenance={},
    )


class FilesTest(unittest.TestCase):
    def test_tells_the_files_that_the_plan_names(self):
        _, answer = fixture.answer("corrections", 25)
        names = [str(pathlib.Path(each).relative_to(fixture.root)) for each in answer["files"]]
        wanted = ["lines.txt", "more.csv", "res.csv", "root.csv", "scale.csv"]
        self.assertEqual(["tables/%s" % each for each in wanted], names)
        sizes = {each["path"]: each["size"] for each in answer["inputs"]}
        self.assertTrue(set(answer["files"]) <= set(sizes))

    def test_a_file_that_is_not_there_yet_makes_another_compile_once_it_is(self):
        with tempfile.TemporaryDirectory() as root:
            found, absent = moves.files(plan(a="t.csv", b=["x/u.csv", "pt > 1.5"], c="s3://b/c.csv"), root, set())
            self.assertEqual([], found)
            self.assertEqual([root + "/t.csv", root + "/x/u.csv"], absent)
            pathlib.Path(root, "t.csv").touch()
            self.assertEqual([root + "/t.csv"], moves.files(plan(a="t.csv"), root, set())[0])
            self.assertEqual([], moves.files(plan(a="t.csv"), root, {root + "/t.csv"})[0])

    def test_folders_that_fasthep_resolved_are_told_file_by_file(self):
        with tempfile.TemporaryDirectory() as root:
            for name in ("t/a.csv", "t/.b", "t/.git/c", "t/u/d.txt", "t/u/e.py", "data/f.csv"):
                path = pathlib.Path(root, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
            named = plan(script="t/u/e.py", table=root + "/t")
            named.provenance = {
                "inputs": [
                    {"role": "param:A.table", "resolved": root + "/t"},
                    {"role": "source_file", "resolved": root + "/data/f.csv"},
                    {"role": "param:A.other", "resolved": "/etc/passwd"},
                ]
            }
            found, absent = moves.files(named, root, set())
            self.assertEqual([[root + "/t/a.csv", root + "/t/u/d.txt"], []], [found, absent])

    def test_what_fasthep_warns_of_is_told(self):
        told = ["FAST-HEP: once"]
        with contextlib.redirect_stderr(io.StringIO()), compiler._warnings(told):
            for text, category, path in (
                ("two\n lines", FutureWarning, "/site-packages/hepflow/compiler/x.py"),
                ("once", UserWarning, "/site-packages/fasthep_curator/x.py"),
                ("old", DeprecationWarning, "/site-packages/hepflow/x.py"),
                ("other", UserWarning, "/site-packages/numpy/x.py"),
            ):
                warnings.warn_explicit(text, category, path, 1)
        self.assertEqual(["FAST-HEP: once", "FAST-HEP: two lines"], told)


class MovedTest(unittest.TestCase):
    def test_nothing_changes_where_the_folder_is_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            link = pathlib.Path(folder, "link")
            link.symlink_to(folder)
            for other in (folder, folder + "/", link):
                moved = moves.Moved(folder, other)
                self.assertFalse(moved)
                same = plan(a=folder + "/t.csv")
                moved.plan(same)
                self.assertEqual(folder + "/t.csv", same.nodes[0].params["a"])
                self.assertEqual(str(link) + "/x", moved.back(str(link) + "/x"))

    def test_changes_the_paths_of_a_plan_and_back(self):
        moved = moves.Moved("/root", "/job/base")
        changed = plan(a="/root/t.csv", b=[{"c": "/root"}, "/rooted/x", "see /root/t.csv"], d=1)
        moved.plan(changed)
        self.assertEqual(
            {"a": "/job/base/t.csv", "b": [{"c": "/job/base"}, "/rooted/x", "see /root/t.csv"], "d": 1},
            changed.nodes[0].params,
        )
        self.assertEqual({"kind": "h", "table": "/job/base/t.csv"}, changed.execution_hooks[0])
        self.assertEqual({"G": "/job/base/g.csv"}, changed.context["globals"])
        self.assertEqual("/job/base", changed.context["project_root"])
        self.assertEqual("/job/base/sub/r.csv", changed.execution["resources"]["r"]["path"])
        self.assertEqual([{"files": ["/root/t.csv"]}], moved.back([{"files": ["/job/base/t.csv"]}]))

    def test_refuses_a_sink_that_writes_into_the_folder(self):
        moved = moves.Moved("/root", "/job/base")
        written = plan(path="/root/out.txt")
        written.nodes[0].role = "sink"
        moved.plan(written)
        with self.assertRaisesRegex(ValueError, "node stage.A writes to /root/out.txt, .*write a relative path"):
            moved.check(written.nodes)
        written.nodes[0].params = {"path": "/eos/out.txt"}
        moved.check(written.nodes)
        moves.Moved("/root", "/root").check(plan(path="/root/out.txt").nodes)


class RunTest(unittest.TestCase):
    def test_runs_where_the_folder_is_another_one(self):
        outdir, answer = fixture.answer("corrections", 25)
        there = fixture.folder / "there"
        shutil.copytree(fixture.root, there)
        hidden = fixture.root.with_name("hidden")
        work = fixture.folder / "moved"
        fixture.reference("corrections", 25)
        fixture.root.rename(hidden)
        try:
            driver.Driver(there, outdir, answer["plans"][0], work / "tasks", compatible=True).run(work / "products")
        finally:
            hidden.rename(fixture.root)
        found = differences(fixture.reference("corrections", 25), work / "products")
        # The report tells the current folder of this process.
        self.assertEqual([], [each for each in found if not each.startswith("reports/p/run.")])


if __name__ == "__main__":
    unittest.main()
