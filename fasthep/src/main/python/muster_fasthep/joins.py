"""Partitions that FAST-HEP makes more than once, since it makes them for each source, and each runs the whole plan."""


def duplicates(partitions):
    """Returns, by the id of a partition that repeats the events of an earlier one, the id of that one."""
    first = {}
    found = {}
    for each in partitions:
        events = each.dataset, each.file, each.part, each.start, each.stop
        if events in first:
            found[each.id] = first[events]
        else:
            first[events] = each.id
    return found
