"""Runs a compiled workflow as Muster's Java half does, in this process.

It makes chains, calls their tasks in order, and carries their outputs. Every value that goes from a task to another is
pickled, and with `move` every folder of a task is moved before anyone reads from it.
"""

import contextlib
import json
import os
import pathlib
import pickle
import shutil
import subprocess
import sys
import types

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "main" / "python"


def compile_workflow(root, outdir, workflow=None, plan=None, chunk_size=None, variations=None, pythonpath=()):
    """Starts the compiler; returns its answer."""
    request = {
        "workflow": workflow and str(workflow),
        "plan": plan and str(plan),
        "root": str(root),
        "outdir": str(outdir),
        "chunk_size": chunk_size,
        "variations": variations,
    }
    path = os.pathsep.join([str(SOURCES), *map(str, pythonpath)])
    done = subprocess.run(
        [sys.executable, "-P", "-m", "muster_fasthep.compiler"],
        input=json.dumps(request),
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or done.stdout:
        raise RuntimeError("exit code %d, stdout %r, stderr %s" % (done.returncode, done.stdout, done.stderr[-4000:]))
    return json.loads((pathlib.Path(outdir) / "muster" / "answer.json").read_text())


class Driver:
    """Runs one plan of an answer.

    split: False for one chain of all nodes, True for a chain of each node. block: the most stores that a
    merge of partitions reads, 2 or more; group: the most datasets.
    """

    def __init__(self, root, outdir, plan, work, split=False, compatible=False, move=False, block=32, group=32):
        self.root = pathlib.Path(root)
        self.outdir = pathlib.Path(outdir)
        self.plan = plan
        self.work = pathlib.Path(work)
        self.split = split
        self.compatible = compatible
        self.move = move
        self.block = block
        self.group = group
        self.tasks = 0
        self.nodes = {each["id"]: each for each in plan["nodes"]}
        self.partitions = [each for each in plan["partitions"] if compatible or each["duplicate_of"] is None]

    def run(self, products):
        """Runs all; returns what the stage `products` or the last report returns."""
        with _folder(self.root):
            return self._run(products)

    def _run(self, products):
        from muster_fasthep import stages

        datasets = list(dict.fromkeys(each["dataset"] for each in self.partitions))
        ordered = [part for name in datasets for part in self.partitions if part["dataset"] == name]
        common = self._shared(stages)
        done = []
        for chain in self._chains():
            done.append(
                [
                    self._chain(stages, chain, ordered, i, [*common, *(each[i] for each in done)])
                    for i in range(len(ordered) or 1)
                ]
            )
        values = {"shared": [each["values"] for each in common]}
        merged = [self._dataset(stages, name, ordered, values, done) for name in datasets] if ordered else []
        trees = [each["tree"] for chain in done for each in chain]
        early = {} if ordered else {"edge_%d" % i: each["edge"] for i, (each,) in enumerate(done)}
        sinks = [
            [
                self._call(stages.sink, {**values, "store": each["store"], "tree": trees}, dataset=name, node=sink)
                for name, each in zip(datasets, merged)
            ]
            for sink in self._late("dataset_end")
        ]
        early.update({"edges_%d" % i: [each["edge"] for each in sink] for i, sink in enumerate(sinks)})
        last = self._late("run_end")
        ended = self._datasets(stages, {**values, **early}, [each["store"] for each in merged], last)
        final = [
            self._call(
                stages.sink, {"store": ended["sink_%d" % i], "tree": [ended["tree"], *trees]}, node=each
            )
            for i, each in enumerate(last)
        ]
        inputs = {
            "told": [each["told"] for each in merged],
            "rest": ended["rest"],
            "shared": [each[port] for each in common for port in ("edge", "tree")],
            "trees": trees,
            "ends": [each[port] for sink in [*sinks, final] for each in sink for port in ("edge", "tree")],
            "tree": ended["tree"],
            **({} if ordered else {key: each for key, each in early.items() if key.startswith("edge_")}),
        }
        done = self._call(
            stages.products, inputs, outdir=str(products), compiled=str(self.outdir), summary={"backend": "test"}
        )
        for i in range(len(self.plan["reports"])):
            done = self._call(stages.report, {"report": done["report"]}, number=i)
        return done

    def _late(self, when):
        return [each["id"] for each in self.plan["nodes"] if each["when"] == when]

    def _datasets(self, stages, inputs, stores, sinks):
        """Merges datasets, in a tree if there are many."""
        if self.compatible or len(stores) <= self.group:
            return self._call(stages.datasets, {**inputs, "stores": stores}, sinks=sinks)
        parts = [
            self._call(
                stages.datasets,
                {
                    key: [item for item in each[at : at + self.group]] if key.startswith("edges_") else each
                    for key, each in {**inputs, "stores": stores}.items()
                    if key != "stores"
                }
                | {"stores": stores[at : at + self.group]},
                part=True,
            )["part"]
            for at in range(0, len(stores), self.group)
        ]
        rest = {key: each for key, each in inputs.items() if not key.startswith("edges_")}
        return self._call(stages.datasets, {**rest, "parts": parts}, sinks=sinks)

    def _chains(self):
        nodes = [each for each in self.plan["nodes"] if not each["shared"] and each["when"] in (None, "partition_end")]
        return [[each] for each in nodes] if self.split else [nodes]

    def _shared(self, stages):
        nodes = [each["id"] for each in self.plan["nodes"] if each["shared"]]
        return [self._call(stages.shared, {}, nodes=nodes)] if nodes else []

    def _chain(self, stages, chain, ordered, i, before):
        params = {
            "nodes": [each["id"] for each in chain],
            "keep": self._keep(chain),
            "edge": [[each["id"], port] for each in chain for port in each["kept"]],
        }
        partition = None
        if ordered:
            part = ordered[i]
            partition = types.SimpleNamespace(
                index=i, dataset=part["dataset"], files=[part["file"]], first_event=0, events=-1
            )
            params["offsets"] = {}
            for at, each in enumerate(ordered):
                params["offsets"].setdefault(each["dataset"], at)
        inputs = {"input_%d" % at: each["values"] for at, each in enumerate(before)}
        return self._call(stages.chain, inputs, partition=partition, **params)

    def _keep(self, chain):
        """Returns what others read of a chain; behind nodes that a dataset bypasses, also what their readers read."""
        ids = {each["id"] for each in chain}
        found = []
        for node in self.plan["nodes"]:
            if node["id"] in ids:
                continue
            rest = list(node["inputs"])
            while rest:
                edge = rest.pop()
                if edge["node"] in ids and edge["input"] != "dependency":
                    found.append([edge["node"], edge["output"]])
                if self.nodes[edge["node"]]["applies_to"]:
                    rest.extend(self.nodes[edge["node"]]["inputs"])
        return found

    def _dataset(self, stages, name, ordered, values, done):
        inputs = {
            "chain_%d" % i: [each["edge"] for each, part in zip(chain, ordered) if part["dataset"] == name]
            for i, chain in enumerate(done)
        }
        shared = {"shared_%d" % i: each for i, each in enumerate(values["shared"])}
        size = self.block
        while max(map(len, inputs.values())) > self.block:
            blocks = range(0, max(map(len, inputs.values())), self.block)
            parts = []
            for at in blocks:
                here = {key: each[at : at + self.block] for key, each in inputs.items()}
                parts.append(self._call(stages.block, {**here, **shared}, dataset=name, block=size)["part"])
            inputs = {"parts": parts}
            size *= self.block
        return self._call(stages.dataset, {**inputs, **shared}, dataset=name)

    def _call(self, function, inputs, partition=None, dataset=None, **params):
        folder = self.work / "stage" / ("task_%d" % self.tasks) / "outputs"
        self.tasks += 1
        folder.mkdir(parents=True)
        ctx = types.SimpleNamespace(
            output_dir=folder,
            base_dir=self.root,
            partition=partition,
            dataset=dataset and types.SimpleNamespace(name=dataset),
        )
        inputs = pickle.loads(pickle.dumps(inputs))
        result = function(
            plan=str(self.outdir / self.plan["pickle"]), compatible=self.compatible, ctx=ctx, **params, **inputs
        )
        return _moved(result, folder, folder.with_name("moved")) if self.move else result


def _moved(value, old, new):
    """Moves a task's folder, as where workers share none, and returns its outputs with their paths."""
    if old.exists():
        shutil.move(old, new)
    if isinstance(value, pathlib.Path) and old in value.parents:
        return new / value.relative_to(old)
    return {key: _moved(each, old, new) for key, each in value.items()} if isinstance(value, dict) else value


@contextlib.contextmanager
def _folder(root):
    """Lets this process be as a task finds it: in the root, whose modules it imports."""
    old, path = os.getcwd(), list(sys.path)
    os.chdir(root)
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        os.chdir(old)
        sys.path[:] = path
