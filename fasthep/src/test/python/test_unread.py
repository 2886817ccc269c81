"""Keys that FAST-HEP's compiler passes over."""

import pathlib
import unittest

import fixture
import yaml
from muster_fasthep import unread


class UnreadTest(unittest.TestCase):
    def test_tells_each_key_with_its_place(self):
        workflow = {
            "version": "1.0",
            "styels": {},
            "x-anchors": {},
            "data": {"datasets": [{"name": "a", "anything": 1}], "default": {}},
            "sources": {"events": {"kind": "root_tree", "tree": "t", "inspect": {}}, "own": {"kind": "mine", "any": 1}},
            "analysis": {"stages": [{"id": "A", "op": "o", "exection": {}, "params": {"any": 1}}]},
            "systematics": {"variations": [{"name": "up", "wieght": {}}]},
            "reports": [{"id": "r", "format": "x"}],
        }
        self.assertEqual(
            [
                "FAST-HEP does not read 'styels'; did you mean 'styles'?",
                "FAST-HEP does not read 'data.default'; did you mean 'defaults'?",
                "FAST-HEP does not read 'sources.events.inspect'",
                "FAST-HEP does not read 'reports.r.format'",
                "FAST-HEP does not read 'analysis.stages.A.exection'; did you mean 'execution'?",
                "FAST-HEP does not read 'systematics.variations.up.wieght'; did you mean 'weight'?",
            ],
            unread.warnings(workflow),
        )

    def test_tells_nothing_of_workflows_that_have_no_such_key(self):
        told = {
            path.name: unread.warnings(yaml.safe_load(path.read_text()))
            for path in pathlib.Path(fixture.WORKFLOWS).glob("*.yaml")
        }
        self.assertEqual(["FAST-HEP does not read 'sources.events.inspect'"], told.pop("plots.yaml"))
        self.assertEqual(["FAST-HEP does not read 'sources.b.inspect'"], told.pop("joins.yaml"))
        self.assertEqual({}, {name: each for name, each in told.items() if each})

    def test_takes_whatever_stands_there(self):
        for each in (None, [], "x", {"analysis": [], "sources": 1, "systematics": {"variations": "x"}, "data": []}):
            self.assertEqual([], unread.warnings(each))


if __name__ == "__main__":
    unittest.main()
