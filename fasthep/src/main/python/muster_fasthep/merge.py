"""Merging products in a tree, in a fixed order, with FAST-HEP's handlers.

A handler's `combine` takes two products of a kind at a time, so that what is merged so far and the next one are held.
Of a kind without it, all are collected and its `merge` is called once, at the root of the tree: nobody says that it
can be called in parts.
"""

HELD = 32  # the most stores that one task reads


class Part:
    """The products of neighbouring partitions, as far as they can be merged; or with dataset None, of datasets.

    combined: one product by (node, port); collected: the list of those that wait for the root.
    """

    def __init__(self, plan, registry, dataset):
        self._plan = plan
        self._registry = registry
        self._dataset = dataset
        self.combined = {}
        self.collected = {}

    def add(self, values):
        """Adds the products of the next partition or dataset, by (node, port)."""
        for key, value in values.items():
            handler = _handler(self._plan, self._registry, key)
            if handler is None or handler.combine is None:
                self.collected.setdefault(key, []).append(value)
            else:
                self._combine(handler, key, value)

    def add_part(self, combined, collected):
        """Adds the next part."""
        for key, value in combined.items():
            self._combine(_handler(self._plan, self._registry, key), key, value)
        for key, values in collected.items():
            self.collected.setdefault(key, []).extend(values)

    def _combine(self, handler, key, value):
        if key not in self.combined:
            self.combined[key] = value
            return
        self.combined[key] = handler.combine(
            self.combined[key],
            value,
            node=self._plan.get_node(key[0]),
            output_name=key[1],
            dataset_name=self._dataset,
        )

    def result(self, compatible=False):
        """Returns the merged products, by (node, port).

        As FAST-HEP's Dask backend has them: a handler's `merge` has the last word, so that products of a single
        partition get their dataset's name too. compatible: as its local backend has them.
        """
        groups = {key: [value] for key, value in self.combined.items()}
        if compatible:
            return {**self.combined, **self._reduced(self.collected)}
        return in_order(self._plan, self._reduced({**groups, **self.collected}))

    def _reduced(self, groups):
        return {
            key: reduced(self._plan, self._registry, key, values, self._dataset) for key, values in groups.items()
        }


class Run:
    """The products of the whole run, from those of its datasets in their order.

    FAST-HEP's handler of cutflows forgets datasets when it combines a third one, so `merge` gets some at a time.
    compatible: with `combine` all the same, as its local backend does.
    """

    def __init__(self, plan, registry, compatible=False):
        self._plan = plan
        self._registry = registry
        self._compatible = compatible
        self.part = Part(plan, registry, None)
        self._groups = {}

    def add(self, values):
        """Adds the products of the next dataset, by (node, port)."""
        if self._compatible:
            self.part.add(values)
            return
        for key, value in values.items():
            handler = _handler(self._plan, self._registry, key)
            if handler is None or handler.combine is None:
                self.part.collected.setdefault(key, []).append(value)
            elif handler.merge is None:
                self.part.add({key: value})
            else:
                self._group(key, value)

    def add_part(self, part):
        """Adds what parts() returned for the next datasets."""
        for key, value in part["merged"].items():
            self._group(key, value)
        self.part.add_part(part["combined"], part["collected"])

    def parts(self):
        """Returns what add_part takes."""
        merged = {key: self._merged(key) for key in self._groups}
        return {"merged": merged, "combined": self.part.combined, "collected": self.part.collected}

    def result(self):
        """Returns the merged products, by (node, port)."""
        values = self.part.result(self._compatible)
        if self._compatible:
            return values
        return in_order(self._plan, {**values, **{key: self._merged(key) for key in self._groups}})

    def _group(self, key, value):
        group = self._groups.setdefault(key, [])
        group.append(value)
        if len(group) == HELD:
            group[:] = [self._merged(key)]

    def _merged(self, key):
        return reduced(self._plan, self._registry, key, self._groups[key], None)


def reduced(plan, registry, key, values, dataset):
    """Returns one product from several of a kind, as FAST-HEP does; dataset: its name, or None for the run."""
    from hepflow.runtime.boundary import reduce_product_values

    return reduce_product_values(plan, registry, key=key, values=values, dataset_name=dataset)


def in_order(plan, values):
    """Returns values by (node, port) in the order of the plan."""
    order = [(node.id, port) for node in plan.nodes for port in node.outputs]
    found = {key: values[key] for key in order if key in values}
    return {**found, **values}


def _handler(plan, registry, key):
    return registry.product_handlers.get(str(plan.get_node(key[0]).outputs.get(key[1])))
