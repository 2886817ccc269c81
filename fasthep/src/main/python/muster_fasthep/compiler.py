"""Compiles a FAST-HEP workflow with FAST-HEP's own compiler and writes what Muster needs to know of it.

Reads a request from standard input and writes OUTDIR/muster/answer.json, at last and in one step. All that FAST-HEP
prints goes to standard error. The exit code is 0 where the answer was written, also where it tells an error.
"""

import contextlib
import json
import os
import pathlib
import pickle
import re
import shutil
import sys
import traceback
import warnings

from . import borrowed, inputs, moves, unread

TOLD = 8000
# What FAST-HEP's own modules warn of.
_OWN = re.compile(r"/(hepflow|fasthep_\w+)/")


class Refused(Exception):
    """A compile that cannot be. kind: see the answer; hint: what to do, or None."""

    def __init__(self, kind, message, hint=None):
        super().__init__(message)
        self.kind = kind
        self.hint = hint


def main():
    request = json.load(sys.stdin)
    sys.stdout.flush()
    os.dup2(2, 1)  # FAST-HEP and its components print.
    outdir = pathlib.Path(request["outdir"])
    noted = inputs.Inputs(ignored=[str(outdir)])
    _find_modules(request["root"])
    try:
        answer = {"ok": True, **compile_request(request, outdir, noted)}
    except Refused as refused:
        answer = _error(refused.kind, str(refused), refused.hint, refused.__cause__)
    write_answer(outdir, answer)


def _find_modules(root):
    """Lets the root's modules be found before the installed ones, as on workers, and after Python's own."""
    sys.path[:] = [each for each in sys.path if os.path.abspath(each) != root]
    installed = (i for i, each in enumerate(sys.path) if each.endswith(("site-packages", "dist-packages")))
    sys.path.insert(next(installed, len(sys.path)), root)


def _error(kind, message, hint, cause):
    told = (
        "".join(traceback.format_exception(type(cause), cause, cause.__traceback__))[-TOLD:]
        if cause is not None
        else ""
    )
    return {"ok": False, "error": {"kind": kind, "message": message, "hint": hint, "traceback": told}}


def write_answer(outdir, answer):
    folder = outdir / "muster"
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / "answer.json.new"
    new.write_text(json.dumps(answer, indent=1), encoding="utf-8")
    os.replace(new, folder / "answer.json")


def check_installation():
    """Returns warnings; refuses where FAST-HEP is not installed, too old, or lacks what is borrowed."""
    found = borrowed.versions()
    flow = found.get("fasthep-flow")
    try:
        import hepflow.api  # noqa: F401
    except ImportError as error:
        if flow is not None and not (
            isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] == "hepflow"
        ):
            raise Refused(
                "not_installed", "FAST-HEP is installed in %s, but cannot be imported: %s" % (sys.executable, error)
            ) from error
        raise Refused(
            "not_installed",
            "FAST-HEP is not installed for %s" % sys.executable,
            "%s -m pip install fasthep-flow fasthep-carpenter fasthep-curator fasthep-render" % sys.executable,
        ) from error
    if flow is not None and borrowed.release(flow) < borrowed.TESTED:
        raise Refused(
            "too_old",
            "fasthep-flow %s is too old; %d.%d or newer is needed" % ((flow,) + borrowed.TESTED),
            "%s -m pip install --upgrade fasthep-flow" % sys.executable,
        )
    lacks = borrowed.missing()
    if lacks:
        raise Refused(
            "missing_function",
            "fasthep-flow %s has changed what Muster calls: %s" % (flow, "; ".join(lacks)),
            "%s -m pip install 'fasthep-flow==%d.%d.*'" % ((sys.executable,) + borrowed.TESTED),
        )
    if flow is not None and borrowed.release(flow) > borrowed.TESTED:
        return ["fasthep-flow %s is newer than %d.%d, with which Muster was tested" % ((flow,) + borrowed.TESTED)]
    return []


def compile_request(request, outdir, noted):
    """Returns the answer without `ok`."""
    told = check_installation()
    root = request["root"]
    noted.folder(os.path.join(root, ".hepflow", "profiles"))
    if request.get("plan"):
        found = _given_plan(pathlib.Path(request["plan"]), outdir)
    else:
        noted.folder(os.path.join(os.path.dirname(request["workflow"]), ".hepflow", "profiles"))
        found = _compile(request, outdir, told)
        told += _unread(request["workflow"])
    found = _chosen(found, request.get("variations"))
    normalized = _normalized(outdir)
    plans = [_plan(name, plan, compiled, outdir, root, normalized, told) for name, plan, compiled in found]
    for path in [*inputs.user_modules(), request.get("workflow") or request["plan"]]:
        noted.read(path)
    for name in _opened_urls(outdir, [plan for _, plan, _ in found]):
        noted.uncheckable(name)
    data = {os.path.join(root, each) for plan in plans for dataset in plan["datasets"] for each in dataset["files"]}
    files = set()
    for _, plan, _ in found:
        named, absent = moves.files(plan, root, data)
        files.update(named)
        for path in named:
            noted.read(path)
        for path in absent:
            noted.absent(path)
    _write_versions(outdir)
    return {
        "python": "%d.%d.%d" % sys.version_info[:3],
        "versions": borrowed.versions(used=True),
        "warnings": told,
        "inputs": noted.entries(data | files),
        "modules": inputs.user_modules(),
        "files": sorted(files),
        "plans": plans,
    }


def _compile(request, outdir, told):
    """Compiles; returns (variation, plan, folder of the compile) each. told: where FAST-HEP's warnings go."""
    from hepflow.api import compile_workflow_file

    try:
        with _without_backend(), _warnings(told):
            compile_workflow_file(
                request["workflow"], outdir=outdir, chunk_size=request.get("chunk_size"), root=request["root"]
            )
    except Exception as error:
        raise Refused(
            "compile", "FAST-HEP cannot compile %s: %s" % (request["workflow"], _said(error)), _hint(error)
        ) from error
    index = outdir / "compile" / "systematics.yaml"
    if not index.exists():
        return [(None, _load(outdir / "compile" / "plan.yaml"), "compile")]
    found = []
    for each in _yaml(index)["variations"]:
        path = outdir / each["plan"]
        found.append((each["name"], _load(path), path.parent.relative_to(outdir).as_posix()))
    return found


def _unread(path):
    """Returns what the workflow says that the compiler does not read; nothing for versions that may read more."""
    from hepflow.compiler.includes import load_workflow_with_includes

    if borrowed.release(borrowed.versions()["fasthep-flow"]) != borrowed.TESTED:
        return []
    return unread.warnings(load_workflow_with_includes(path).doc)


@contextlib.contextmanager
def _warnings(told):
    """Adds what FAST-HEP warns of; what other packages do stays on standard error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        yield
    for each in caught:
        text = " ".join(str(each.message).split())
        if not _OWN.search(each.filename) or issubclass(each.category, DeprecationWarning):
            sys.stderr.write(warnings.formatwarning(each.message, each.category, each.filename, each.lineno))
        elif "FAST-HEP: " + text not in told:
            told.append("FAST-HEP: " + text)


@contextlib.contextmanager
def _without_backend():
    """Lets FAST-HEP compile for Muster: what its own backends cannot do, such as several local pools, is no error."""
    from hepflow.backends import loaders

    with _swapped(loaders, "resolve_backend_entry", lambda *arguments, **names: ("muster", {})):
        yield


def _given_plan(path, outdir):
    plan = _load(path)
    variation = (plan.context.get("variation") or {}).get("name")
    compiled = pathlib.PurePosixPath("compile", variation or "")
    (outdir / compiled).mkdir(parents=True, exist_ok=True)
    for each in path.parent.iterdir():
        if each.is_file() and each.suffix in (".yaml", ".json"):
            shutil.copy2(each, outdir / compiled / ("plan.yaml" if each == path else each.name))
    return [(variation, plan, compiled.as_posix())]


def _chosen(found, variations):
    if not variations:
        return found
    names = [name for name, _, _ in found]
    unknown = [each for each in variations if each not in names]
    if unknown:
        there = (
            ", ".join(str(each) for each in names if each)
            or "none, since the workflow has no systematics that make plans"
        )
        raise Refused("compile", "there is no variation %s" % ", ".join(unknown), "the variations are: %s" % there)
    return [each for each in found if each[0] in variations]


def _plan(variation, plan, compiled, outdir, root, normalized, told):
    from hepflow.registry.loaders import runtime_registry_from_config

    from . import answer, edges

    unknown = answer.unknown(plan)
    if unknown:
        raise Refused("unknown_impl", "; ".join("%s: %s" % each for each in unknown), _registry_hint(unknown))
    try:
        registry = runtime_registry_from_config(plan.registry)
    except Exception as error:
        raise Refused(
            "unknown_impl", "a product handler of the registry cannot be used: %s" % _said(error), _hint(error)
        ) from error
    restored = edges.dropped(plan, normalized)
    edges.restore(plan, restored)
    for node, edge in restored:
        text = "FAST-HEP's plan lacks the edge %s.%s -> %s as %r: it keeps one edge between two nodes"
        told.append(text % (edge.node_id, edge.output_name, node, edge.input_name))
    name = variation or "plan"
    path = outdir / "muster" / "plans" / ("%s.pickle" % name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        pickle.dump(_slim(plan, root, restored), file, protocol=5)
    return {
        "variation": variation,
        "is_nominal": bool((plan.context.get("variation") or {"is_nominal": True}).get("is_nominal")),
        "pickle": path.relative_to(outdir).as_posix(),
        "compile": compiled,
        **_plain(answer.describe(plan, registry, restored)),
    }


def _slim(plan, root, restored):
    """Returns what workers load: the plan without what only people read, its partitions, and the edges put back."""
    from dataclasses import replace

    return {
        "plan": pickle.dumps(replace(plan, partitions=[], data_flow={}), protocol=5),
        "root": root,
        "partitions": plan.partitions,
        "restored": [(node, edge.input_name) for node, edge in restored],
    }


def _load(path):
    from hepflow import api

    reading = contextlib.nullcontext()
    if hasattr(api, "read_yaml"):
        reading = _swapped(api, "read_yaml", _yaml)  # The same text by libyaml, which is eight times as fast.
    try:
        with reading:
            return api.load_plan_file(path)
    except Exception as error:
        raise Refused(
            "load", "FAST-HEP cannot load the plan %s: %s" % (path, _said(error)), "compile the workflow again"
        ) from error


@contextlib.contextmanager
def _swapped(thing, name, value):
    old = getattr(thing, name)
    setattr(thing, name, value)
    try:
        yield
    finally:
        setattr(thing, name, old)


def _yaml(path):
    import yaml

    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _normalized(outdir):
    path = outdir / "compile" / "normalized.yaml"
    return (_yaml(path) or {}) if path.exists() else {}


def _opened_urls(outdir, plans):
    """Returns the URLs that FAST-HEP's compile hook has opened, to count events of datasets that do not say it."""
    read = set()
    for path in (outdir / "compile").rglob("dataset_metadata.json"):
        datasets = json.loads(path.read_text(encoding="utf-8")).get("datasets") or {}
        read |= {name for name, each in datasets.items() if each.get("total_entries_origin") != "nevents"}
    datasets = {name: each for plan in plans for name, each in (plan.context.get("datasets") or {}).items()}
    return {
        str(file) for name in read & set(datasets) for file in datasets[name].get("files") or [] if "://" in str(file)
    }


def _write_versions(outdir):
    text = json.dumps({"versions": borrowed.versions(used=True)}, indent=1)
    (outdir / "muster" / "plans" / "versions.json").write_text(text, encoding="utf-8")


def _said(error):
    text = str(error).strip() or type(error).__name__
    return text if isinstance(error, ValueError) else "%s: %s" % (type(error).__name__, text)


def _hint(error):
    """Returns what to do, where an error of the compile says it."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        module = error.name.split(".")[0]
        if module.startswith("fasthep_"):
            return "%s -m pip install %s" % (sys.executable, module.replace("_", "-"))
        return "install %s for %s, or put the folder that has it on PYTHONPATH" % (module, sys.executable)
    if isinstance(error, FileNotFoundError):
        return "relative names are taken from %s" % os.getcwd()
    return None


def _registry_hint(unknown):
    if any("cannot be imported" in why for _, why in unknown):
        return "install what is missing for %s, or put the folder that has it on PYTHONPATH" % sys.executable
    return "register it under `registry` of the workflow, or use a profile that does"


def _plain(value):
    """Returns the value as JSON has it: what FAST-HEP's YAML holds beside that, such as dates, becomes text."""
    return json.loads(json.dumps(value, default=str))


if __name__ == "__main__":
    main()
