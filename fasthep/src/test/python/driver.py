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

    split: False for one chain of all nodes, True for a chain of each node.
    """

    def __init__(self, root, outdir, plan, work, split=False, compatible=False, move=False):
        self.root = pathlib.Path(root)
        self.outdir = pathlib.Path(outdir)
        self.plan = plan
        self.work = pathlib.Path(work)
        self.split = split
        self.compatible = compatible
        self.move = move
        self.tasks = 0
        self.nodes = {each["id"]: each for each in plan["nodes"]}
        self.partitions = [each for each in plan["partitions"] if compatible or each["duplicate_of"] is None]

    def run(self, products):
        """Runs all; returns what the stage `products` returns."""
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
        inputs = {"shared": [each[port] for each in common for port in ("edge", "values", "tree")]}
        if self.partitions:
            merged = [self._dataset(stages, name, ordered, common, done) for name in datasets]
            inputs["store"] = [each["store"] for each in merged]
            inputs["tree"] = [each["tree"] for each in merged]
            inputs.update({"tree_%d" % i: [each["tree"] for each in chain] for i, chain in enumerate(done)})
        else:
            inputs.update({"chain_%d" % i: [each["edge"], each["tree"]] for i, (each,) in enumerate(done)})
        return self._call(
            stages.products, inputs, outdir=str(products), compiled=str(self.outdir), summary={"backend": "test"}
        )

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

    def _dataset(self, stages, name, ordered, common, done):
        inputs = {
            "chain_%d" % i: [each["edge"] for each, part in zip(chain, ordered) if part["dataset"] == name]
            for i, chain in enumerate(done)
        }
        inputs.update({"shared_%d" % i: each["values"] for i, each in enumerate(common)})
        return self._call(stages.dataset, inputs, dataset=name)

    def _call(self, function, inputs, partition=None, dataset=None, **params):
        folder = self.work / ("task_%d" % self.tasks)
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
        return _moved(result, folder, folder.with_name(folder.name + "_moved")) if self.move else result


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
