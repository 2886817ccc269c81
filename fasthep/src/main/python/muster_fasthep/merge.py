"""Merging the products of partitions, one partition at a time, with FAST-HEP's handlers."""


class Dataset:
    """The products of one dataset.

    As FAST-HEP's Dask backend merges them: a handler's `merge` has the last word, so that products of a single
    partition get their dataset's name too. Where a handler has `combine`, no more than two products of a kind are held.
    compatible: as its local backend merges them.
    """

    def __init__(self, plan, registry, name, compatible=False):
        from hepflow.runtime.boundary import ProductAccumulator

        self._plan = plan
        self._registry = registry
        self._name = name
        self._accumulator = (
            ProductAccumulator(plan, runtime_registry=registry, dataset_name=name) if compatible else None
        )
        self._combined = {}
        self._collected = {}

    def add(self, values):
        """Adds the products of the next partition, by (node, port)."""
        if self._accumulator is not None:
            self._accumulator.add_value_store(values)
            return
        for key, value in values.items():
            combine = self._combine(key)
            if combine is None:
                self._collected.setdefault(key, []).append(value)
            elif key in self._combined:
                node = self._plan.get_node(key[0])
                self._combined[key] = combine(
                    self._combined[key], value, node=node, output_name=key[1], dataset_name=self._name
                )
            else:
                self._combined[key] = value

    def result(self):
        """Returns the merged products, by (node, port)."""
        from hepflow.runtime.boundary import reduce_product_values

        if self._accumulator is not None:
            return self._accumulator.finalize()
        groups = {**{key: [value] for key, value in self._combined.items()}, **self._collected}
        order = {key: i for i, key in enumerate((node.id, port) for node in self._plan.nodes for port in node.outputs)}
        return {
            key: reduce_product_values(self._plan, self._registry, key=key, values=groups[key], dataset_name=self._name)
            for key in sorted(groups, key=lambda each: order.get(each, len(order)))
        }

    def _combine(self, key):
        kind = self._plan.get_node(key[0]).outputs.get(key[1])
        handler = self._registry.product_handlers.get(str(kind))
        return None if handler is None else handler.combine


def run(plan, registry, stores, compatible=False):
    """Returns the products of the whole run from those of its datasets, in their order."""
    from hepflow.runtime.boundary import ProductAccumulator
    from hepflow.runtime.engine import merge_partition_value_stores

    if not compatible:
        # Not step by step: FAST-HEP's handler of cutflows forgets datasets when it combines a third one.
        return merge_partition_value_stores(plan, list(stores))
    accumulator = ProductAccumulator(plan, runtime_registry=registry)
    for store in stores:
        accumulator.add_value_store(store)
    return accumulator.finalize()
