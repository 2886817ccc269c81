"""The functions of `OwnValuesCases`: they change what they are given, and what they have returned."""

RETURNED = []
PASSED_ON = []


class Node:
    """An object with an attribute that can be changed."""

    def __init__(self, name):
        self.name = name


def make_list():
    return [1]


def make_nested():
    return [[1], {"a": [1]}]


def make_map():
    return {"a": [1]}


def make_numbers():
    """Returns an array where there is numpy."""
    try:
        import numpy
    except ImportError:
        return [1.0, 2.0]
    return numpy.array([1.0, 2.0])


def make_many_numbers():
    """Returns a large array where there is numpy."""
    try:
        import numpy
    except ImportError:
        return [1.0] * 100_000
    return numpy.ones(100_000)


def make_twice():
    """Returns a list in which another one is twice."""
    row = [1]
    return [row, row]


def make_names():
    return {"one": [1], "two": [1]}


def make_object():
    return Node("made")


def look(item):
    return item


def look_at_numbers(item):
    return [float(each) for each in item]


def look_at_object(item):
    return item.name


def spoil(item):
    item.append(2)
    return item


def spoil_nested(item):
    item[0].append(2)
    item[1]["a"].append(2)
    return item


def spoil_map(item):
    item["a"].append(2)
    item["b"] = 3
    return item


def spoil_numbers(item):
    item[0] = 9
    return look_at_numbers(item)


def spoil_and_add_up(item):
    item[0] = 9
    return float(sum(item))


def spoil_first(item):
    item[0].append(2)
    return item


def spoil_object(item):
    item.name = "spoilt"
    return item.name


def spoil_one(one, two):
    one.append(2)
    return [one, two]


def spoil_and_fail_once(item, ctx):
    item.append(2)
    if ctx.attempt == 1:
        raise ValueError("at the first attempt")
    return item


def hoard():
    """Returns a list that it holds on to, longer each time."""
    RETURNED.append(len(RETURNED))
    return RETURNED


def look_at_three(one, two, three):
    return [one, two, three]


def hold():
    """Returns a list that it holds on to."""
    PASSED_ON[:] = [1]
    return PASSED_ON


def spoil_held(item):
    """Changes what `hold` returned, as that holds it; returns its input."""
    PASSED_ON.append(2)
    return item


def spoil_context(ctx, listed, named):
    """Changes all that it can reach of its task; returns what there was."""
    seen = [list(listed), named, sorted(ctx.params), sorted(ctx.variables)]
    listed.append(2)
    ctx.params["spoilt"] = 1
    ctx.variables["SPOILT"] = "1"
    ctx.extra_data["spoilt"] = 1
    return seen
