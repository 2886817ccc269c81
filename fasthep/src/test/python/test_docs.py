"""The workflows that the page shows compile."""

import pathlib
import re
import unittest

from fixture import Fixture

import driver

PAGE = pathlib.Path(__file__).resolve().parents[4] / "docs" / "fasthep.md"


def setUpModule():
    global fixture
    fixture = Fixture()


def tearDownModule():
    fixture.close()


class PageTest(unittest.TestCase):
    def test_workflows_compile_and_run(self):
        blocks = re.findall(r"```yaml fasthep\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
        self.assertEqual(2, len(blocks))
        for i, text in enumerate(blocks):
            (fixture.root / ("page_%d.yaml" % i)).write_text(text)
            products = fixture.run("page_%d" % i)
            self.assertTrue(list(products.glob("artifacts/histograms/*.pkl")))


if __name__ == "__main__":
    unittest.main()
