"""The tree of merges: blocks of a dataset's partitions, then the dataset."""

import pathlib

from . import merge, store
from . import plan as plans
from .edges import kept, partition_nodes


def block(plan, block, names=None, compatible=False, ctx=None, **inputs):
    """Merges neighbouring partitions of a dataset, or the blocks that have these. Returns part.

    block: how many partitions it stands for; the last one of a dataset may have fewer. names: FAST-HEP's names of
    datasets that have others here.
    """
    merging = _Merging(plan, names or {}, compatible, ctx)
    merging.read(inputs, anywhere=True)
    if merging.first % block or merging.next - merging.first > block or merging.next == merging.first:
        raise ValueError(
            "the partitions %d to %d of dataset %s came, and they are no block of %d"
            % (merging.first, merging.next - 1, merging.name, block)
        )
    if merging.next < len(merging.expected) and merging.next - merging.first < block:
        missing(merging.expected[merging.next])
    part = {
        "kind": "part",
        "dataset": merging.name,
        "first": merging.first,
        "next": merging.next,
        "combined": merging.part.combined,
        "collected": merging.part.collected,
        "partitions": merging.told,
        "roots": sorted(merging.roots),
    }
    return {"part": store.put({**part, "values": {**part["combined"], **part["collected"]}}, _file(ctx, "part"))}


def dataset(plan, names=None, compatible=False, ctx=None, **inputs):
    """Merges a dataset from its partitions or from blocks of them. names: see block.

    Returns store, with the products, and told, with what the partitions told of themselves.
    """
    merging = _Merging(plan, names or {}, compatible, ctx)
    merging.read(inputs)
    if merging.first or merging.next < len(merging.expected):
        missing(merging.expected[0 if merging.first else merging.next])
    common = {"dataset": merging.name, "roots": sorted(merging.roots)}
    values = merging.part.result(compatible)
    return {
        "store": store.put({"kind": "store", **common, "values": values}, _file(ctx, "store")),
        "told": store.put({"kind": "told", **common, "partitions": merging.told}, _file(ctx, "told")),
    }


class _Merging:
    """What a task of the tree reads, in the order of partitions; it refuses what is missing, or comes twice.

    first, next: the numbers in the dataset of the first partition that it has, and of the one after the last.
    """

    def __init__(self, name, names, compatible, ctx):
        from hepflow.registry.loaders import runtime_registry_from_config

        self._loaded = plans.load(name)
        self.name = names.get(ctx.dataset.name, ctx.dataset.name)
        self.expected = self._loaded.of_dataset(self.name, compatible)
        self.plan = self._loaded.plan(compatible, self.expected)
        self._registry = runtime_registry_from_config(self.plan.registry)
        self._compatible = compatible
        self.part = merge.Part(self.plan, self._registry, self.name)
        self.told = []
        self.roots = set()
        self.first = self.next = 0

    def read(self, inputs, anywhere=False):
        """Reads the values that are there once, and partitions or parts, of which each input is a list.

        anywhere: they may begin with another one than the dataset's first.
        """
        common = {}
        lists = []
        for each in inputs.values():
            if isinstance(each, (list, tuple)):
                if any(item is not None for item in each):
                    lists.append(list(each))
            elif each is not None and not store.is_folder(each):
                common.update(store.get(each)["values"])
        if len(lists) == 1 and store.get(lists[0][0])["kind"] == "part":
            self._parts(lists[0])
        else:
            copied = {key: common[key] for key in kept(self.plan, self._registry) if key in common}
            self._partitions(lists, copied if self._compatible else {}, anywhere)

    def _parts(self, items):
        for number, item in enumerate(items):
            part = store.get(item)
            if number == 0:
                self.first = self.next = part["first"]
            if part["dataset"] != self.name or part["first"] != self.next:
                raise ValueError(
                    "dataset %s is to be merged from partition %d on, and %s from %d on came"
                    % (self.name, self.next, part["dataset"], part["first"])
                )
            self.part.add_part(part["combined"], part["collected"])
            self.told += part["partitions"]
            self.roots.update(part["roots"])
            self.next = part["next"]

    def _partitions(self, lists, copied, anywhere):
        wanted = partition_nodes(self.plan, self.plan.context["datasets"].get(self.name, {"name": self.name}))
        types = {}
        count = max(map(len, lists), default=0)
        if lists and anywhere:
            ids = {each.id: number for number, each in enumerate(self.expected)}
            self.first = ids.get(store.get(lists[0][0])["partition"], 0)
        self.next = self.first
        for number in range(count):
            if self.next == len(self.expected):
                raise ValueError(
                    "dataset %s has %d partitions, and more came to be merged" % (self.name, len(self.expected))
                )
            partition = self.expected[self.next]
            parts = [self._part(each, number, partition) for each in lists]
            ran = {node for part in parts for node in part["nodes"]}
            if ran != wanted:
                raise ValueError(
                    "partition %s lacks nodes, or has others: %s" % (partition.id, ", ".join(sorted(ran ^ wanted)))
                )
            values = {key: value for part in parts for key, value in part["values"].items()}
            self.part.add(merge.in_order(self.plan, {**copied, **values}))
            self.roots.update(part["outdir"] for part in parts)
            self.told.append(_summary(partition, parts, types))
            self.next += 1
        if not lists and self.expected:
            raise ValueError(
                "partition %s lacks nodes, or has others: %s" % (self.expected[0].id, ", ".join(sorted(wanted)))
            )

    def _part(self, items, number, partition):
        item = items[number] if number < len(items) else None
        part = store.get(missing(partition) if item is None else item)
        if part["partition"] != partition.id:
            raise ValueError("partition %s is to be merged, and %s came" % (partition.id, part["partition"]))
        return part


def missing(partition):
    raise ValueError("partition %s did not come to be merged" % partition.id)


def _file(ctx, kind):
    return pathlib.Path(ctx.output_dir) / ("%s.pickle" % kind)


def _summary(partition, parts, known):
    """Returns what the run's end needs to know of a partition. known: the types of others, mostly the same."""
    types = {key: kind for part in parts for key, kind in part["types"].items()}
    return {
        "id": partition.id,
        "types": known.setdefault(tuple(types.items()), types),
        "warnings": [each for part in parts for each in part["warnings"]],
        "operations": [each for part in parts for each in part["operations"]],
        "resources": [part["resources"] for part in parts if part["resources"]],
        "hooks": [part["hooks"] for part in parts],
    }
