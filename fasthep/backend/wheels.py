"""Makes the package's wheel with nothing but Python's own library. pip calls it; see pyproject.toml."""

import base64
import hashlib
import pathlib
import tomllib
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = "muster_backend"
TAG = "py3-none-any"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Makes the wheel; returns its name."""
    files = {}
    for path in sorted((HERE / PACKAGE).rglob("*")):
        if path.suffix in (".py", ".yaml"):
            files[path.relative_to(HERE).as_posix()] = path.read_bytes()
    return _write(wheel_directory, files)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """Makes a wheel that leads to this folder; returns its name."""
    return _write(wheel_directory, {PACKAGE + ".pth": ("%s\n" % HERE).encode()})


def build_sdist(sdist_directory, config_settings=None):
    """Refuses: the package is installed from its folder."""
    raise NotImplementedError("there is no source archive of %s; install it from its folder" % PACKAGE)


def _write(folder, files):
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = "%s-%s" % (PACKAGE, project["version"])
    info = name + ".dist-info"
    fields = {
        "Metadata-Version": "2.1",
        "Name": project["name"],
        "Version": project["version"],
        "Summary": project["description"],
        "Requires-Python": project["requires-python"],
    }
    files = dict(files)
    files[info + "/METADATA"] = _fields(fields)
    files[info + "/WHEEL"] = _fields(
        {"Wheel-Version": "1.0", "Generator": PACKAGE, "Root-Is-Purelib": "true", "Tag": TAG}
    )
    record = "".join("%s,sha256=%s,%d\n" % (each, _digest(data), len(data)) for each, data in files.items())
    files[info + "/RECORD"] = (record + info + "/RECORD,,\n").encode()
    wheel = "%s-%s.whl" % (name, TAG)
    with zipfile.ZipFile(pathlib.Path(folder) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, data in files.items():
            archive.writestr(each, data)
    return wheel


def _fields(values):
    return "".join("%s: %s\n" % each for each in values.items()).encode()


def _digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
