"""The tree of merges: how much a task holds, in which order, and what becomes of tasks that fail halfway."""

import json
import pathlib
import pickle
import tempfile
import unittest
from unittest import mock

import many_histograms
from fixture import Fixture, summary

from compare import differences


def setUpModule():
    global fixture
    fixture = Fixture()


def tearDownModule():
    fixture.close()


class HeldTest(unittest.TestCase):
    def test_a_task_holds_few_histograms(self):
        for count, held in ((100, 4), (33, None)):
            with self.subTest(count), tempfile.TemporaryDirectory() as folder:
                have, wanted, most = many_histograms.merged(count, 10, pathlib.Path(folder), held)
                self.assertEqual(wanted.tolist(), have.tolist())
                self.assertLessEqual(most, (held or 32) + 3)
                self.assertGreater(most, 2)


class TreeTest(unittest.TestCase):
    """A tree of narrow blocks gives what one merge gives."""

    def test_products_are_the_same_whatever_the_tree(self):
        for name, chunk_size in (("toy", 1), ("join", 50)):
            with self.subTest(name):
                whole = fixture.run(name, chunk_size)
                self.assertEqual([], differences(whole, fixture.run(name, chunk_size, block=2)))

    def test_compatible_products_are_those_of_fasthep_in_a_tree(self):
        for name, chunk_size in (("toy", 1), ("leptons", 100)):
            with self.subTest(name):
                tree = fixture.run(name, chunk_size, compatible=True, block=2)
                self.assertEqual([], differences(fixture.reference(name, chunk_size), tree))

    def test_many_datasets_are_merged_in_groups(self):
        products = fixture.run("leptons", group=1)
        self.assertEqual([], differences(fixture.run("leptons"), products))

    def test_every_run_gives_the_same_bits(self):
        one, other = (fixture.run("chunk", 50, block=2) for _ in range(2))
        path = "artifacts/histograms/H.pkl"
        self.assertEqual(pickle.loads((one / path).read_bytes()), pickle.loads((other / path).read_bytes()))


class BlockTest(unittest.TestCase):
    """A block that is not whole is refused, wherever it stands."""

    def changed(self, change, message):
        from muster_fasthep import stages

        real = stages.block

        def other(**values):
            return real(**change(values))

        with mock.patch.object(stages, "block", other), self.assertRaisesRegex(ValueError, message):
            fixture.run("toy", 1, block=2)

    def test_refuses_a_missing_partition(self):
        def drop(values):
            return {**values, **{key: each[:1] for key, each in values.items() if key == "chain_0"}}

        self.changed(drop, "numbers__one__0_1 did not come to be merged")

    def test_refuses_a_partition_that_comes_twice(self):
        def twice(values):
            return {**values, **{key: [each[0], each[0]] for key, each in values.items() if key == "chain_0"}}

        self.changed(twice, "numbers__one__0_1 is to be merged, and numbers__one__0_0 came")

    def test_refuses_a_part_that_comes_twice(self):
        def twice(values):
            return {**values, **{key: [each[0], each[0]] for key, each in values.items() if key == "parts"}}

        self.changed(twice, "is to be merged from partition 2 on, and one from 0 on came")


class LossTest(unittest.TestCase):
    """A task that fails halfway leaves nothing that is taken, and the next attempt counts nothing twice."""

    def test_products_come_whole_or_without_a_summary(self):
        from muster_fasthep import relocate, stages

        products = fixture.folder / "half"
        real_place, real = relocate.place, stages.products
        tried = []

        def fail(source, target):
            if products in target.parents:
                tried.append(target)
                if len(tried) == 12:
                    raise OSError("no space left")
            real_place(source, target)

        def twice(**values):
            with mock.patch.object(relocate, "place", fail), self.assertRaisesRegex(OSError, "no space left"):
                real(**values)
            self.assertFalse((products / "run_summary.yaml").exists())
            for each in products.rglob("*.json"):
                json.loads(each.read_text())
            return real(**values)

        with mock.patch.object(stages, "products", twice):
            self.run_to(products)
        self.assertEqual([], differences(fixture.run("leptons"), products))
        self.assertFalse([each for each in products.rglob("*") if ".muster-new" in each.name])

    def test_tasks_that_run_again_count_nothing_twice(self):
        from muster_fasthep import stages

        def again(function):
            def call(**values):
                function(**values)
                return function(**values)

            return call

        names = ("block", "dataset", "datasets", "sink", "products", "report")
        patches = [mock.patch.object(stages, each, again(getattr(stages, each))) for each in names]
        for each in patches:
            each.start()
            self.addCleanup(each.stop)
        products = fixture.run("leptons", 100, block=2)
        mock.patch.stopall()
        self.assertEqual([], differences(fixture.run("leptons", 100), products))

    def test_a_report_that_fails_leaves_the_summary(self):
        from muster_fasthep import stages

        products = fixture.folder / "no_report"

        def fail(**values):
            raise ValueError("no report")

        with mock.patch.object(stages, "report", fail), self.assertRaisesRegex(ValueError, "no report"):
            self.run_to(products)
        self.assertTrue(summary(products)["success"])
        self.assertNotIn("reports", summary(products))

    def run_to(self, products):
        import driver

        outdir, answer = fixture.answer("leptons")
        work = pathlib.Path(tempfile.mkdtemp(dir=fixture.folder))
        return driver.Driver(fixture.root, outdir, answer["plans"][0], work).run(products)


if __name__ == "__main__":
    unittest.main()
