"""Hooks and modifiers of a run whose nodes ran in several processes."""

import collections
import threading

NODE = {"before_node", "around_node", "after_node", "on_node_error"}
PARTITION = {"partition_start", "partition_end"}
END = ("dataset_end", "run_end")
REMEMBERED = 1024
_SEEN = collections.OrderedDict()  # by run and partition: the chain that called its hooks, and what these put into ctx
_LOCK = threading.Lock()


def describe(plan):
    """Returns the plan's execution hooks.

    kind, events; stateful: it has to see all nodes of a partition in one process; apart: the events that it listens to
    come in several processes whatever the workflow says, in words, else None.
    """
    found = []
    for kind, events in _hooks(plan):
        own = not kind.startswith("hep.")
        found.append(
            {
                "kind": kind,
                "events": sorted(events),
                "stateful": own and bool(events & PARTITION) and bool(events & NODE),
                "apart": _apart(events) if own else None,
            }
        )
    return found


def _apart(events):
    places = [sorted(events & (NODE | PARTITION)), *([each] for each in END if each in events)]
    places = [", ".join(each) for each in places if each]
    return " and ".join(places) if len(places) > 1 else None


def once(manager, owner, partition):
    """Lets a hook manager call the hooks of a partition's start and end once for the partition in this process.

    Another chain of the partition that runs in this process later gets in its context what they have put there. owner:
    tells chains and runs apart; a chain that runs again calls them again, since what they told the first time is lost.
    """
    run, chain = owner
    key = run, partition["id"]
    with _LOCK:
        known = _SEEN.get(key)
    if known is not None and known[0] != chain:
        manager.partition_start = lambda *, partition, ctx: ctx.update(known[1])
        manager.partition_end = lambda **values: None
        return
    start, end = manager.partition_start, manager.partition_end
    added = {}

    def partition_start(*, partition, ctx):
        before = dict(ctx)
        start(partition=partition, ctx=ctx)
        added.update({name: value for name, value in ctx.items() if name not in before or before[name] is not value})

    def partition_end(**values):
        end(**values)
        with _LOCK:
            _SEEN[key] = chain, added
            while len(_SEEN) > REMEMBERED:
                _SEEN.popitem(last=False)

    manager.partition_start, manager.partition_end = partition_start, partition_end


def _hooks(plan):
    from hepflow.runtime.hooks.manager import HookManager

    for each in HookManager.from_plan(plan).hooks:
        yield str(each["spec"].get("kind")), set(each["events"])


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
