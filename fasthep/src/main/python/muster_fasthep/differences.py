"""What a run did otherwise than `fasthep run` with its local backend, for the summary of the run."""

from .edges import kept

JOINS = (
    "events that several sources read were processed once; "
    "FAST-HEP runs the whole plan once for each source and counts them again"
)
VARIATIONS = (
    "the variation's records of provenance, manifests of writers and reports are its own; FAST-HEP has one for all"
)
EDGES = "edges between two nodes that already had one were put back; FAST-HEP's compiler drops them"
MERGES = "products were merged as by FAST-HEP's Dask backend, so that cutflows keep their datasets"
COMMON = "products that are made once for the run reach sinks once; FAST-HEP hands over a copy for each partition"


def of(loaded, plan, registry, common):
    """Returns the differences that this plan meets, a mapping each: what, and of what it is true."""
    found = []
    if loaded.repeated:
        found.append({"what": JOINS, "partitions_left_out": len(loaded.repeated)})
    if loaded.restored:
        found.append({"what": EDGES, "inputs": ["%s.%s" % each for each in loaded.restored]})
    combined = _combined(plan, registry)
    if plan.partitions and combined:
        found.append({"what": MERGES, "products": combined})
    if (plan.context.get("variation") or {}).get("name"):
        found.append({"what": VARIATIONS, "variation": plan.context["variation"]["name"]})
    late = set(kept(plan, registry))
    once = ["%s.%s" % key for key in common if key in late]
    if plan.partitions and once:
        found.append({"what": COMMON, "products": once})
    return found


def _combined(plan, registry):
    handlers = registry.product_handlers
    return [
        "%s.%s" % (node.id, port)
        for node in plan.nodes
        for port, kind in node.outputs.items()
        if kind in handlers
        and handlers[kind].combine is not None
        and handlers[kind].merge is not None
        and kind != "histogram"
    ]
