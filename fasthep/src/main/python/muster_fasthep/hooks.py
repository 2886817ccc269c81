"""Hooks and modifiers of a run whose nodes ran in several processes."""

NODE = {"before_node", "around_node", "after_node", "on_node_error"}
PARTITION = {"partition_start", "partition_end"}
END = {"dataset_end", "run_end"}


def describe(plan):
    """Returns the plan's execution hooks: kind, events, and whether one keeps state across the nodes of a partition."""
    found = []
    for each, events, _ in _hooks(plan):
        own = not each.startswith("hep.")
        found.append(
            {
                "kind": each,
                "events": sorted(events),
                "stateful": own and "partition_end" in events and bool(events & NODE),
            }
        )
    return found


def warnings(plan):
    """Returns what is to be said of hooks that count on one process for the whole run."""
    text = (
        "the hook %s listens to %s and to events of partitions: at the end it does not see the state that it had "
        "on workers; let it tell that by results()"
    )
    return [
        text % (kind, " and ".join(sorted(events & END)))
        for kind, events, tells in _hooks(plan)
        if events & END and events & (NODE | PARTITION) and not tells
    ]


def _hooks(plan):
    from hepflow.model.hooks import ExecutionHook
    from hepflow.runtime.hooks.manager import HookManager

    for each in HookManager.from_plan(plan).hooks:
        results = getattr(type(each["hook"]), "results", None)
        tells = (
            results is not None
            and results is not ExecutionHook.results
            or str(each["spec"].get("kind")).startswith("hep.")
        )
        yield str(each["spec"].get("kind")), set(each["events"]), tells


def merged(summaries):
    """Returns the usage of hooks and modifiers of the whole run, from those of its tasks, in the order of the tasks."""
    found = {}
    for summary in summaries:
        for item in (summary or {}).get("enabled") or []:
            key = (
                item.get("kind"),
                tuple(item.get("events") or []),
                item.get("source"),
                item.get("node"),
                repr(item.get("params")),
            )
            if key not in found:
                found[key] = {**item, "calls": 0}
                found[key].pop("results", None)
            found[key]["calls"] += int(item.get("calls") or 0)
            if item.get("results"):
                found[key]["results"] = _results(found[key].get("results"), item["results"])
    return {"enabled": _hooks_first(list(found.values()))}


def _results(have, more):
    have = dict(have or {})
    for name, value in more.items():
        if isinstance(value, list):
            have[name] = [*(have.get(name) or []), *value]
        elif isinstance(value, dict):
            have[name] = {**(have.get(name) or {}), **value}
        else:
            have[name] = value
    return have


def _hooks_first(items):
    return sorted(items, key=lambda each: each.get("source") == "execution_modifier")
