"""Keys of a workflow that FAST-HEP's compiler passes over without a word."""

import difflib

# What FAST-HEP 2026.10 reads of its own parts. Parameters of components, styles and datasets are open.
TOP = set(
    "version use include data datasets sources joins primary_stream fields styles outputs observers analysis reports "
    "systematics registry execution execution_hooks".split()
)
ANALYSIS = {"globals", "stages"}
STAGE = set(
    "id op role from in needs params applies_to execution inspect write render when out variations".split()
)
ROOT_TREE = set("kind tree stream_type branches missing_branches start stop".split())
SYSTEMATICS = {"include_nominal", "profiles", "variations"}
VARIATION = set(
    "name mode group direction metadata applies_to requires weight replace datasets anchor stage patch params "
    "stop_before export matrix".split()
)
REPORT = {"id", "op", "source", "template", "outputs"}
JOIN = {"kind", "inputs", "on_mismatch"}
FIELD = {"stream", "branch"}
DATA = {"defaults", "datasets"}


def warnings(workflow):
    """Returns a text for each key that has no effect. workflow: the document with what it includes."""
    return [
        "FAST-HEP does not read '%s'%s" % (where, _meant(where.rsplit(".", 1)[-1], known))
        for where, known in _found(workflow)
    ]


def _found(workflow):
    if not isinstance(workflow, dict):
        return
    yield from _unknown("", workflow, TOP)
    yield from _unknown("data", workflow.get("data"), DATA)
    for name, source in _items(workflow.get("sources")):
        if isinstance(source, dict) and source.get("kind", "root_tree") == "root_tree":
            yield from _unknown("sources.%s" % name, source, ROOT_TREE)
    for section, known in (("joins", JOIN), ("fields", FIELD), ("reports", REPORT)):
        for name, each in _items(workflow.get(section)):
            yield from _unknown("%s.%s" % (section, name), each, known)
    analysis = workflow.get("analysis")
    yield from _unknown("analysis", analysis, ANALYSIS)
    for name, stage in _items(analysis.get("stages") if isinstance(analysis, dict) else None):
        yield from _unknown("analysis.stages.%s" % name, stage, STAGE)
    systematics = workflow.get("systematics")
    yield from _unknown("systematics", systematics, SYSTEMATICS)
    for name, each in _items(systematics.get("variations") if isinstance(systematics, dict) else None):
        yield from _unknown("systematics.variations.%s" % name, each, VARIATION)


def _items(section):
    """Returns the entries of a mapping or of a list, each with its name."""
    if isinstance(section, dict):
        return list(section.items())
    if not isinstance(section, list):
        return []
    return [
        ((each.get("id") or each.get("name") or i) if isinstance(each, dict) else i, each)
        for i, each in enumerate(section)
    ]


def _unknown(where, mapping, known):
    for key in mapping if isinstance(mapping, dict) else ():
        if str(key) not in known and not str(key).startswith(("x-", "_")):
            yield ("%s.%s" % (where, key) if where else str(key)), known


def _meant(key, known):
    near = difflib.get_close_matches(key, sorted(known), 1)
    return "; did you mean '%s'?" % near[0] if near else ""
