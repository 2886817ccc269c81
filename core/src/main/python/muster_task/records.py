"""Values that are both mappings and objects with attributes, as Muster and FAST-HEP each have them."""


class Record(dict):
    """A mapping whose entries are attributes too."""

    __slots__ = ()

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError("there is no %r; there are %s" % (name, ", ".join(map(str, self)))) from None

    def __setattr__(self, name, value):
        self[name] = value


class Node(str):
    """A stage as a modifier sees it: its id, and what FAST-HEP's modifiers look at."""

    def __new__(cls, stage, impl, params):
        made = super().__new__(cls, stage)
        made.id = stage
        made.role = "transform"
        made.impl = impl
        made.params = params
        made.meta = {}
        return made


def partition(values):
    """Returns what a function sees of a partition; FAST-HEP's names are id, file, part, start and stop."""
    if values is None:
        return None
    found = Record(values)
    first, events, index = values["first_event"], values["events"], values["index"]
    found["id"] = "%s__%s" % (values["dataset"], index)
    found["part"] = str(index)
    if len(values["files"]) == 1:
        found["file"] = values["files"][0]
    whole = events < 0
    found["start"] = None if whole and not first else first
    found["stop"] = None if whole else first + events
    return found


def dataset(values):
    """Returns what a function sees of a dataset; FAST-HEP's names are nevents, eventtype, group and meta."""
    if values is None:
        return None
    found = Record(values)
    attributes = values["attributes"]
    found["nevents"] = sum(values["events"]) if values.get("events") else None
    found["eventtype"] = attributes.get("eventtype")
    found["group"] = attributes.get("group")
    found["meta"] = {name: each for name, each in attributes.items() if name not in ("eventtype", "group")}
    return found
