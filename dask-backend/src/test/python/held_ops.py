"""Operations that change what they are given, or what they have returned."""

import collections

Row = collections.namedtuple("Row", "cells")
RETURNED = []
ROWS = [[]]


class Node:
    """Something that others refer to, and that no process but Python's takes."""

    def __init__(self, name):
        self.name = name
        self.next = None


def make(value):
    return value


def hoard():
    """Returns a list that it holds on to, longer each time."""
    RETURNED.append(len(RETURNED))
    return RETURNED


def hoard_inside():
    """Returns a new list of one that it holds on to."""
    ROWS[0].append(len(ROWS[0]))
    return ROWS


def hoard_object():
    """Returns an object that it holds on to, with another name each time."""
    node = RETURNED[0] if RETURNED and isinstance(RETURNED[0], Node) else Node("")
    RETURNED[:] = [node]
    node.name += "x"
    return node


def name_of(item):
    return item.name


def spoil(item):
    """Changes all of its input; returns what that is then."""
    item.append("spoilt")
    return list(item)


def spoil_held(item):
    """Changes what `hoard` returned, as that holds it; returns its input."""
    RETURNED.append("spoilt")
    return item


def look(item, more=None):
    return item


def spoil_surroundings(ctx, named="n"):
    """Changes all that it sees of its task; returns that as it was."""
    seen = [
        dict(ctx.params), dict(ctx.variables), dict(ctx.extra_data), list(ctx.partition.files), list(ctx.dataset.files),
        list(ctx.dataset.attributes["years"]), [list(each.files) for each in ctx.input_partitions.get("item", ())],
    ]  # fmt: skip
    for each in (ctx.params, ctx.variables, ctx.extra_data):
        each["spoilt"] = 1
    for each in [ctx.partition, *ctx.input_partitions.get("item", ())]:
        each.files.append("spoilt")
    ctx.dataset.files.append("spoilt")
    ctx.dataset.attributes["years"].append("spoilt")
    return seen
