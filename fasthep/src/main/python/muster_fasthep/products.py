"""The end of a run: all files in FAST-HEP's own layout, records, the summary, and reports."""

import contextlib
import fcntl
import os
import pathlib
import shutil

from . import differences, hooks, relocate, store, variations
from . import plan as plans
from .edges import partition_nodes
from .tasks import Task

STAGING = ".muster-new"
RESERVED = {"compile", "graph", "render", "reports", "debug", "execution"}


def products(plan, compatible=False, outdir=None, compiled=None, summary=None, ctx=None, **inputs):
    """Puts the files of all tasks together, and writes manifests, records of provenance and run_summary.yaml.

    They come to a folder of the task's own first, and from there file by file, the summary last: no file is ever there
    in part, and where there is a summary the products are whole. outdir: where to, absolute; by default the task's own
    folder. compiled: the folder whose compile, graph and render are copied there. summary: what run_summary.yaml has
    under muster besides. Returns products (the folder), summary (the file), files (their number), and report, which the
    reports read.
    """
    folder = pathlib.Path(ctx.output_dir)
    root = pathlib.Path(outdir or folder)
    if root.name in RESERVED:
        raise ValueError(
            "FAST-HEP would write beside %s instead of into it; choose another name than %s" % (root, root.name)
        )
    folder.mkdir(parents=True, exist_ok=True)
    root.mkdir(parents=True, exist_ok=True)
    staging = folder.resolve() / STAGING / relocate.OUT
    if staging.exists():
        shutil.rmtree(staging)  # Of an attempt that failed.
    staging.mkdir(parents=True)
    made = _Products(plan, compatible, staging, root.resolve())
    told = made.write(inputs, compiled, summary or {})
    with _alone(root):
        made.publish()
    shutil.rmtree(staging.parent)
    files = sum(1 for each in root.rglob("*") if each.is_file())
    report = store.put({"kind": "report", "values": {}, **told}, folder / ".muster-report.pickle")
    return {"products": made.root, "summary": made.path(), "files": files, "report": report}


def report(plan, number, compatible=False, ctx=None, **inputs):
    """Renders one of the plan's reports, by its number, and adds it to run_summary.yaml.

    Returns products, summary and report as products does.
    """
    from hepflow.build_layout import write_run_summary
    from hepflow.runtime.reports import run_workflow_reports

    (item,) = store.items(inputs)
    told = store.get(item)
    task = Task(plan, ctx, compatible)
    root = pathlib.Path(told["root"])
    variation = task.paths.variation
    if variation is not None and not compatible:
        variations.own_reports(task.plan, variation)
    own = task.plan.reports[number]
    task.plan.reports = [own]
    for output in own.get("outputs") or []:
        output["path"] = str(task.paths.root / output["path"])  # An absolute one stays.
    made = run_workflow_reports(task.plan, outdir=root, summary=told["summary"])
    made = relocate.Relocation([task.base["outdir"]], root).apply(made)
    told["reports"] = [*told["reports"], *made]
    write_run_summary(task.paths.root, {**told["summary"], "reports": told["reports"]}, variation_name=variation)
    with _alone(root):
        _publish(task.paths.root, root, task.paths.run_summary())
    summary = root / task.paths.run_summary().relative_to(task.paths.root)
    return {"products": root, "summary": summary, "report": store.put(told, task.folder / "report.pickle")}


class _Products:
    """The end of a run. staging: the folder to which all is written; root: the one where it is to be."""

    def __init__(self, name, compatible, staging, root):
        from hepflow.registry.loaders import runtime_registry_from_config
        from hepflow.runtime.hooks.manager import HookManager

        self.loaded = plans.load(name)
        self.compatible = compatible
        self.partitions = self.loaded.run(compatible)
        self.plan = self.loaded.plan(compatible, self.partitions)
        self.registry = runtime_registry_from_config(self.plan.registry)
        self.base, self.paths, self.recorder = plans.context(self.plan, staging)
        self.hooks = HookManager.from_plan(self.plan)
        self.apart = self.paths.variation is not None and not compatible
        self.staging = staging
        self.root = root
        self.told = []  # of datasets: what their partitions told
        self.sinks = []
        self.parts = []  # what was told by chains without partitions, and by the nodes that run once
        self.trees = []

    def write(self, inputs, compiled, told):
        """Writes all to the staging folder; returns what the reports read."""
        from hepflow.runtime.writer_manifests import write_writer_manifests

        self._read(inputs)
        self._check()
        self._prepare(compiled)
        relocate.gather(self.trees, self.staging, last_wins=self.compatible)
        values = self._values()
        self._record()
        write_writer_manifests(self.plan, stores=[values], outdir=self.base["outdir"], runtime_provenance=self.recorder)
        if self.apart:
            variations.own_records(self.paths)
        self.hooks.run_end(plan=self.plan, ctx=self.base, summary={})
        summary = self._summarise(values, told)
        return {"root": str(self.root), "summary": summary, "reports": []}

    def publish(self):
        """Puts all where it is to be."""
        for family in ("histograms", "cutflows"):  # Those of an earlier run would stay where this one has none.
            own = self.paths.artifact(family, "manifest.json")
            if not own.exists():
                (self.root / own.relative_to(self.staging)).unlink(missing_ok=True)
        self.path().unlink(missing_ok=True)  # Of an earlier run, whose products are replaced now.
        _publish(self.staging, self.root, self.paths.run_summary())

    def path(self):
        """Returns where run_summary.yaml is."""
        return self.root / self.paths.run_summary().relative_to(self.staging)

    def _read(self, inputs):
        for item in store.items(inputs):
            if store.is_folder(item):
                self.trees.append(item)
                continue
            values = store.get(item)
            if values["kind"] == "rest":
                self.rest = values
            elif values["kind"] == "told":
                self.told.append(values)
            elif "dataset" in values:
                self.sinks.append(values)
            else:
                self.parts.append(values)
        own = {each["outdir"] for each in [*self.parts, *self.sinks]}
        roots = own.union(self.rest["roots"], *(each["roots"] for each in self.told))
        here = relocate.Relocation(roots, self.staging)
        there = relocate.Relocation(roots, self.root)
        self.rest["values"] = here.apply(self.rest["values"])
        for each in self.sinks:
            each["values"] = here.apply(each["values"])
        for each in [self.rest, *self.sinks, *self.parts]:
            each.update(there.apply({key: value for key, value in each.items() if key != "values"}))
        self.told = [there.apply(each) for each in self.told]

    def _check(self):
        """Refuses where a dataset, a partition, or without partitions a node is missing."""
        order = list(dict.fromkeys(each.dataset for each in self.partitions))
        have = [each["dataset"] for each in self.told]
        if sorted(have) != sorted(order):
            raise ValueError(
                "the datasets %s are to be merged, and %s came" % (", ".join(order), ", ".join(have) or "none")
            )
        self.told.sort(key=lambda each: order.index(each["dataset"]))
        places = {node.id: i for i, node in enumerate(self.plan.nodes)}
        self.sinks.sort(key=lambda each: (order.index(each["dataset"]) if each["dataset"] else -1, places[each["nodes"][0]]))
        for each in self.told:
            came = [part["id"] for part in each["partitions"]]
            wanted = [part.id for part in self.partitions if part.dataset == each["dataset"]]
            if came != wanted:
                raise ValueError("dataset %s came with the partitions %s, and has %s" % (each["dataset"], came, wanted))
        if not self.partitions:
            ran = {node for part in self.parts for node in part["nodes"]}
            lost = sorted(partition_nodes(self.plan, None) - ran)
            if lost:
                raise ValueError("nothing came from the nodes %s" % ", ".join(lost))

    def _values(self):
        """Returns what the sinks gave, by (node, port)."""
        values = dict(self.rest["values"])
        for each in self.sinks:
            if each["dataset"] is None:  # The others are in the products of their datasets.
                values.update(each["values"])
        return values

    def _prepare(self, compiled):
        from hepflow.build_layout import ensure_build_layout

        ensure_build_layout(self.paths.root, variation=self.paths.variation)
        records = self.paths.root / "artifacts" / "provenance" / "manifest.json"
        earlier = self.root / records.relative_to(self.staging)
        if earlier.is_file():  # FAST-HEP keeps the id of the run that it has.
            records.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(earlier, records)
        for name in ("compile", "graph", "render"):
            source = pathlib.Path(compiled, name) if compiled else None
            if source is not None and source.is_dir():
                shutil.copytree(source, self.staging / name, dirs_exist_ok=True)

    def _record(self):
        """Gives FAST-HEP's recorder of provenance what the tasks recorded, in the order of partitions."""
        by_partition = {part["id"]: part for each in self.told for part in each["partitions"]}
        late = [each for each in self.sinks if each["dataset"] is not None]
        last = [each for each in self.sinks if each["dataset"] is None]
        partitions = [by_partition[each.id] for each in self.partitions]
        tasks = [*self.parts, *partitions, *late, *self.rest["told"], self.rest, *last]
        for task in tasks:
            for operation in task["operations"]:
                self.recorder.record_operation_record(operation)
            for resources in task["resources"] if isinstance(task["resources"], list) else [task["resources"]]:
                for name, record in resources.items():
                    self.recorder.record_resource_record(name, record)
        self.tasks = tasks

    def _summarise(self, values, told):
        """Writes run_summary.yaml; returns what is in it."""
        from hepflow.build_layout import write_run_summary

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
        summary["summary_path"] = str(self.path())
        summary["artifacts_path"] = str(self.root / self.paths.artifacts_root().relative_to(self.staging))
        if variation is not None:
            summary["variation"] = self.plan.context.get("variation") or {"name": variation}
        summary["muster"] = {
            **told,
            "compatible": self.compatible,
            "differences": (
                [] if self.compatible else differences.of(self.loaded, self.plan, self.registry, self.rest["common"])
            ),
        }
        write_run_summary(self.staging, summary, variation_name=variation)
        return summary

    def _usage(self):
        for task in self.tasks:
            yield from task["hooks"] if isinstance(task["hooks"], list) else [task["hooks"]]

    def _outputs(self, values):
        if not self.partitions:
            types = {**self.rest["types"], **{key: type(value).__name__ for key, value in values.items()}}
            for part in self.parts:
                types.update({key: kind for key, kind in part["types"].items() if key not in types})
            return {"outputs": [{"node": key[0], "port": key[1], "type": types[key]} for key in sorted(types)]}
        from hepflow.runtime.boundary import plan_partition_boundary

        specs = plan_partition_boundary(self.plan, runtime_registry=self.registry)
        common = {key: kind for part in self.parts for key, kind in part["types"].items()}
        types = {part["id"]: {**common, **part["types"]} for each in self.told for part in each["partitions"]}
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


def _publish(staging, root, summary):
    """Moves files from a folder to another one, each at once, the summary of the run last."""
    for path in sorted(staging.rglob("*")):
        if path.is_dir():
            (root / path.relative_to(staging)).mkdir(parents=True, exist_ok=True)
        elif path != summary:
            relocate.place(path, root / path.relative_to(staging))
    relocate.place(summary, root / summary.relative_to(staging))


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
