"""The user's code on a worker: what travelled with the job is unpacked and put on the module path."""

import os
import sys
import time
import zipfile

from . import ownfiles

BASE = "base"


def unpack(home, code):
    """Unpacks the user's code into a job's folder; returns the folders for the module path.

    code: archive (its name or None), executable (names in it) and path (folders in it).
    """
    started = time.monotonic()
    base = os.path.join(home, BASE)
    ownfiles.folder(base)
    if code["archive"]:
        with zipfile.ZipFile(os.path.join(home, code["archive"])) as archive:
            archive.extractall(home)
            count = len(archive.namelist())
        for name in code["executable"]:
            os.chmod(os.path.join(home, name), 0o755)
        took = time.monotonic() - started
        print("muster: code unpacked, %d files (%.3f s)" % (count, took), file=sys.stderr, flush=True)
    return [base] + [os.path.join(home, name) for name in code["path"]]


def put_on_path(folders):
    """Puts folders on the module path of this process, and all but the first on that of the processes that it starts."""
    sys.path[:0] = folders
    if len(folders) > 1:
        words = folders[1:] + [os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(word for word in words if word)
