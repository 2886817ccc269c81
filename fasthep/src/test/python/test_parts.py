"""The parts: paths that move, values that travel, and the comparison of the tests itself."""

import json
import pathlib
import pickle
import tempfile
import types
import unittest

import fixture  # noqa: F401
from muster_fasthep import hooks, joins, relocate, store

from compare import differences


class RelocationTest(unittest.TestCase):
    def setUp(self):
        self.moved = relocate.Relocation(["/run/t1/out", "/run/out/t2/out", "/a b/[x]'/out"], "/products")

    def test_changes_paths_in_texts(self):
        self.assertEqual("/products", self.moved.apply("/run/t1/out"))
        self.assertEqual("/products/a b/out/c", self.moved.apply("/run/t1/out/a b/out/c"))
        self.assertEqual("see '/products/x', /products/y.", self.moved.apply("see '/run/t1/out/x', /run/out/t2/out/y."))
        self.assertEqual("/products/c d, /products", self.moved.apply("/a b/[x]'/out/c d, /run/t1/out"))
        self.assertEqual("file:///products/x", self.moved.apply("file:///run/t1/out/x"))

    def test_leaves_other_paths(self):
        for text in (
            "/run/t3/out/x",
            "/run/t1/output",
            "/run/t1/out-x",
            "x/run/t1/out/x",
            "run/t1/out/x",
            "without",
            "/run/out/x",
        ):
            self.assertEqual(text, self.moved.apply(text))

    def test_changes_containers(self):
        value = {"a": ["/run/t1/out/x", (1, "/run/t1/out")], "b": pathlib.Path("/run/t1/out/p"), "c": {1.5, None}}
        moved = self.moved.apply(value)
        self.assertEqual(
            {"a": ["/products/x", (1, "/products")], "b": pathlib.Path("/products/p"), "c": {1.5, None}}, moved
        )

    def test_changes_references_of_fasthep(self):
        from hepflow.model.io import ArtifactManifest, OutputResult

        part = OutputResult(
            kind="artifact", path="/run/t1/out/f", metadata={"p": "/run/t1/out/g"}, producer_node="n", output_name="a"
        )
        manifest = ArtifactManifest("artifact", None, "n", "a", "d", (part,), {"m": "/run/t1/out"})
        moved = self.moved.apply(manifest)
        self.assertEqual(["/products/f", {"p": "/products/g"}], [moved.parts[0].path, moved.parts[0].metadata])
        self.assertEqual({"m": "/products"}, dict(moved.metadata))


class GatherTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def tree(self, name, **files):
        for path, text in files.items():
            (self.folder / name).mkdir(exist_ok=True)
            (self.folder / name / path).write_text(text)
        return self.folder / name

    def test_puts_files_together(self):
        trees = [self.tree("one", a="1", same="0"), self.tree("two", b="2", same="0")]
        self.assertEqual(["a", "b", "same"], relocate.gather(trees, self.folder / "root"))
        self.assertEqual("2", (self.folder / "root/b").read_text())

    def test_refuses_two_files_of_one_name(self):
        trees = [self.tree("one", a="1"), self.tree("two", a="2")]
        with self.assertRaisesRegex(FileExistsError, "different files a"):
            relocate.gather(trees, self.folder / "root")
        relocate.gather(trees, self.folder / "root", last_wins=True)
        self.assertEqual("2", (self.folder / "root/a").read_text())

    def test_replaces_files_of_an_earlier_run(self):
        self.tree("root", a="0")
        relocate.gather([self.tree("one", a="1")], self.folder / "root")
        self.assertEqual("1", (self.folder / "root/a").read_text())

    def test_tells_whether_there_are_files(self):
        (self.folder / "empty/a/b").mkdir(parents=True)
        self.assertIsNone(relocate.with_files(self.folder / "empty"))
        self.assertIsNone(relocate.with_files(self.folder / "nosuch"))
        full = self.tree("full", a="1")
        self.assertEqual(full, relocate.with_files(full))


class StoreTest(unittest.TestCase):
    def test_carries_views(self):
        values = {"values": {("n", "p"): types.MappingProxyType({"a": 1})}}
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(values, store.get(store.put(values, pathlib.Path(folder, "x"))))

    def test_names_what_cannot_be_carried(self):
        with self.assertRaisesRegex(TypeError, "the output p of node n, a function, cannot be pickled"):
            store.put({"values": {("m", "p"): 1, ("n", "p"): lambda: 1}}, "unused")

    def test_writes_large_values_to_a_file(self):
        values = {"values": {("n", "p"): b"x" * (store.LARGE + 1)}}
        with tempfile.TemporaryDirectory() as folder:
            item = store.put(values, pathlib.Path(folder, "x"))
            self.assertEqual(pathlib.Path(folder, "x"), item)
            self.assertEqual(values, store.get(item))

    def test_takes_lists_apart(self):
        self.assertEqual([b"a", b"b", b"c"], list(store.items({"x": [b"a", [b"b", None]], "y": b"c", "z": None})))


class HooksTest(unittest.TestCase):
    def test_adds_calls_and_results(self):
        def used(calls, **results):
            return {
                "enabled": [
                    {"kind": "k", "events": ["run_end"], "calls": calls, "source": "workflow", "results": results}
                ]
            }

        merged = hooks.merged([used(1, seen=[1], by={"a": 1}), used(2, seen=[2], by={"b": 2}), None])
        self.assertEqual(3, merged["enabled"][0]["calls"])
        self.assertEqual({"seen": [1, 2], "by": {"a": 1, "b": 2}}, merged["enabled"][0]["results"])


class JoinsTest(unittest.TestCase):
    def test_finds_repeated_events(self):
        def part(source, dataset, start):
            return types.SimpleNamespace(
                id=source + dataset + str(start), dataset=dataset, file="f", part="0", start=start, stop=9
            )

        parts = [part("a", "x", 0), part("a", "y", 0), part("b", "x", 0), part("b", "x", 5)]
        self.assertEqual({"bx0": "ax0"}, joins.duplicates(parts))


class CompareTest(unittest.TestCase):
    """The comparison sees what differs."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.one, self.other = (pathlib.Path(holder.name, each) for each in ("first_run", "second_run"))

    def write(self, one, other, name="artifacts/x.json"):
        for folder, value in ((self.one, one), (self.other, other)):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
        return differences(self.one, self.other)

    def test_sees_numbers(self):
        self.assertEqual([], self.write({"a": 0.1 + 0.2}, {"a": 0.3}))
        self.assertEqual(["artifacts/x.json.a: 0.3 and 0.30001"], self.write({"a": 0.3}, {"a": 0.30001}))
        self.assertEqual(1, len(self.write({"a": 1}, {"a": 1.0})))

    def test_sees_files_and_keys(self):
        self.write(1, 1)
        (self.one / "artifacts/more.json").write_text("1")
        self.assertEqual(["only in the first: artifacts/more.json"], differences(self.one, self.other))
        self.assertEqual(2, len(self.write({"a": 1}, {"b": 1})) - 1)

    def test_sees_bins(self):
        import hist

        def filled(value):
            histogram = hist.Hist(hist.axis.Regular(3, 0, 3), storage=hist.storage.Weight())
            histogram.fill([value], weight=[2.0])
            return pickle.dumps(histogram)

        self.assertEqual([], self.write(filled(1), filled(1), "artifacts/h.pkl"))
        self.assertEqual(2, len(self.write(filled(1), filled(7), "artifacts/h.pkl")))

    def test_takes_the_folders_for_the_same(self):
        one, other = {"p": "%s/artifacts/x" % self.one}, {"p": "%s/artifacts/x" % self.other}
        self.assertEqual([], self.write(one, other))
        self.assertEqual(1, len(self.write(one, {"p": "%s/artifacts/y" % self.other})))


if __name__ == "__main__":
    unittest.main()
