"""What the tasks of a FAST-HEP run call. Each writes below out in its own folder; store says how values travel."""

import os
from dataclasses import replace

from . import hooks, relocate, store
from .blocks import block, dataset
from .edges import kept
from .ends import datasets, sink
from .products import products, report
from .tasks import Task

__all__ = ["block", "chain", "dataset", "datasets", "products", "report", "shared", "sink"]


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
        if partition is not None:
            run = task.folder.parent.parent.parent  # Where all tasks of the run have their folders.
            hooks.once(task.hooks, ((str(run), plan), tuple(nodes)), base["partition"])
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
