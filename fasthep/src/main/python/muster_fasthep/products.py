"""The end of a run: products merged over datasets, renders and reports, in FAST-HEP's own layout."""

import contextlib
import fcntl
import os
import pathlib
import shutil

from . import differences, hooks, merge, relocate, store, variations
from . import plan as plans
from .edges import partition_nodes

RESERVED = {"compile", "graph", "render", "reports", "debug", "execution"}


def products(
    plan, nodes=None, keep=None, compatible=False, outdir=None, compiled=None, summary=None, ctx=None, **inputs
):
    """Merges what the datasets give, or without partitions takes what the chains give, and writes all products.

    outdir: where, absolute; by default the task's own folder. compiled: the folder whose compile, graph and render are
    copied there. summary: what run_summary.yaml has under muster besides. Returns products (the folder), summary (the
    file) and files (their number).
    """
    root = pathlib.Path(outdir or ctx.output_dir)
    if root.name in RESERVED:
        raise ValueError(
            "FAST-HEP would write beside %s instead of into it; choose another name than %s" % (root, root.name)
        )
    root.mkdir(parents=True, exist_ok=True)
    with _alone(root):
        return _Products(plan, compatible, root.resolve()).write(inputs, compiled, summary or {})


class _Products:
    def __init__(self, name, compatible, root):
        from hepflow.registry.loaders import runtime_registry_from_config
        from hepflow.runtime.hooks.manager import HookManager

        self.loaded = plans.load(name)
        self.compatible = compatible
        self.partitions = self.loaded.run(compatible)
        self.plan = self.loaded.plan(compatible, self.partitions)
        self.registry = runtime_registry_from_config(self.plan.registry)
        self.base, self.paths, self.recorder = plans.context(self.plan, root)
        self.hooks = HookManager.from_plan(self.plan)
        self.apart = self.paths.variation is not None and not compatible
        if self.apart:
            variations.own_reports(self.plan, self.paths.variation)
        self.root = root
        self.common = {}
        self.stores = []
        self.parts = []
        self.trees = []

    def write(self, inputs, compiled, told):
        from hepflow.runtime import engine
        from hepflow.runtime.materialize import materialize_final_products
        from hepflow.runtime.writer_manifests import write_writer_manifests

        self._read(inputs)
        self._check()
        self._prepare(compiled)
        relocate.gather(self.trees, self.root, last_wins=self.compatible)
        values = self._merge()
        self._record()
        items = materialize_final_products(self.plan, value_store=values, outdir=self.base["outdir"])
        engine._register_product_bindings(self.base, items)
        engine.execute_final_nodes(self.plan, value_store=values, ctx=self.base, hook_manager=self.hooks)
        write_writer_manifests(self.plan, stores=[values], outdir=self.base["outdir"], runtime_provenance=self.recorder)
        if self.apart:
            variations.own_records(self.paths)
        self.hooks.run_end(plan=self.plan, ctx=self.base, summary={})
        path = self._summarise(values, told)
        files = sum(1 for each in self.root.rglob("*") if each.is_file())
        return {"products": self.root, "summary": path, "files": files}

    def _read(self, inputs):
        for item in store.items(inputs):
            if store.is_folder(item):
                self.trees.append(item)
                continue
            values = store.get(item)
            if values["kind"] == "values":
                self.common.update(values["values"])
            elif values["kind"] == "store":
                self.stores.append(values)
            else:
                self.parts.append(values)
        roots = {each for values in self.stores for each in values["roots"]} | {each["outdir"] for each in self.parts}
        moved = relocate.Relocation(roots, self.root)
        self.common = moved.apply(self.common)
        self.stores = [moved.apply(each) for each in self.stores]
        self.parts = [moved.apply(each) for each in self.parts]

    def _check(self):
        """Refuses where a dataset, a partition, or without partitions a node is missing."""
        order = list(dict.fromkeys(each.dataset for each in self.partitions))
        have = [each["dataset"] for each in self.stores]
        if sorted(have) != sorted(order):
            raise ValueError(
                "the datasets %s are to be merged, and %s came" % (", ".join(order), ", ".join(have) or "none")
            )
        self.stores.sort(key=lambda each: order.index(each["dataset"]))
        for each in self.stores:
            came = [part["id"] for part in each["partitions"]]
            wanted = [part.id for part in self.partitions if part.dataset == each["dataset"]]
            if came != wanted:
                raise ValueError("dataset %s came with the partitions %s, and has %s" % (each["dataset"], came, wanted))
        if not self.partitions:
            ran = {node for part in self.parts for node in part["nodes"]}
            lost = sorted(partition_nodes(self.plan, None) - ran)
            if lost:
                raise ValueError("nothing came from the nodes %s" % ", ".join(lost))

    def _prepare(self, compiled):
        from hepflow.build_layout import ensure_build_layout

        ensure_build_layout(self.paths.root, variation=self.paths.variation)
        for family in ("histograms", "cutflows"):  # They are added to, and those of an earlier run would stay.
            self.paths.artifact(family, "manifest.json").unlink(missing_ok=True)
        for name in ("compile", "graph", "render"):
            source = pathlib.Path(compiled, name) if compiled else None
            if source is not None and source.is_dir():
                shutil.copytree(source, self.root / name, dirs_exist_ok=True)

    def _merge(self):
        if not self.partitions:
            return {**self.common, **{key: value for part in self.parts for key, value in part["values"].items()}}
        merged = merge.run(self.plan, self.registry, (each["values"] for each in self.stores), self.compatible)
        return merged if self.compatible else {**self.common, **merged}

    def _record(self):
        """Gives FAST-HEP's recorder of provenance what the tasks recorded, in the order of partitions."""
        by_partition = {part["id"]: part for each in self.stores for part in each["partitions"]}
        tasks = [*self.parts, *(by_partition[each.id] for each in self.partitions), *self.stores]
        for task in tasks:
            for operation in task["operations"]:
                self.recorder.record_operation_record(operation)
            for resources in task["resources"] if isinstance(task["resources"], list) else [task["resources"]]:
                for name, record in resources.items():
                    self.recorder.record_resource_record(name, record)
        self.tasks = tasks

    def _summarise(self, values, told):
        """Writes run_summary.yaml and the reports, as FAST-HEP's own run does; returns the path of the summary."""
        from hepflow.build_layout import write_run_summary
        from hepflow.runtime.reports import run_workflow_reports

        variation = self.paths.variation
        summary = {
            "backend": "muster",
            "strategy": str(told.get("strategy") or "default"),
            "success": True,
            "execution": self.plan.execution,
            **self._outputs(values),
            "warnings": [warning for task in self.tasks for warning in task["warnings"]] + self.base["_warnings"],
            "hooks": hooks.merged([*self._usage(), self.hooks.usage_summary()]),
            "progress": self._progress(),
        }
        bundle = _bundle(self.paths.compile_file("inputs.manifest.yaml"))
        if bundle is not None:
            summary["bundle_id"] = bundle
        summary["summary_path"] = str(self.paths.run_summary())
        summary["artifacts_path"] = str(self.paths.artifacts_root())
        if variation is not None:
            summary["variation"] = self.plan.context.get("variation") or {"name": variation}
        summary["muster"] = {
            **told,
            "compatible": self.compatible,
            "differences": (
                [] if self.compatible else differences.of(self.loaded, self.plan, self.registry, self.common)
            ),
        }
        write_run_summary(self.root, summary, variation_name=variation)
        reports = run_workflow_reports(self.plan, outdir=self.root, summary=summary)
        if reports:
            summary["reports"] = reports
            write_run_summary(self.root, summary, variation_name=variation)
        return self.paths.run_summary()

    def _usage(self):
        for task in self.tasks:
            yield from task["hooks"] if isinstance(task["hooks"], list) else [task["hooks"]]

    def _outputs(self, values):
        if not self.partitions:
            types = {key: type(value).__name__ for key, value in values.items()}
            for part in self.parts:
                types.update({key: kind for key, kind in part["types"].items() if key not in values})
            return {"outputs": [{"node": key[0], "port": key[1], "type": types[key]} for key in sorted(types)]}
        from hepflow.runtime.boundary import plan_partition_boundary

        specs = plan_partition_boundary(self.plan, runtime_registry=self.registry)
        common = {key: kind for part in self.parts for key, kind in part["types"].items()}
        types = {part["id"]: {**common, **part["types"]} for each in self.stores for part in each["partitions"]}
        found = [{"partition": each.to_dict(), "outputs": _outputs(specs, types[each.id])} for each in self.partitions]
        return {"partitions": found}

    def _progress(self):
        from hepflow.progress import ProgressReporter

        reporter = ProgressReporter(self.partitions)
        reporter.run_started()
        for each in self.partitions:
            reporter.completed(each.id)
        return {"run_id": reporter.run_id, "counts": reporter.counts.to_dict()}


def _outputs(specs, types):
    return [
        {
            "node": each.node_id,
            "port": each.output_name,
            "kind": each.kind,
            "representation": each.policy.representation,
            "type": types[each.key()],
        }
        for each in specs
        if each.key() in types
    ]


def _bundle(path):
    """Returns the id of the compile that wrote the manifest; None where it has none, as of an older FAST-HEP."""
    import yaml

    if not path.is_file():
        return None
    with open(path, encoding="utf-8") as file:
        manifest = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return manifest.get("bundle_id") if isinstance(manifest, dict) else None


@contextlib.contextmanager
def _alone(root):
    """Lets one task at a time write to a folder: variations share some of FAST-HEP's files."""
    folder = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
        except OSError:  # Some network file systems lock only files that are open to write.
            with open(root / ".muster.lock", "w", encoding="utf-8") as file:
                fcntl.lockf(file, fcntl.LOCK_EX)
                yield
        else:
            yield
    finally:
        os.close(folder)
