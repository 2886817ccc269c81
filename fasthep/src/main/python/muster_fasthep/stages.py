"""What the tasks of a FAST-HEP run call. Each writes below out in its own folder; store says how values travel."""

import os
import pathlib
import shutil
from dataclasses import replace

from . import merge, relocate, store
from . import plan as plans
from .edges import kept, partition_nodes
from .products import products

__all__ = ["chain", "dataset", "products", "shared"]


class Task:
    """What the tasks have in common: the plan, FAST-HEP's context for this task, and its hooks."""

    def __init__(self, name, ctx, compatible, partitions=()):
        from hepflow.registry.loaders import runtime_registry_from_config
        from hepflow.runtime.hooks.manager import HookManager

        self.loaded = plans.load(name)
        self.plan = self.loaded.plan(compatible, partitions)
        self.registry = runtime_registry_from_config(self.plan.registry)
        self.folder = pathlib.Path(ctx.output_dir)
        if (self.folder / relocate.OUT).exists():
            shutil.rmtree(self.folder / relocate.OUT)  # Of an attempt that failed.
        # FAST-HEP has this path in values with and without its links resolved; they are to be the same.
        self.base, self.paths, self.recorder = plans.context(self.plan, (self.folder / relocate.OUT).resolve())
        self.hooks = HookManager.from_plan(self.plan)

    def lay_out(self, nodes):
        """Makes the folders that FAST-HEP makes before a run, for nodes that are not its own, which make theirs."""
        from hepflow.build_layout import ensure_build_layout

        from .answer import SECTIONS

        for node in nodes:
            entry = self.plan.registry[SECTIONS[node.role]][node.impl]
            if not str(entry["impl"]).startswith(("fasthep_", "hepflow.")):
                ensure_build_layout(self.paths.root, variation=self.paths.variation)
                return

    def told(self, nodes, warnings):
        """Returns what a task tells of itself besides its values."""
        return {
            "nodes": nodes,
            "operations": self.recorder.operation_records(),
            "resources": self.recorder.serialise_resources(),
            "hooks": self.hooks.usage_summary(),
            "warnings": warnings,
            "outdir": self.base["outdir"],
        }

    def put(self, kind, values):
        return store.put({"kind": kind, **values}, self.folder / ("%s.pickle" % kind))

    def tree(self):
        return relocate.with_files(self.folder / relocate.OUT)


def chain(plan, nodes, keep, edge=None, offsets=None, names=None, compatible=False, ctx=None, **inputs):
    """Runs nodes of a partition, in plan order, in one process; without partitions, of the run.

    keep: the (node, port) that later chains read; edge: those that leave the partition, by default what FAST-HEP keeps.
    offsets: by dataset the index of its first partition; names: FAST-HEP's names of datasets that have others here.
    Returns values, edge and tree.
    """
    from hepflow.runtime.engine import build_partition_context, execute_plan_partition

    task = Task(plan, ctx, compatible)
    partition = _partition(task.loaded, ctx, offsets or {}, names or {}, compatible)
    task.plan.partitions = [partition] if partition is not None else []
    base = task.base
    if partition is not None:
        base = build_partition_context(task.plan, base_ctx=base, partition=partition)
    active = _active(task.plan, nodes, base)
    ids = {each.id for each in active}
    given = _given(inputs)
    produced = {}
    if active:
        task.lay_out(active)
        hidden = _readers(task.plan, active, base)
        part = replace(task.plan, nodes=hidden.nodes(task.plan, active))
        found = execute_plan_partition(
            part, ctx=base, initial_values={**given, **hidden.values}, hook_manager=task.hooks
        )
        produced = {key: value for key, value in found.items() if key[0] in ids}
        _check_outputs(active, produced, compatible)
    products = _boundary(task, ids, produced, partition, base)
    leaving = _keys(edge) if edge is not None else set(kept(task.plan, task.registry))
    told = task.told([each.id for each in active], base["_warnings"])
    told.update(
        partition=None if partition is None else partition.id,
        types={key: type(value).__name__ for key, value in {**produced, **products}.items()},
        values={key: products.get(key, produced[key]) for key in produced if key in leaving},
    )
    return {
        "values": task.put("values", {"values": {key: produced[key] for key in _keys(keep) if key in produced}}),
        "edge": task.put("edge", told),
        "tree": task.tree(),
    }


def shared(plan, nodes, keep=None, compatible=False, ctx=None, **inputs):
    """Runs the nodes that run once, before all partitions. keep: the (node, port) that others read, by default all.

    Returns values, edge and tree.
    """
    from hepflow.runtime.engine import execute_global_side_product_nodes

    task = Task(plan, ctx, compatible)
    active = _active(task.plan, nodes, task.base)
    task.lay_out(active)
    part = replace(task.plan, nodes=active)
    produced = execute_global_side_product_nodes(
        part, ctx=task.base, initial_values=_given(inputs), hook_manager=task.hooks
    )
    told = task.told([each.id for each in active], task.base["_warnings"])
    told.update(partition=None, values={}, types={key: type(value).__name__ for key, value in produced.items()})
    values = produced if keep is None else {key: produced[key] for key in _keys(keep) if key in produced}
    return {"values": task.put("values", {"values": values}), "edge": task.put("edge", told), "tree": task.tree()}


def dataset(plan, nodes=None, keep=None, offsets=None, names=None, compatible=False, ctx=None, **inputs):
    """Merges a dataset's partitions, then runs its sinks and the hooks of its end. names: see chain.

    Returns store and tree.
    """
    from hepflow.runtime.boundary import _sink_when
    from hepflow.runtime.engine import build_dataset_context, execute_dataset_sinks

    task = Task(plan, ctx, compatible)
    name = (names or {}).get(ctx.dataset.name, ctx.dataset.name)
    expected = task.loaded.of_dataset(name, compatible)
    task.plan.partitions = expected
    common, edges = _split(inputs)
    merged = merge.Dataset(task.plan, task.registry, name, compatible)
    told = []
    roots = set()
    types = {}
    copied = {key: common[key] for key in kept(task.plan, task.registry) if key in common} if compatible else {}
    for partition, parts in _by_partition(task.plan, expected, edges, name):
        values = {key: value for part in parts for key, value in part["values"].items()}
        merged.add(_in_order(task.plan, {**copied, **values}))
        roots.update(part["outdir"] for part in parts)
        told.append(_summary(partition, parts, types))
    values = merged.result()
    given = {} if compatible else common
    values = {**given, **values}
    task.lay_out([each for each in task.plan.nodes if each.role == "sink" and _sink_when(each) == "dataset_end"])
    base = build_dataset_context(task.plan, base_ctx=task.base, dataset_name=name)
    execute_dataset_sinks(task.plan, dataset_name=name, dataset_value_store=values, ctx=base, hook_manager=task.hooks)
    own = task.told([], base["_warnings"])
    own.update(
        dataset=name,
        values={key: value for key, value in values.items() if key not in given},
        partitions=told,
        roots=sorted(roots | {own["outdir"]}),
    )
    return {"store": task.put("store", own), "tree": task.tree()}


def _partition(loaded, ctx, offsets, names, compatible):
    """Returns FAST-HEP's partition of a task; None where the plan has none."""
    if ctx.partition is None:
        if loaded.partitions:
            raise ValueError("the plan has partitions, and this task has none")
        return None
    here = ctx.partition.dataset
    name = names.get(here, here)
    ordinal = ctx.partition.index - offsets.get(here, 0)
    have = loaded.of_dataset(name, compatible)
    if not 0 <= ordinal < len(have):
        raise ValueError("partition %d of dataset %s is not one of the plan's %d" % (ordinal, name, len(have)))
    found = have[ordinal]
    if [_absolute(found.file)] != [_absolute(str(each)) for each in ctx.partition.files]:
        raise ValueError(
            "partition %s is of the file %s in the plan, and of %s here"
            % (found.id, found.file, list(ctx.partition.files))
        )
    return found


def _absolute(name):
    return name if "://" in name else os.path.abspath(name)


def _active(plan, nodes, base):
    from hepflow.model.plan_applicability import active_plan_nodes_for_context

    wanted = set(nodes)
    lost = wanted - set(plan.node_index)
    if lost:
        raise ValueError("the plan has no node %s" % ", ".join(sorted(lost)))
    return [each for each in active_plan_nodes_for_context(plan, ctx=base) if each.id in wanted]


def _keys(pairs):
    return [tuple(each) for each in pairs or ()]


def _given(inputs):
    found = {}
    for item in store.items(inputs):
        if not store.is_folder(item):
            found.update(store.get(item)["values"])
    return found


class _Readers:
    """Nodes that run elsewhere, or have run. FAST-HEP looks at who reads a source, since for some it reads less."""

    def __init__(self, found):
        self._found = found
        self.values = {
            (node.id, port): None for node in found.values() if node.role == "observer" for port in node.outputs
        }

    def nodes(self, plan, active):
        ids = {each.id for each in active}
        return [self._found.get(each.id, each) for each in plan.nodes if each.id in ids or each.id in self._found]


def _readers(plan, active, base):
    """Returns the readers that a chain with a source needs; they are made such that FAST-HEP does not run them."""
    from hepflow.model.plan_applicability import active_plan_nodes_for_context

    if not any(each.role == "source" for each in active):
        return _Readers({})
    ids = {each.id for each in active}
    found = {}
    for node in active_plan_nodes_for_context(plan, ctx=base):
        if node.id in ids:
            continue
        if node.role == "observer":
            found[node.id] = replace(node, output_scope="global")  # Its outputs are given, so it has run.
        else:
            found[node.id] = replace(node, role="sink", params={"when": "run_end"})  # Not now.
    return _Readers(found)


def _check_outputs(active, produced, compatible):
    """Refuses a node without any of its outputs: a hook or modifier kept its error to itself."""
    from hepflow.runtime.boundary import _sink_when

    for node in active:
        late = node.role == "sink" and _sink_when(node) != "partition_end"
        if compatible or late or not node.outputs or any((node.id, port) in produced for port in node.outputs):
            continue
        raise RuntimeError(
            "node %s gave none of its outputs (%s): a hook or modifier swallowed its error, or it returned no products"
            % (node.id, ", ".join(node.outputs))
        )


def _boundary(task, ids, produced, partition, base):
    """Returns the products that FAST-HEP lets out of a partition, as it makes them there, by (node, port)."""
    from hepflow.runtime.boundary import extract_boundary_products, plan_partition_boundary

    if partition is None:
        return {}
    specs = [each for each in plan_partition_boundary(task.plan, runtime_registry=task.registry) if each.node_id in ids]
    found = extract_boundary_products(
        task.plan, produced, partition=partition, boundary=specs, runtime_registry=task.registry, ctx=base
    )
    return {each.key(): each.value for each in found}


def _split(inputs):
    """Returns the values that are there once, and a list of the other inputs, with one item for each partition."""
    common = {}
    edges = []
    for each in inputs.values():
        if isinstance(each, (list, tuple)):
            if any(item is not None for item in each):
                edges.append(list(each))
            continue
        if each is None or store.is_folder(each):
            continue
        values = store.get(each)
        if values["kind"] == "values":
            common.update(values["values"])
        else:
            edges.append([each])
    return common, edges


def _by_partition(plan, expected, edges, name):
    """Returns what the chains of each partition told, one partition at a time; refuses where anything is missing."""
    wanted = partition_nodes(plan, plan.context["datasets"].get(name, {"name": name}))
    rest = [iter(each) for each in edges]
    for partition in expected:
        parts = []
        for items in rest:
            part = store.get(next(items, None) or _missing(partition))
            if part["partition"] != partition.id:
                raise ValueError("partition %s is to be merged, and %s came" % (partition.id, part["partition"]))
            parts.append(part)
        ran = {node for part in parts for node in part["nodes"]}
        if ran != wanted:
            raise ValueError(
                "partition %s lacks nodes, or has others: %s" % (partition.id, ", ".join(sorted(ran ^ wanted)))
            )
        yield partition, parts
    if any(next(items, None) is not None for items in rest):
        raise ValueError("dataset %s has %d partitions, and more came to be merged" % (name, len(expected)))


def _missing(partition):
    raise ValueError("partition %s did not come to be merged" % partition.id)


def _in_order(plan, values):
    order = [(node.id, port) for node in plan.nodes for port in node.outputs]
    return {key: values[key] for key in order if key in values}


def _summary(partition, parts, known):
    """Returns what the run's end needs to know of a partition. known: the types of others, mostly the same."""
    types = {key: kind for part in parts for key, kind in part["types"].items()}
    return {
        "id": partition.id,
        "types": known.setdefault(tuple(types.items()), types),
        "warnings": [each for part in parts for each in part["warnings"]],
        "operations": [each for part in parts for each in part["operations"]],
        "resources": [part["resources"] for part in parts if part["resources"]],
        "hooks": [part["hooks"] for part in parts],
    }
