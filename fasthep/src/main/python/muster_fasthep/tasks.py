"""What the tasks that run nodes have in common."""

import pathlib
import shutil

from . import relocate, store
from . import plan as plans


class Task:
    """What the tasks have in common: the plan, FAST-HEP's context for this task, and its hooks."""

    def __init__(self, name, ctx, compatible, partitions=()):
        from hepflow.registry.loaders import runtime_registry_from_config
        from hepflow.runtime.hooks.manager import HookManager

        self.loaded = plans.load(name)
        self.plan = self.loaded.plan(compatible, partitions)
        self.moved = self.loaded.moved(ctx.base_dir)
        self.moved.plan(self.plan)
        self.registry = runtime_registry_from_config(self.plan.registry)
        self.folder = pathlib.Path(ctx.output_dir)
        if (self.folder / relocate.OUT).exists():
            shutil.rmtree(self.folder / relocate.OUT)  # Of an attempt that failed.
        # FAST-HEP has this path in values with and without its links resolved; they are to be the same.
        self.base, self.paths, self.recorder = plans.context(self.plan, (self.folder / relocate.OUT).resolve())
        self.hooks = HookManager.from_plan(self.plan)

    def lay_out(self, nodes):
        """Makes the folders that FAST-HEP makes before a run, for nodes that are not its own, which make theirs.

        Refuses nodes whose files would not come home.
        """
        self.moved.check(nodes)
        from hepflow.build_layout import ensure_build_layout

        from .answer import SECTIONS

        for node in nodes:
            entry = self.plan.registry[SECTIONS[node.role]][node.impl]
            if not str(entry["impl"]).startswith(("fasthep_", "hepflow.")):
                ensure_build_layout(self.paths.root, variation=self.paths.variation)
                return

    def told(self, nodes, warnings):
        """Returns what a task tells of itself besides its values."""
        return {
            "nodes": nodes,
            "operations": self.moved.back(self.recorder.operation_records()),
            "resources": self.moved.back(self.recorder.serialise_resources()),
            "hooks": self.moved.back(self.hooks.usage_summary()),
            "warnings": self.moved.back(warnings),
            "outdir": self.base["outdir"],
        }

    def put(self, kind, values):
        return store.put({"kind": kind, **values}, self.folder / ("%s.pickle" % kind))

    def tree(self):
        return relocate.with_files(self.folder / relocate.OUT)
