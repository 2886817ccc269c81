"""What this package takes from FAST-HEP, which versions it was tested with, and whether an installation has it."""

import importlib
import importlib.metadata
import inspect
import sys

TESTED = (2026, 10)

# Module, name, and the arguments that are passed. The module's other names may change as they like.
NAMES = [
    ("hepflow.api", "compile_workflow_file", ["workflow_path", "outdir", "chunk_size", "root"]),
    ("hepflow.api", "load_plan_file", ["plan_path"]),
    ("hepflow.backends.loaders", "resolve_backend_entry", ["registry_cfg", "execution", "provenance"]),
    ("hepflow.build_layout", "BuildPaths.from_plan", ["plan", "outdir"]),
    ("hepflow.build_layout", "ensure_build_layout", ["root", "variation"]),
    ("hepflow.build_layout", "write_run_summary", ["root", "summary", "variation_name"]),
    ("hepflow.model.plan_applicability", "active_plan_nodes_for_context", ["plan", "ctx"]),
    ("hepflow.model.plan_applicability", "active_plan_nodes_for_dataset", ["plan", "dataset"]),
    ("hepflow.progress", "ProgressReporter", ["partitions"]),
    ("hepflow.registry.loaders", "load_object", ["spec"]),
    ("hepflow.registry.loaders", "runtime_registry_from_config", ["cfg"]),
    (
        "hepflow.runtime.boundary",
        "extract_boundary_products",
        ["plan", "value_store", "partition", "boundary", "runtime_registry", "ctx"],
    ),
    ("hepflow.runtime.boundary", "plan_partition_boundary", ["plan", "runtime_registry"]),
    (
        "hepflow.runtime.boundary",
        "reduce_product_values",
        ["plan", "runtime_registry", "key", "values", "dataset_name"],
    ),
    ("hepflow.runtime.boundary", "_sink_when", ["node"]),
    ("hepflow.runtime.engine", "_ensure_expr_registry", ["ctx", "registry_cfg"]),
    ("hepflow.runtime.engine", "_is_global_side_product_node", ["node"]),
    ("hepflow.runtime.engine", "_register_product_bindings", ["ctx", "items"]),
    ("hepflow.runtime.engine", "build_dataset_context", ["plan", "base_ctx", "dataset_name"]),
    ("hepflow.runtime.engine", "build_partition_context", ["plan", "base_ctx", "partition"]),
    (
        "hepflow.runtime.engine",
        "execute_dataset_sinks",
        ["plan", "dataset_name", "dataset_value_store", "ctx", "hook_manager"],
    ),
    ("hepflow.runtime.engine", "execute_final_nodes", ["plan", "value_store", "ctx", "hook_manager"]),
    ("hepflow.runtime.engine", "execute_global_side_product_nodes", ["plan", "ctx", "initial_values", "hook_manager"]),
    ("hepflow.runtime.engine", "execute_plan_partition", ["plan", "ctx", "initial_values", "hook_manager"]),
    ("hepflow.runtime.hooks.manager", "HookManager.from_plan", ["plan"]),
    ("hepflow.runtime.hooks.manager", "HookManager.dataset_end", ["self", "dataset_name", "ctx", "value_store"]),
    ("hepflow.runtime.hooks.manager", "HookManager.has_event", ["self", "event", "node"]),
    ("hepflow.runtime.hooks.manager", "HookManager.partition_end", ["self", "partition", "ctx", "value_store"]),
    ("hepflow.runtime.hooks.manager", "HookManager.partition_start", ["self", "partition", "ctx"]),
    ("hepflow.runtime.hooks.manager", "HookManager.run_end", ["self", "plan", "ctx", "summary"]),
    ("hepflow.runtime.hooks.manager", "HookManager.usage_summary", ["self"]),
    ("hepflow.runtime.materialize", "materialize_final_products", ["plan", "value_store", "outdir"]),
    ("hepflow.runtime.provenance", "ensure_runtime_provenance", ["ctx"]),
    ("hepflow.runtime.reports", "run_workflow_reports", ["plan", "outdir", "summary"]),
    ("hepflow.runtime.writer_manifests", "write_writer_manifests", ["plan", "stores", "outdir", "runtime_provenance"]),
]


def missing():
    """Returns what FAST-HEP, as it is installed, lacks of the names above, a sentence each."""
    found = []
    for module, name, arguments in NAMES:
        try:
            thing = importlib.import_module(module)
            for part in name.split("."):
                thing = getattr(thing, part)
            taken = inspect.signature(thing).parameters
        except (ImportError, AttributeError):
            found.append("%s has no %s" % (module, name))
            continue
        lacks = [each for each in arguments if each not in taken]
        needs = [
            each
            for each, parameter in taken.items()
            if each not in arguments
            and parameter.default is parameter.empty
            and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        ]
        found += ["%s:%s no longer takes %r" % (module, name, each) for each in lacks]
        found += ["%s:%s now needs %r" % (module, name, each) for each in needs]
    return found


def versions(used=False):
    """Returns the versions of FAST-HEP's packages here, by distribution; used: only of those that are imported."""
    found = {}
    for distribution in importlib.metadata.distributions():
        name = (distribution.metadata["Name"] or "").lower().replace("_", "-")
        if not name.startswith(("fasthep-", "hepflow")) or name in found:
            continue
        module = "hepflow" if name == "fasthep-flow" else name.replace("-", "_")
        if not used or module in sys.modules:
            found[name] = distribution.version
    return dict(sorted(found.items()))


def release(version):
    """Returns year and month of a version of FAST-HEP, for example (2026, 10)."""
    numbers = []
    for part in version.split(".")[:2]:
        digits = "".join(each for each in part if each.isdigit())
        numbers.append(int(digits) if digits else 0)
    return tuple(numbers)
