"""The files that code came from."""

import os
import sys
import tempfile
import time
import types
import unittest

from muster_task.codefiles import CodeFiles


class CodeFilesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.modules = {}
        self.code = CodeFiles(self.modules, time.time())

    def module(self, name, text="x = 1\n", age=100.0):
        path = os.path.join(self.folder, name.replace(".", "/") + ".py")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.utime(path, (time.time() - age, time.time() - age + 0.001))
        module = types.ModuleType(name)
        module.__file__ = path
        self.modules[name] = module
        return path

    def found(self):
        return {path: (kind, state) for kind, path, state in self.code.new() or []}

    def test_tells_copies_by_their_origins(self):
        path = self.module("sent/one", age=0)
        self.module("wheel/two")
        installed = self.module("sent/site-packages/three")
        origins = {os.path.join(self.folder, "sent"): "/home/me", os.path.join(self.folder, "wheel"): None}
        self.code = CodeFiles(self.modules, time.time(), origins)
        found = self.found()
        self.assertEqual(found.keys() & {path, installed}, set())
        self.assertEqual([each for each in found if each.startswith(os.path.join(self.folder, "wheel"))], [])
        self.assertEqual(found["/home/me/one.py"][0], "content")
        self.assertEqual(len(found["/home/me/one.py"][1]), 64)
        self.assertEqual(found["/home/me/site-packages/three.py"][0], "content")

    def test_leaves_out_what_muster_brings(self):
        self.module("muster_task.worker")
        main = self.module("__main__")
        self.modules["__main__"].__spec__ = types.SimpleNamespace(name="muster_batch.runner", origin=main)
        self.assertEqual([each for each in self.found() if each.startswith(self.folder)], [])

    def test_tells_each_file_once(self):
        path = self.module("one")
        first = self.found()
        self.assertEqual(first[path][0], "content")
        self.assertEqual(len(first[path][1]), 64)
        self.assertEqual(first[os.path.realpath(sys.executable)][0], "times")
        self.assertIsNone(self.code.new())
        other = self.module("two")
        self.assertIn(other, self.found())

    def test_tells_a_module_that_takes_the_place_of_one_that_was_dropped(self):
        self.module("one")
        self.found()
        del self.modules["one"]
        self.assertIn(self.module("two"), self.found())

    def test_a_copy_has_told_the_same(self):
        first = self.module("one")
        self.found()
        one, other = self.code, self.code.copy()
        second = self.module("two")
        for self.code in (one, other):
            found = self.found()
            self.assertIn(second, found)
            self.assertNotIn(first, found)

    def test_takes_installed_packages_by_time_and_the_library_not_at_all(self):
        path = self.module("lib/site-packages/numpy")
        self.modules["os"] = os
        found = self.found()
        self.assertEqual(found[path][0], "times")
        self.assertNotIn(os.__file__, found)

    def test_takes_what_lies_among_the_library_by_time_also_if_it_is_a_link(self):
        module = types.ModuleType("sitecustomize")
        module.__file__ = os.path.join(os.path.dirname(os.__file__), "sitecustomize.py")
        if not os.path.islink(module.__file__):
            self.skipTest("there is no such link")
        self.modules["sitecustomize"] = module
        self.assertEqual(self.found()[module.__file__][0], "times")

    def test_is_not_certain_of_a_file_that_was_written_lately(self):
        path = self.module("one", age=-0.01)
        self.assertIsNone(self.found()[path][1])

    def test_is_not_certain_of_a_module_that_is_no_file(self):
        module = types.ModuleType("zipped")
        module.__file__ = os.path.join(self.folder, "code.zip", "zipped.py")
        self.modules["zipped"] = module
        self.assertIsNone(self.found()[module.__file__][1])

    def test_tells_what_would_be_imported_instead(self):
        before = sys.path[:]
        self.addCleanup(lambda: sys.path.__setitem__(slice(None), before))
        path = self.module("deep/helper")
        self.modules["helper"] = self.modules.pop("deep/helper")
        sys.path[:] = [self.folder, os.path.dirname(path)] + before
        found = self.found()
        self.assertIn(path, found)
        self.assertEqual(found[os.path.join(self.folder, "helper.py")], ("absent", "absent"))
