"""What Muster is told of a compiled plan, as plain values."""

from . import hooks, joins
from .edges import kept

SECTIONS = {"source": "sources", "transform": "transforms", "observer": "observers", "sink": "sinks"}


def describe(plan, registry, restored):
    """Returns the plan as plain values. restored: edges that FAST-HEP dropped and that are back, (node, edge) each."""
    from hepflow.model.plan_applicability import active_plan_nodes_for_dataset

    datasets = dict(plan.context.get("datasets") or {})
    names = list(plan.context.get("dataset_names") or datasets)
    active = {name: {node.id for node in active_plan_nodes_for_dataset(plan, dataset=datasets[name])} for name in names}
    leaving = {}
    for node_id, port in kept(plan, registry):
        leaving.setdefault(node_id, []).append(port)
    back = {(node, edge.input_name) for node, edge in restored}
    duplicates = joins.duplicates(plan.partitions)
    return {
        "datasets": [_dataset(name, datasets[name]) for name in names],
        "nodes": [
            _node(plan, node, [name for name in names if node.id in active[name]], leaving.get(node.id, []), back)
            for node in plan.nodes
        ],
        "partitions": [{**each.to_dict(), "duplicate_of": duplicates.get(each.id)} for each in plan.partitions],
        "execution": plan.execution,
        "hooks": hooks.describe(plan),
        "reports": [str(each.get("id")) for each in plan.reports],
    }


def _dataset(name, values):
    return {
        "name": name,
        "eventtype": _text(values.get("eventtype")),
        "group": _text(values.get("group")),
        "files": [str(each) for each in values.get("files") or []],
        "nevents": _number(values.get("nevents")),
    }


def _node(plan, node, datasets, leaving, back):
    from hepflow.runtime.boundary import _sink_when
    from hepflow.runtime.engine import _is_global_side_product_node

    execution = dict((node.meta or {}).get("execution") or {})
    return {
        "id": node.id,
        "role": node.role,
        "impl": node.impl,
        "inputs": [
            {
                "node": each.node_id,
                "output": each.output_name,
                "input": each.input_name,
                **({"restored": True} if (node.id, each.input_name) in back else {}),
            }
            for each in node.inputs
        ],
        "outputs": list(node.outputs),
        "input_scope": node.input_scope,
        "output_scope": node.output_scope,
        "when": _sink_when(node) if node.role == "sink" else None,
        "shared": bool(plan.partitions) and _is_global_side_product_node(node),
        "kept": leaving,
        "stage_id": str((node.meta or {}).get("stage_id") or node.id),
        "applies_to": (node.meta or {}).get("applies_to") or None,
        "datasets": datasets,
        "execution": {
            "require": execution.get("require"),
            "prefer": execution.get("prefer"),
            "fallback": execution.get("fallback"),
            "timeout": execution.get("timeout"),
            "modifiers": [
                {"name": str(each.get("name")), "params": dict(each.get("params") or {})}
                for each in execution.get("modifiers") or []
                if isinstance(each, dict)
            ],
        },
    }


def unknown(plan):
    """Returns nodes, hooks and modifiers that are not registered or cannot be imported, (who, why) each."""
    found = []
    for node in plan.nodes:
        _check(plan, SECTIONS[node.role], node.impl, "node %s" % node.id, found)
        for modifier in dict((node.meta or {}).get("execution") or {}).get("modifiers") or []:
            if isinstance(modifier, dict) and modifier.get("name"):
                _check(plan, "execution_modifiers", str(modifier["name"]), "node %s" % node.id, found)
    for hook in plan.execution_hooks:
        if isinstance(hook, dict) and hook.get("kind"):
            _check(plan, "hooks", str(hook["kind"]), "execution_hooks", found)
    for report in plan.reports:
        _check(plan, "sinks", str(report.get("op")), "report %s" % report.get("id"), found)
    return found


def _check(plan, section, name, who, found):
    import difflib

    from hepflow.registry.loaders import load_object

    known = dict((plan.registry or {}).get(section) or {})
    entry = known.get(name)
    if not isinstance(entry, dict):
        near = difflib.get_close_matches(name, [str(each) for each in known], 1)
        meant = "; did you mean %r?" % near[0] if near else ""
        found.append((who, "%r is not among the registry's %s%s" % (name, section, meant)))
        return
    for key in ("spec", "impl"):
        reference = entry.get(key)
        if key == "spec" and reference is None:
            continue
        try:
            load_object(reference)
        except Exception as error:
            found.append(
                (
                    who,
                    "the %s of %r, %s, cannot be imported: %s: %s"
                    % (key, name, reference, type(error).__name__, error),
                )
            )
            return


def _text(value):
    return None if value is None else str(value)


def _number(value):
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
