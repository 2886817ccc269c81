"""Makes an environment that can be packed, with a Python and FAST-HEP of its own: make_prefix.py FOLDER [--plots]

It is a copy of the Python that runs this, and of its packages, as Conda would install them. What a small workflow does
without is left out, so that it is packed in a few seconds; --plots: but for what draws plots.
"""

import json
import os
import pathlib
import shutil
import sys
import sysconfig

WITHOUT = (
    "__pycache__", "test", "site-packages", "config-*", "idlelib", "tkinter", "ensurepip", "pip*",
    "xrootd-*", "xrootd.libs", "XRootD", "pyxrootd",
)  # fmt: skip
PLOTS = ("scipy*", "matplotlib*", "mplhep*", "fontTools*", "PIL", "pillow*", "contourpy*", "kiwisolver*")


def make(prefix, plots):
    """Makes it."""
    version = "python%d.%d" % sys.version_info[:2]
    ignored = shutil.ignore_patterns(*WITHOUT, *(() if plots else PLOTS))
    for folder in ("bin", "lib", "conda-meta"):
        (prefix / folder).mkdir(parents=True)
    library = prefix / "lib" / version
    shutil.copytree(sysconfig.get_path("stdlib"), library, ignore=ignored)
    shutil.copytree(sysconfig.get_path("purelib"), library / "site-packages", ignore=ignored)
    base = pathlib.Path(sys.base_prefix)
    program = (base / "bin" / version).read_bytes()
    for shared in (base / "lib").glob("libpython3.*.so*"):
        shutil.copy(shared, prefix / "lib", follow_symlinks=True)
    # Where it looks for its shared library.
    old, new = os.fsencode(base / "lib") + b"\0", b"$ORIGIN/../lib"
    python = prefix / "bin" / version
    python.write_bytes(program.replace(old, new.ljust(len(old), b"\0")) if len(new) < len(old) else program)
    python.chmod(0o755)
    (prefix / "bin/python").symlink_to(version)
    record = {"name": "python", "version": "3", "build": "0", "paths_data": {"paths": []}}
    (prefix / "conda-meta/python-3-0.json").write_text(json.dumps(record))


if __name__ == "__main__":
    make(pathlib.Path(sys.argv[1]), "--plots" in sys.argv[2:])
