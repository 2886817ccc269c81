"""Whole workflows, compiled and run stage by stage, against `fasthep run`."""

import json
import pickle
import unittest
from unittest import mock

from fixture import Fixture, summary

from compare import differences


def setUpModule():
    global fixture
    fixture = Fixture()


def tearDownModule():
    fixture.close()


def shape(products):
    """Returns the relative paths of the products."""
    return sorted(each.relative_to(products).as_posix() for each in products.rglob("*") if each.is_file())


def texts(products, pattern):
    return {each.relative_to(products).as_posix(): json.loads(each.read_text()) for each in products.glob(pattern)}


def files_of(lines):
    """Returns which files differ."""
    return sorted({line.split(".json")[0].split(".yaml")[0].split(".csv")[0].split(".md")[0] for line in lines})


class CompatibleTest(unittest.TestCase):
    """With `compatible` every file is as that of FAST-HEP's local backend."""

    def check(self, name, chunk_size=None, variation=None):
        reference = fixture.reference(name, chunk_size, variation)
        whole = fixture.run(name, chunk_size, variation, compatible=True)
        self.assertEqual([], differences(reference, whole))
        self.assertIn("compile/plan.yaml" if variation is None else "compile/%s/plan.yaml" % variation, shape(whole))
        # All in one process: hooks of partitions are called once for each partition there, whatever the chains are.
        split = fixture.run(name, chunk_size, variation, compatible=True, split=True, move=True, block=2)
        self.assertEqual([], differences(reference, split))

    def test_hep(self):
        self.check("leptons")

    def test_toy(self):
        self.check("toy", chunk_size=3)

    def test_hooks_and_modifiers(self):
        # Not in several chains: the hook has a state, which Muster refuses there.
        whole = fixture.run("hooks", 3, compatible=True)
        self.assertEqual([], differences(fixture.reference("hooks", 3), whole))

    def test_join(self):
        self.check("join")

    def test_every_operation(self):
        import importlib.resources

        import yaml

        self.check("objects", chunk_size=100)
        used = {node["impl"] for name in ("objects", "join") for node in fixture.answer(name)[1]["plans"][0]["nodes"]}
        profile = importlib.resources.files("fasthep_carpenter").joinpath("profiles/registry.yaml")
        there = {each for each in yaml.safe_load(profile.read_text())["registry"]["transforms"] if each.startswith("hep.")}
        self.assertEqual(17, len(there))
        self.assertEqual(set(), there - used)

    def test_included_files(self):
        self.check("included")

    def test_inline_systematics(self):
        self.check("inline")

    def test_chunks(self):
        self.check("chunk", chunk_size=100)

    def test_no_partitions(self):
        self.check("alone")

    def test_source_that_only_an_observer_reads(self):
        self.check("schema")

    def test_warnings_and_usage(self):
        self.check("warnings")

    def test_same_file_in_each_partition(self):
        self.check("clash", chunk_size=3)

    def test_swallowed_error(self):
        self.check("swallow")

    def test_systematics(self):
        for variation in ("nominal", "weight_up", "other_sample"):
            with self.subTest(variation):
                self.check("systematics", variation=variation)

    def test_dropped_edge_fails_as_with_fasthep(self):
        with self.assertRaisesRegex(TypeError, "right"):
            fixture.run("two_ports", compatible=True)


class DefaultTest(unittest.TestCase):
    """By default what FAST-HEP gets wrong is right, and the summary of the run names it."""

    def whats(self, products):
        return [each["what"] for each in summary(products)["muster"]["differences"]]

    def test_join_counts_each_event_once(self):
        products = fixture.run("join")
        histogram = pickle.loads((products / "artifacts/histograms/H.pkl").read_bytes())
        self.assertEqual(400, histogram.sum(flow=True))
        twice = pickle.loads((fixture.reference("join") / "artifacts/histograms/H.pkl").read_bytes())
        self.assertEqual(800, twice.sum(flow=True))
        self.assertEqual(1, len(self.whats(products)))
        self.assertEqual(1, summary(products)["muster"]["differences"][0]["partitions_left_out"])
        self.assertEqual(1, summary(products)["progress"]["counts"]["completed"])

    def test_cutflows_keep_their_datasets(self):
        products = fixture.run("leptons")
        by_dask = fixture.reference("leptons", backend="dask", scheduler="synchronous")
        path = "artifacts/cutflows/Cut.json"
        self.assertEqual(json.loads((by_dask / path).read_text()), json.loads((products / path).read_text()))
        self.assertEqual(["measured", "simulated"], json.loads((products / path).read_text())["datasets"])
        self.assertEqual(["default", "measured"], json.loads((fixture.reference("leptons") / path).read_text())["datasets"])
        table = "artifacts/tables/cut.csv"
        self.assertEqual((by_dask / table).read_text(), (products / table).read_text())
        self.assertEqual(["stage.Cut.cutflow"], summary(products)["muster"]["differences"][0]["products"])
        lines = differences(fixture.reference("leptons"), products)
        self.assertEqual(["artifacts/cutflows/Cut", "artifacts/tables/cut"], files_of(lines))

    def test_products_of_the_run_reach_sinks_once(self):
        products = fixture.run("toy", chunk_size=3)
        end = "artifacts/files/end.json"
        self.assertEqual({"k": 7}, json.loads((products / end).read_text())["target"])
        self.assertIsInstance(json.loads((fixture.reference("toy", 3) / end).read_text())["target"], list)
        self.assertEqual(["artifacts/files/end"], files_of(differences(fixture.reference("toy", 3), products)))
        self.assertEqual(["stage.Lookup.table"], summary(products)["muster"]["differences"][0]["products"])

    def test_dropped_edge_is_put_back(self):
        products = fixture.run("two_ports")
        self.assertEqual({210}, {each["target"] for each in texts(products, "artifacts/files/sums/*/*.json").values()})
        self.assertEqual(["stage.Pair.right"], summary(products)["muster"]["differences"][0]["inputs"])
        self.assertEqual(2, len(texts(products, "artifacts/files/sums/*/*.json")))

    def test_swallowed_error_fails(self):
        with self.assertRaisesRegex(RuntimeError, "stage.X gave none of its outputs"):
            fixture.run("swallow")

    def test_same_file_in_each_partition_fails(self):
        with self.assertRaisesRegex(FileExistsError, "different files artifacts/files/same.json"):
            fixture.run("clash", chunk_size=3)

    def test_others_have_no_differences(self):
        for name, chunk_size in (("inline", None), ("chunk", 100), ("alone", None), ("warnings", None)):
            with self.subTest(name):
                products = fixture.run(name, chunk_size)
                self.assertEqual([], differences(fixture.reference(name, chunk_size), products))
                self.assertEqual([], self.whats(products))

    def test_chain_for_each_node_gives_the_same(self):
        for name, chunk_size in (("leptons", None), ("toy", 3), ("join", None), ("two_ports", None), ("alone", None)):
            with self.subTest(name):
                whole = fixture.run(name, chunk_size)
                split = fixture.run(name, chunk_size, split=True, move=True)
                self.assertEqual([], differences(whole, split))
                self.assertEqual(summary(whole)["muster"], summary(split)["muster"])

    def test_large_values_travel_in_files(self):
        from muster_fasthep import store

        with mock.patch.object(store, "LARGE", 10):
            products = fixture.run("leptons", split=True, move=True)
        self.assertEqual([], differences(fixture.run("leptons"), products))

    def test_variations_share_a_folder(self):
        import driver

        outdir, answer = fixture.answer("variations")
        products = fixture.folder / "variations"
        for i, plan in enumerate(answer["plans"]):
            driver.Driver(fixture.root, outdir, plan, fixture.folder / ("tasks_of_variation_%d" % i)).run(products)
        sums = {}
        for name in ("nominal", "weight_up", "other_sample"):
            histogram = pickle.loads((products / "artifacts" / name / "histograms/H.pkl").read_bytes())
            sums[name] = histogram.sum(flow=True)
            self.assertTrue((products / "reports" / name / "run_summary.yaml").is_file())
            self.assertTrue((products / "compile" / name / "plan.yaml").is_file())
            records = products / "artifacts" / name / "provenance"
            first, *_ = json.loads((records / "manifest.json").read_text())["records"]
            self.assertEqual(
                (
                    "artifacts/%s/files/lead/alternative/0_0.root" % name
                    if name != "other_sample"
                    else "artifacts/other_sample/files/lead/sim/0_0.root"
                ),
                first["artifact"],
            )
            self.assertTrue((products / first["record"]).is_file())
            manifest = json.loads((products / "artifacts" / name / "files/lead/manifest.json").read_text())
            self.assertEqual("root_tree", manifest["kind"])
            self.assertIn(first["artifact"], (products / "reports" / name / "provenance/run.md").read_text())
        self.assertFalse([each for each in (products / "artifacts/provenance").rglob("*") if each.is_file()])
        self.assertEqual(3, len(list(products.glob("artifacts/*/provenance/records/*.json"))) - 2)
        values = {name: getattr(each, "value", each) for name, each in sums.items()}
        self.assertAlmostEqual(1.1 * values["nominal"], values["weight_up"])
        self.assertNotAlmostEqual(values["nominal"], values["other_sample"])


class HooksTest(unittest.TestCase):
    def test_hooks_of_partitions_are_called_once_for_a_partition(self):
        enabled = {each["kind"]: each for each in summary(fixture.run("hooks", 3))["hooks"]["enabled"]}
        ended = enabled["tiny.tally"]["results"]["ended"]
        self.assertEqual(
            ["numbers__one__0_0", "numbers__one__0_1", "numbers__two__0_0", "numbers__two__0_1"],
            [each[0] for each in ended],
        )
        self.assertEqual({4}, {each[1] for each in ended})
        self.assertEqual(12, enabled["tiny.double"]["calls"])

    def test_warnings_come_home_in_order_of_partitions(self):
        found = summary(fixture.run("warnings", split=True))["warnings"]
        self.assertEqual(
            ["a warning of numbers__one__0", "a warning of numbers__two__0"], [each["message"] for each in found]
        )

    def test_modifiers_see_an_error_in_fasthep_order(self):
        with self.assertRaisesRegex(ValueError, "no"):
            fixture.run("modifiers")
        import tiny_ops

        seen = list(tiny_ops.Observe.seen)
        tiny_ops.Observe.seen.clear()
        with self.assertRaisesRegex(ValueError, "no"):
            fixture.reference("modifiers")
        self.assertEqual(tiny_ops.Observe.seen, seen)
        self.assertIn("hook.error ValueError", seen)


class EndTest(unittest.TestCase):
    """The stages at the end refuse what is not whole, and leave no trace of an earlier run."""

    def parts(self, name, change):
        """Runs a workflow; change: gets the inputs of the stage `dataset`."""
        from muster_fasthep import stages

        real = stages.dataset

        def changed(**values):
            return real(**change(values))

        with mock.patch.object(stages, "dataset", changed):
            return fixture.run(name, chunk_size=3)

    def test_refuses_a_missing_partition(self):
        def drop(values):
            values["chain_0"] = values["chain_0"][:-1]
            return values

        with self.assertRaisesRegex(ValueError, "numbers__one__0_1 did not come"):
            self.parts("toy", drop)

    def test_refuses_partitions_in_another_order(self):
        def reverse(values):
            values["chain_0"] = values["chain_0"][::-1]
            return values

        with self.assertRaisesRegex(ValueError, "numbers__one__0_0 is to be merged, and numbers__one__0_1 came"):
            self.parts("toy", reverse)

    def test_refuses_a_missing_chain(self):
        def empty(values):
            values["chain_0"] = []
            return values

        with self.assertRaisesRegex(ValueError, "lacks nodes"):
            self.parts("toy", empty)

    def test_refuses_another_file(self):
        outdir, answer = fixture.answer("toy", 3)
        import copy
        import driver

        plan = copy.deepcopy(answer["plans"][0])
        plan["partitions"][0]["file"] = "toy://other"
        with self.assertRaisesRegex(ValueError, "toy://one in the plan"):
            driver.Driver(fixture.root, outdir, plan, fixture.folder / "tasks_of_another_file").run(
                fixture.folder / "another_file"
            )

    def test_forgets_manifests_of_an_earlier_run(self):
        import driver

        outdir, answer = fixture.answer("chunk", 100)
        products = fixture.folder / "stale"
        manifest = products / "artifacts/histograms/manifest.json"
        manifest.parent.mkdir(parents=True)
        manifest.write_text(json.dumps({"histograms": [{"id": "Old", "path": "old.pkl", "producer": "stage.Old"}]}))
        for attempt in range(2):
            driver.Driver(fixture.root, outdir, answer["plans"][0], fixture.folder / ("stale_tasks_%d" % attempt)).run(
                products
            )
            self.assertEqual(["H"], [each["id"] for each in json.loads(manifest.read_text())["histograms"]])

    def test_refuses_a_folder_that_fasthep_would_not_write_to(self):
        import driver

        outdir, answer = fixture.answer("alone")
        with self.assertRaisesRegex(ValueError, "choose another name than reports"):
            driver.Driver(fixture.root, outdir, answer["plans"][0], fixture.folder / "reserved_tasks").run(
                fixture.folder / "reports"
            )

    def test_folders_may_be_links(self):
        import driver

        outdir, answer = fixture.answer("toy", 3)
        work = fixture.folder / "a link"
        (fixture.folder / "real").mkdir()
        work.symlink_to(fixture.folder / "real")
        driver.Driver(fixture.root, outdir, answer["plans"][0], work / "tasks").run(work / "products")
        self.assertEqual([], differences(fixture.run("toy", 3), work / "products"))

    def test_no_path_of_a_task_is_left(self):
        for name, chunk_size in (("leptons", None), ("toy", 3)):
            products = fixture.run(name, chunk_size, split=True, move=True)
            for each in products.rglob("*"):
                if each.suffix in (".json", ".yaml", ".md", ".csv"):
                    self.assertNotIn("/tasks/task_", each.read_text(), each)


if __name__ == "__main__":
    unittest.main()
