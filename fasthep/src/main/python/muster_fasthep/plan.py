"""The plan of a run in a worker: read once in a process, and made anew for each task, whose changes end with it."""

import functools
import json
import os
import pathlib
import pickle
import sys

from . import borrowed, joins, moves


class Loaded:
    """A plan's file. Thread-safe.

    partitions: all of FAST-HEP's. repeated: the id of an earlier partition, by that of one that repeats its events.
    restored: the edges that FAST-HEP dropped, (node, input) each.
    """

    def __init__(self, values):
        self._plan = values["plan"]
        self._root = values["root"]
        self.partitions = values["partitions"]
        self.repeated = joins.duplicates(self.partitions)
        self._by_dataset = {}
        self.restored = [tuple(each) for each in values["restored"]]

    def plan(self, compatible=False, partitions=()):
        """Returns a plan of the caller's own. compatible: as FAST-HEP compiled it, without the edges put back."""
        plan = pickle.loads(self._plan)
        plan.partitions = list(partitions)
        if compatible:
            for node, name in self.restored:
                inputs = plan.node_index[node].inputs
                inputs[:] = [each for each in inputs if each.input_name != name]
        return plan

    def moved(self, folder):
        """Returns what changes where the workflow's folder is this one, not that of the compile."""
        return moves.Moved(self._root, folder)

    def run(self, compatible=False):
        """Returns the partitions that run: all, or those without repeated events."""
        return self.partitions if compatible else [each for each in self.partitions if each.id not in self.repeated]

    def of_dataset(self, name, compatible=False):
        """Returns the partitions of a dataset that run, in FAST-HEP's order."""
        if compatible not in self._by_dataset:
            found = {}
            for each in self.run(compatible):
                found.setdefault(each.dataset, []).append(each)
            self._by_dataset[compatible] = found
        return self._by_dataset[compatible].get(name, [])


def load(name):
    """Returns the plan of that name; see find. Refuses a plan that another FAST-HEP compiled."""
    return _load(str(find(name)))


def find(name):
    """Returns the path of a plan: an absolute one, or plans/NAME.pickle beside this package or in one of sys.path."""
    path = pathlib.Path(name)
    if path.is_absolute():
        return path
    folders = [pathlib.Path(__file__).parent.parent, *(pathlib.Path(each or os.curdir) for each in sys.path)]
    for folder in folders:
        found = folder / "plans" / ("%s.pickle" % name)
        if found.is_file():
            return found
    raise FileNotFoundError(
        "the plan %s is not on this worker; looked for plans/%s.pickle in %s"
        % (name, name, ", ".join(map(str, folders)))
    )


@functools.lru_cache(maxsize=None)
def _load(path):
    check_versions(pathlib.Path(path).with_name("versions.json"))
    with open(path, "rb") as file:
        return Loaded(pickle.load(file))


def check_versions(path):
    """Refuses to run a plan with other versions than it was compiled with."""
    wanted = json.loads(path.read_text(encoding="utf-8"))["versions"]
    have = borrowed.versions()
    other = [
        "%s is %s here and was %s" % (each, have.get(each, "missing"), wanted[each])
        for each in wanted
        if have.get(each) != wanted[each]
    ]
    if other:
        raise RuntimeError(
            "the plan was compiled with another FAST-HEP than this worker's, %s: %s; install the same versions in both"
            % (sys.executable, "; ".join(other))
        )


def context(plan, root):
    """Returns FAST-HEP's base context, its paths and its recorder of provenance, for outputs below root."""
    from hepflow.build_layout import BuildPaths
    from hepflow.runtime.engine import _ensure_expr_registry
    from hepflow.runtime.provenance import ensure_runtime_provenance

    paths = BuildPaths.from_plan(plan, outdir=root)
    resources = {}
    ctx = {
        **plan.context,
        "outdir": str(paths.root.resolve()),
        "build_paths": paths,
        "execution": plan.execution,
        "_warnings": [],
        **dict(plan.context.get("globals") or {}),
        "runtime_resources": {},
        "resolved_resources": resources,
        "resources": resources,
    }
    ctx.setdefault("dataset_names", list(plan.context.get("datasets") or {}))
    _ensure_expr_registry(ctx, plan.registry)
    return ctx, paths, ensure_runtime_provenance(ctx)
