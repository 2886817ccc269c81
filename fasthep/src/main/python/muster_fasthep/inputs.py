"""What a compile read: the files and folders that it opened, and the user's modules."""

import hashlib
import os
import sys
import sysconfig

HASHED = 1 << 20
ABSENT = -1
IGNORED = ("/proc/", "/sys/", "/dev/")
# What looks into each folder of the module path for modules and installed packages.
FINDERS = {"importlib", "_frozen_importlib_external", "importlib_metadata", "pkgutil", "pkg_resources"}


class Inputs:
    """Notes what this process opens to read, from the moment it is made. Python has no way to end that.

    ignored: folders whose files do not count, such as that of the answer.
    """

    def __init__(self, ignored=()):
        self._files = set()
        self._folders = set()
        self._absent = set()
        self._others = set()
        self._ignored = [os.path.realpath(each) + os.sep for each in [*ignored, *interpreter_folders()]]
        sys.addaudithook(self._note)

    def _note(self, event, arguments):
        if event == "open":
            path, mode, flags = arguments
            if isinstance(mode, str) and any(each in mode for each in "wax+"):
                return
            if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR):
                return
            if isinstance(path, (str, bytes, os.PathLike)):
                self._files.add(os.path.abspath(os.fsdecode(path)))
        elif event in ("os.listdir", "os.scandir"):
            if isinstance(arguments[0], (str, bytes, os.PathLike)) and not _importing():
                self._folders.add(os.path.abspath(os.fsdecode(arguments[0])))

    def absent(self, path):
        """Notes a file or folder that would change the result if it were there, and is not."""
        if not os.path.exists(path):
            self._absent.add(os.path.abspath(path))

    def folder(self, path):
        """Notes a folder whose files would change the result; it may be absent."""
        if os.path.isdir(path):
            self._folders.add(os.path.abspath(path))
        else:
            self.absent(path)

    def uncheckable(self, name):
        """Notes something that was read and cannot be compared later, such as a URL."""
        self._others.add(name)

    def read(self, path):
        """Notes a file that was read."""
        self._files.add(os.path.abspath(path))

    def entries(self, data=()):
        """Returns what was read: path, size, mtime_ns and sha256 each. data: files that are not hashed."""
        data = {os.path.abspath(each) for each in data}
        found = [self._entry(path, path not in data) for path in sorted(self._files | self._folders)]
        found += [{"path": path, "size": ABSENT, "mtime_ns": ABSENT, "sha256": None} for path in sorted(self._absent)]
        found += [{"path": name, "size": None, "mtime_ns": None, "sha256": None} for name in sorted(self._others)]
        return [each for each in found if each is not None]

    def _entry(self, path, hashed):
        real = os.path.realpath(path)
        if (
            real.startswith(IGNORED)
            or any((real + os.sep).startswith(each) for each in self._ignored)
            or path.endswith(".pyc")
        ):
            return None
        try:
            stat = os.stat(path)
            digest = _digest(path) if hashed and os.path.isfile(path) and stat.st_size <= HASHED else None
        except (FileNotFoundError, NotADirectoryError):  # It was tried, or was for this compile only. If it is there once, it may count.
            return {"path": path, "size": ABSENT, "mtime_ns": ABSENT, "sha256": None}
        except OSError:
            return {"path": path, "size": None, "mtime_ns": None, "sha256": None}
        return {"path": path, "size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": digest}


def interpreter_folders():
    """Returns the folders of the interpreter and of what is installed in it."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    found = {sysconfig.get_paths()[each] for each in names}
    found.update(each for each in sys.path if os.path.basename(each) in ("site-packages", "dist-packages"))
    found.update([os.path.dirname(os.path.abspath(__file__))])
    return sorted(found)


def user_modules():
    """Returns the files of the modules that are imported and neither the interpreter's nor installed in it."""
    folders = [os.path.realpath(each) + os.sep for each in interpreter_folders()]
    found = set()
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if isinstance(path, str) and path.endswith(".py") and os.path.isfile(path):
            if not any(os.path.realpath(path).startswith(each) for each in folders):
                found.add(os.path.abspath(path))
    return sorted(found)


def _importing():
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return frame is not None and str(frame.f_globals.get("__name__")).split(".")[0] in FINDERS


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()
