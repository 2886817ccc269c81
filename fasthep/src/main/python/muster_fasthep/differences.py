"""What a run did otherwise than `fasthep run` with its local backend, for the summary of the run."""

from .edges import kept


def of(loaded, plan, registry, common):
    """Returns the differences that this plan meets, a mapping each: what, and of what it is true."""
    found = []
    if loaded.repeated:
        text = "events that several sources read were processed once; FAST-HEP runs the whole plan once for each source and counts them again"
        found.append({"what": text, "partitions_left_out": len(loaded.repeated)})
    if loaded.restored:
        text = "edges between two nodes that already had one were put back; FAST-HEP's compiler drops them"
        found.append({"what": text, "inputs": ["%s.%s" % each for each in loaded.restored]})
    combined = _combined(plan, registry)
    if plan.partitions and combined:
        text = "products with both a way to combine and to merge were merged as FAST-HEP's Dask backend does, so that cutflows keep their datasets"
        found.append({"what": text, "products": combined})
    late = set(kept(plan, registry))
    once = ["%s.%s" % key for key in common if key in late]
    if plan.partitions and once:
        text = "products that are made once for the run reach sinks once; FAST-HEP hands over a copy for each partition"
        found.append({"what": text, "products": once})
    return found


def _combined(plan, registry):
    handlers = registry.product_handlers
    return [
        "%s.%s" % (node.id, port)
        for node in plan.nodes
        for port, kind in node.outputs.items()
        if kind in handlers and handlers[kind].combine is not None and handlers[kind].merge is not None and kind != "histogram"
    ]
