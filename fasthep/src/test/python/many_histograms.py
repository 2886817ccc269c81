"""Merges many histograms as the tasks of a run do, and counts how many a task holds at most.

usage: many_histograms.py [--count 10000] [--bins 1000]
"""

import argparse
import pathlib
import sys
import tempfile
import types

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "main" / "python"))

import driver  # noqa: E402
import numpy as np  # noqa: E402

WORKFLOW = """
version: "1.0"
use: {profiles: [hep]}
data: {datasets: [{name: sim, eventtype: mc, nevents: %d, files: [none.root]}]}
sources: {events: {kind: root_tree, tree: events, branches: [V]}}
analysis:
  stages:
    - id: H
      op: hep.hist
      params: {axes: [{name: v, source: V, type: regular, bins: {low: 0, high: 1, nbins: %d}}]}
"""
NODE = "stage.H"


class Histogram:
    """What FAST-HEP's handler of histograms adds up; it counts how many of its kind there are."""

    live = most = 0

    def __init__(self, bins):
        self.bins = bins
        self._count(1)

    def __add__(self, other):
        return Histogram(self.bins + other.bins)

    def __getstate__(self):
        return self.bins

    def __setstate__(self, bins):
        self.bins = bins
        self._count(1)

    def __del__(self):
        self._count(-1)

    @staticmethod
    def _count(change):
        Histogram.live += change
        Histogram.most = max(Histogram.most, Histogram.live)


def merged(count, bins, folder, held=None):
    """Merges; returns the sum of all histograms, the sum that it must be, and what the task that held most held.

    A task holds what it was given, pickled, and histograms in memory. held: the most that a task reads.
    """
    from muster_fasthep import blocks, merge, plan, store

    held = held or merge.HELD
    (folder / "w.yaml").write_text(WORKFLOW % (count, bins))
    answer = driver.compile_workflow(folder, folder / "c", folder / "w.yaml", chunk_size=1)
    if not answer["ok"]:
        raise RuntimeError(answer["error"])
    (told,) = answer["plans"]
    path = str(folder / "c" / told["pickle"])
    expected = plan.load(path).of_dataset("sim")
    nodes = [each["id"] for each in told["nodes"]]
    port = next(each["outputs"][0] for each in told["nodes"] if each["id"] == NODE)
    random = np.random.default_rng(1)
    wanted = np.zeros(bins)

    def edge(partition):
        values = random.integers(0, 100, bins).astype(float)
        np.add(wanted, values, out=wanted)
        told = {"partition": partition.id, "nodes": nodes, "types": {}, "outdir": "/none/out"}
        told.update(operations=[], resources={}, hooks={}, warnings=[], values={(NODE, port): Histogram(values)})
        return store.put({"kind": "edge", **told}, folder / "edge")

    most = 0

    def call(function, items, **more):
        nonlocal most
        assert len(items) <= held, len(items)
        Histogram.most = Histogram.live = 0
        dataset = types.SimpleNamespace(name="sim")
        ctx = types.SimpleNamespace(output_dir=folder, dataset=dataset, partition=None)
        made = function(plan=path, ctx=ctx, edges=items, **more)
        most = max(most, len(items) + Histogram.most)
        return made

    level, size = (edge(each) for each in expected), held
    left = len(expected)
    while left > held:
        level = _level(level, held, lambda items, size=size: call(blocks.block, items, block=size)["part"])
        left, size = -(-left // held), size * held
    done = store.get(call(blocks.dataset, list(level))["store"])
    return done["values"][NODE, port].bins, wanted, most


def _level(items, held, merge):
    """Yields the merges of what comes, so many at a time; nothing more than that is there at once."""
    some = []
    for each in items:
        some.append(each)
        if len(some) == held:
            yield merge(some)
            some = []
    if some:
        yield merge(some)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--count", type=int, default=10000)
    options.add_argument("--bins", type=int, default=1000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="muster-fasthep-") as folder:
        have, wanted, most = merged(given.count, given.bins, pathlib.Path(folder))
    right = bool((have == wanted).all())
    print("%d histograms of %d bins: a task held %d at most, the sum is %s" % (given.count, given.bins, most, right))
    sys.exit(not right or most > 64)


if __name__ == "__main__":
    main()
