"""What comes after the merges of datasets: late sinks and renders, each in a task of its own, and the run's products."""

from dataclasses import replace

from . import edges, merge, relocate, store
from .tasks import Task


def sink(plan, node, names=None, compatible=False, ctx=None, **inputs):
    """Runs one sink of a dataset's end or of the run's end. names: see blocks.block. Returns edge and tree."""
    from hepflow.runtime import engine

    task = Task(plan, ctx, compatible)
    found = task.plan.node_index[node]
    here = _Inputs(inputs)
    dataset = None if ctx.dataset is None else (names or {}).get(ctx.dataset.name, ctx.dataset.name)
    run = task.loaded.run(compatible)
    task.plan.partitions = run if dataset is None else task.loaded.of_dataset(dataset, compatible)
    moved = relocate.Relocation(here.roots(), task.base["outdir"])
    common = {} if compatible else here.common
    values = moved.apply({**common, **here.store["values"], **here.sinks})
    given = relocate.gather(here.trees, task.paths.root, last_wins=True)
    task.lay_out([found])
    task.hooks.dataset_end = _not_here
    part = replace(task.plan, nodes=[found])
    if dataset is None:
        base = task.base
        engine._register_product_bindings(base, here.store["items"])
        engine.execute_final_nodes(part, value_store=values, ctx=base, hook_manager=task.hooks)
    else:
        base = engine.build_dataset_context(task.plan, base_ctx=task.base, dataset_name=dataset)
        engine.execute_dataset_sinks(
            part, dataset_name=dataset, dataset_value_store=values, ctx=base, hook_manager=task.hooks
        )
    outputs = {(node, port): values[node, port] for port in found.outputs if (node, port) in values}
    if found.outputs and not outputs and not compatible and _applies(part, base):
        raise RuntimeError(
            "node %s gave none of its outputs (%s): a hook or modifier swallowed its error"
            % (node, ", ".join(found.outputs))
        )
    relocate.forget(here.trees, given, task.paths.root)
    told = task.told([node], base["_warnings"])
    return {"edge": task.put("edge", {**told, "dataset": dataset, "values": outputs}), "tree": task.tree()}


def datasets(plan, sinks=(), part=False, names=None, compatible=False, ctx=None, **inputs):
    """Merges datasets, and writes histograms, cutflows and other products of the run.

    part: only some of the datasets, for another task of this kind; then it returns part. sinks: those of the run's end.
    Returns rest, with what the run's end needs, tree, and for each sink its values as sink_0, sink_1 and so on.
    """
    from hepflow.runtime.materialize import materialize_final_products

    task = Task(plan, ctx, compatible)
    task.plan.partitions = task.loaded.run(compatible)
    here = _Inputs(inputs)
    common = {} if compatible and task.plan.partitions else here.common
    if not task.plan.partitions:
        values = {**common, **here.sinks}
        order = []
    else:
        merging = merge.Run(task.plan, task.registry, compatible)
        order = _merge(task, merging, here, common)
        if part:
            parts = merging.parts()
            told = task.told([], task.base["_warnings"])
            shown = {key: each for name in ("merged", "combined", "collected") for key, each in parts[name].items()}
            parts.update(datasets=order, roots=sorted(here.roots()), values=shown, told=[*here.told, told])
            return {"part": task.put("parts", parts)}
        values = {**common, **merging.result()}
    wanted = list(dict.fromkeys(each.dataset for each in task.plan.partitions))
    if order != wanted:
        raise ValueError("the datasets %s are to be merged, and %s came" % (_said(wanted), _said(order)))
    items = materialize_final_products(task.plan, value_store=values, outdir=task.base["outdir"])
    types = {key: type(value).__name__ for key, value in values.items()}
    roots = sorted(here.roots() | {task.base["outdir"]})
    written = {each.id for each in task.plan.nodes if each.role == "sink"}
    artifacts = {key: value for key, value in values.items() if key[0] in written and key[1] == "artifact"}
    rest = {
        **task.told([], task.base["_warnings"]),
        "values": artifacts,
        "types": types,
        "common": list(here.common),
        "roots": roots,
        "told": here.told,
    }
    outputs = {"rest": task.put("rest", rest), "tree": task.tree()}
    for number, node in enumerate(sinks):
        keys = edges.reads(task.plan, task.plan.node_index[node])
        read = {key: values[key] for key in values if key in keys}
        name = "sink_%d" % number
        final = {"kind": "final", "values": read, "items": items, "roots": roots}
        outputs[name] = store.put(final, task.folder / (name + ".pickle"))
    return outputs


def _merge(task, merging, here, common):
    """Merges the datasets that came, in the order of the plan; returns their names."""
    from hepflow.runtime.engine import build_dataset_context

    order = []
    for part in here.parts():
        merging.add_part(part)
        order += part["datasets"]
    hooked = task.hooks.has_event("dataset_end")
    for values in here.stores():
        name = values["dataset"]
        order.append(name)
        products = {**values["values"], **here.of_dataset(name)}
        if hooked:
            context = build_dataset_context(task.plan, base_ctx=task.base, dataset_name=name)
            task.hooks.dataset_end(dataset_name=name, ctx=context, value_store={**common, **products})
        merging.add(products)
    return order


class _Inputs:
    """What a task was given, by kind. Stores and parts are read one at a time.

    common: the values that are there once; sinks: those of other sinks, or without partitions of chains; trees:
    folders.
    """

    def __init__(self, inputs):
        self.common = {}
        self.sinks = {}
        self.store = {"values": {}, "items": []}
        self.trees = []
        self.told = []
        self._edges = []
        self._stores = []
        self._parts = []
        self._roots = set()
        for name, given in inputs.items():
            for item in store.items({name: given}):
                self._take(name, item)

    def _take(self, name, item):
        if store.is_folder(item):
            self.trees.append(item)
        elif name == "stores":
            self._stores.append(item)
        elif name.startswith("parts"):
            self._parts.append(item)
        else:
            values = store.get(item)
            if values["kind"] == "values":
                self.common.update(values["values"])
            elif values["kind"] == "edge":
                self._edges.append(values)
                self.sinks.update(values["values"])
                self._roots.add(values["outdir"])
            else:
                self.store = values
                self._roots.update(values["roots"])

    def stores(self):
        """Yields the datasets' stores in the order in which they came, which is the plan's."""
        for item in self._stores:
            values = store.get(item)
            self._roots.update(values["roots"])
            yield values

    def parts(self):
        for item in self._parts:
            values = store.get(item)
            self._roots.update(values["roots"])
            self.told += values["told"]
            yield values

    def of_dataset(self, name):
        """Returns the outputs of a dataset's sinks."""
        return {key: each for edge in self._edges if edge["dataset"] == name for key, each in edge["values"].items()}

    def roots(self):
        """Returns the folders of the tasks in which files of what was read lie."""
        return self._roots


def _applies(plan, base):
    from hepflow.model.plan_applicability import active_plan_nodes_for_context

    return bool(active_plan_nodes_for_context(plan, ctx=base))


def _not_here(**values):
    """Keeps FAST-HEP from calling the hooks of a dataset's end after each sink: they are called once, after all."""


def _said(names):
    return ", ".join(names) or "none"
