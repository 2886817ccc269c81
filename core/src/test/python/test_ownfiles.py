"""Tests of muster_task.ownfiles."""

import os
import pathlib
import stat
import sys
import tempfile
import unittest

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "main/python"
sys.path.insert(0, str(SOURCES))

from muster_task import ownfiles


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


class OwnFilesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.addCleanup(os.umask, os.umask(0))

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def test_others_cannot_write_whatever_the_umask(self):
        ownfiles.folder(self.path("a", "b"))
        ownfiles.write(self.path("a", "b", "file"), b"x")
        ownfiles.write(self.path("a", "key"), b"x", ownfiles.SECRET)
        ownfiles.secret_folder(self.path("a", "tls"))
        found = [mode(self.path(*names)) for names in (["a"], ["a", "b"], ["a", "b", "file"], ["a", "key"], ["a", "tls"])]
        self.assertEqual(found, [0o755, 0o755, 0o644, 0o600, 0o700])
        os.umask(0o077)
        self.assertEqual(mode(ownfiles.folder(self.path("private"))), 0o700)

    def test_a_link_is_not_followed(self):
        victim = self.path("victim")
        ownfiles.write(victim, b"precious")
        os.symlink(victim, self.path("stdout"))
        ownfiles.write(self.path("stdout"), b"x")
        with open(victim, "rb") as file:
            self.assertEqual(file.read(), b"precious")
        os.mkdir(self.path("elsewhere"))
        os.symlink(self.path("elsewhere"), self.path("stage"))
        with self.assertRaisesRegex(OSError, "is a link"):
            ownfiles.folder(self.path("stage"))

    def test_an_empty_folder_has_nothing_of_before(self):
        path = self.path("a", "outputs")
        for _ in range(2):
            self.assertEqual([], os.listdir(ownfiles.empty_folder(path)))
            ownfiles.write(os.path.join(path, "made"), b"old")
            os.mkdir(os.path.join(path, "in"))
        ownfiles.folder(self.path("elsewhere"))
        ownfiles.write(self.path("elsewhere", "precious"), b"x")
        os.symlink(self.path("elsewhere"), os.path.join(path, "in", "link"))
        self.assertEqual([], os.listdir(ownfiles.empty_folder(path)))
        os.rmdir(path)
        os.symlink(self.path("elsewhere"), path)
        self.assertEqual([], os.listdir(ownfiles.empty_folder(path)))
        self.assertFalse(os.path.islink(path))
        self.assertEqual(["precious"], os.listdir(self.path("elsewhere")))

    def test_an_open_folder_is_closed(self):
        os.mkdir(self.path("open"), 0o777)
        ownfiles.folder(self.path("open"))
        self.assertEqual(mode(self.path("open")), 0o755)

    @unittest.skipUnless(os.geteuid() == 0, "only root can make files of another user")
    def test_a_folder_of_another_user_is_refused(self):
        os.mkdir(self.path("other"))
        os.chown(self.path("other"), 65534, 65534)
        with self.assertRaisesRegex(OSError, "belongs to user number 65534"):
            ownfiles.folder(self.path("other"))

    def test_any_text_is_a_file_name_of_its_own(self):
        names = ["cern/gpu-0", "cern_gpu-0", "../../escaped-0", ".", "..", "", "a\0b", "a\nb", "\udce9", "x" * 1000, "x" * 1001]
        found = [ownfiles.file_name(name) for name in names]
        self.assertEqual(len(set(found)), len(names))
        for name in found:
            self.assertRegex(name, r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")
        self.assertEqual(ownfiles.file_name("gpu-3"), "gpu-3")


if __name__ == "__main__":
    unittest.main()
