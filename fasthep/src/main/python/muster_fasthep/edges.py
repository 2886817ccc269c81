"""What of a plan's values leaves a partition, and the edges that FAST-HEP's compiler drops."""


def kept(plan, registry):
    """Returns the (node, port) that are needed after the partitions, in plan order.

    That is FAST-HEP's boundary without the streams that only the partition's own writers and observers read.
    """
    from hepflow.runtime.boundary import plan_partition_boundary

    late = _read_late(plan)
    specs = plan_partition_boundary(plan, runtime_registry=registry)
    found = [each.key() for each in specs if "retained_product" in each.reasons or each.key() in late]
    if plan.partitions:
        return found
    # Without partitions FAST-HEP also writes the products that do not cross the boundary.
    written = {kind for kind, handler in registry.product_handlers.items() if handler.materialize is not None}
    wanted = set(found)
    return [
        (node.id, port)
        for node in plan.nodes
        for port, kind in node.outputs.items()
        if (node.id, port) in wanted or kind in written
    ]


def partition_nodes(plan, dataset):
    """Returns the nodes that run in each partition of a dataset; dataset: its values, or None without partitions."""
    from hepflow.model.plan_applicability import active_plan_nodes_for_dataset
    from hepflow.runtime.boundary import _sink_when
    from hepflow.runtime.engine import _is_global_side_product_node

    return {
        each.id
        for each in active_plan_nodes_for_dataset(plan, dataset=dataset)
        if not (dataset is not None and _is_global_side_product_node(each))
        and not (each.role == "sink" and _sink_when(each) != "partition_end")
    }


def _read_late(plan):
    """Returns what sinks of a dataset's end and the run's end read."""
    from hepflow.runtime.boundary import _sink_when

    late = [node for node in plan.nodes if node.role == "sink" and _sink_when(node) != "partition_end"]
    return {key for node in late for key in reads(plan, node)}


def reads(plan, node):
    """Returns the (node, port) that a node may read: behind one that some dataset bypasses, also what that one reads."""
    found = set()
    rest = list(node.inputs)
    while rest:
        edge = rest.pop()
        key = edge.node_id, edge.output_name
        if key in found:
            continue
        found.add(key)
        node = plan.node_index.get(edge.node_id)
        if node is not None and (node.meta or {}).get("applies_to"):
            rest.extend(node.inputs)
    return found


def dropped(plan, normalized):
    """Returns the edges that a stage's `from` names and the plan lacks, (node, edge) each.

    Of two edges between the same nodes FAST-HEP keeps one.
    """
    from hepflow.model.plan import PlanInputRef

    found = []
    for stage in (normalized.get("analysis") or {}).get("stages") or []:
        refs = stage.get("from") if isinstance(stage, dict) else None
        node = plan.node_index.get("stage.%s" % stage.get("id")) if isinstance(stage, dict) else None
        if not isinstance(refs, list) or node is None:
            continue
        have = {each.input_name for each in node.inputs}
        for ref in refs:
            if not isinstance(ref, dict) or not ref.get("as") or ref["as"] in have:
                continue
            producers = [
                each for each in node.inputs if plan.node_index[each.node_id].meta.get("stage_id") == ref.get("node")
            ]
            source = next((each.node_id for each in producers), None) or _by_name(plan, ref.get("node"))
            port = str(ref.get("port") or "stream")
            if source is not None and port in plan.node_index[source].outputs:
                found.append((node.id, PlanInputRef(node_id=source, output_name=port, input_name=str(ref["as"]))))
    return found


def _by_name(plan, name):
    return next(
        (each for each in ("stage.%s" % name, "read.%s" % name, "join.%s" % name) if each in plan.node_index), None
    )


def restore(plan, edges):
    """Puts dropped edges back into the plan."""
    for node_id, edge in edges:
        plan.node_index[node_id].inputs.append(edge)
