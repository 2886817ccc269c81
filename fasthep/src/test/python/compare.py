"""Compares the products of two FAST-HEP runs: compare.py FOLDER FOLDER

Every file below artifacts and reports, and run_summary.yaml. Numbers may differ by 4 units in the last place, where
sums were made in another order. What cannot be the same is left out: ids of runs, hashes, times, and the folders.
"""

import json
import math
import pathlib
import pickle
import re
import sys

import numpy as np
import yaml

ULPS = 4
COMPARED = re.compile(r"(artifacts|reports)/|run_summary\.yaml$")
VARYING = [
    (re.compile(r"sha256:[0-9a-f]{64}"), "HASH"),
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"(?:/[\w.-]+)*/?bin/python[\d.]*\b"), "PYTHON"),
]
# Of run_summary.yaml: who ran it, and what the compile says of itself.
OWN = ("backend", "strategy", "bundle_id", "muster")


class Run:
    """A folder of products."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self._names = re.compile(r"(?:/[\w./-]*|\b)?(?<![\w-])%s(?=/|$|[^\w-])" % re.escape(self.folder.name), re.M)

    def files(self):
        found = (each.relative_to(self.folder).as_posix() for each in self.folder.rglob("*") if each.is_file())
        return {each for each in found if COMPARED.match(each)}

    def text(self, name):
        text = (self.folder / name).read_text(encoding="utf-8")
        text = text.replace(str(self.folder), "FOLDER")
        text = self._names.sub("FOLDER", text)
        for pattern, word in VARYING:
            text = pattern.sub(word, text)
        return text

    def value(self, name):
        """Returns what a file holds, as values that can be compared."""
        path = self.folder / name
        if name.endswith(".pkl"):
            return _object(pickle.loads(path.read_bytes()))
        if name.endswith(".root"):
            return _root(path)
        if name.endswith("run_summary.yaml"):
            return _summary(yaml.safe_load(self.text(name)))
        if name.endswith(".json"):
            return _sizeless(json.loads(self.text(name)))
        if name.endswith((".md", ".csv", ".txt", ".yaml", ".html")):
            return self.text(name).splitlines()
        return path.read_bytes()


def differences(one, other):
    """Returns what differs, a line each."""
    one, other = Run(one), Run(other)
    names, others = one.files(), other.files()
    found = ["only in the first: %s" % each for each in sorted(names - others)]
    found += ["only in the second: %s" % each for each in sorted(others - names)]
    for name in sorted(names & others):
        found += ["%s%s" % (name, each) for each in _unlike(one.value(name), other.value(name))]
    return found


def _object(value):
    if not hasattr(value, "axes"):
        return value
    return {
        "axes": [repr(each) for each in value.axes],
        "storage": repr(value.storage_type),
        "bins": value.view(flow=True),
    }


def _root(path):
    import uproot

    with uproot.open(path) as file:
        found = {}
        for key in file.keys():
            arrays = file[key].arrays()
            found[key] = {field: arrays[field].tolist() for field in arrays.fields}
        return found


def _summary(values):
    values = {key: value for key, value in values.items() if key not in OWN}
    values.get("progress", {}).pop("run_id", None)
    for hook in values.get("hooks", {}).get("enabled", []):
        hook.get("results", {}).pop("resource_usage", None)  # Times.
    return values


def _sizeless(value):
    if isinstance(value, dict):
        return {
            key: _sizeless(each) for key, each in value.items() if key not in ("size_bytes", "python_executable", "cwd")
        }
    return [_sizeless(each) for each in value] if isinstance(value, list) else value


def _unlike(one, other, where=""):
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}, key=str):
            if key not in one or key not in other:
                yield "%s.%s: only in the %s" % (where, key, "first" if key in one else "second")
            else:
                yield from _unlike(one[key], other[key], "%s.%s" % (where, key))
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield "%s: %d and %d items" % (where, len(one), len(other))
        for i, pair in enumerate(zip(one, other)):
            yield from _unlike(*pair, "%s[%d]" % (where, i))
    elif isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        yield from _unlike_arrays(one, other, where)
    elif isinstance(one, float) and isinstance(other, float):
        if not _near(one, other):
            yield "%s: %r and %r" % (where, one, other)
    elif type(one) is not type(other) or one != other:
        yield "%s: %.200r and %.200r" % (where, one, other)


def _unlike_arrays(one, other, where):
    if one.dtype != other.dtype or one.shape != other.shape:
        yield "%s: %s%s and %s%s" % (where, one.dtype, one.shape, other.dtype, other.shape)
    elif one.dtype.names:
        for name in one.dtype.names:
            yield from _unlike_arrays(np.asarray(one[name]), np.asarray(other[name]), "%s.%s" % (where, name))
    else:
        far = [i for i, pair in enumerate(zip(one.ravel().tolist(), other.ravel().tolist())) if not _near(*pair)]
        if far:
            yield "%s: %d elements, the first is %d" % (where, len(far), far[0])


def _near(one, other):
    if not isinstance(one, float):
        return one == other
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return one == other or abs(one - other) <= ULPS * max(math.ulp(one), math.ulp(other))


if __name__ == "__main__":
    lines = differences(*sys.argv[1:3])
    print("\n".join(lines) or "same")
    sys.exit(bool(lines))
