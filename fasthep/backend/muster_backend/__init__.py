"""FAST-HEP's backend `muster`: gives the compiled plan to the command `muster`, and its results to FAST-HEP.

A workflow finds it by the profile `muster_backend:registry`. The environment variable MUSTER_COMMAND names the command,
where it is not `muster` on the PATH.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import yaml
from hepflow.backends.model import BackendResult, BackendSpec
from hepflow.build_layout import BuildPaths
from hepflow.progress import ProgressReporter
from hepflow.utils import write_yaml

from . import journal, signals

try:
    from typer import Exit  # `fasthep` ends with the exit code that it carries.
except ImportError:
    Exit = RuntimeError

COMMAND = "MUSTER_COMMAND"
LOOKS = 0.2
STANDARD_ERROR = 2
SPEC = BackendSpec(build_directories=("execution/muster",))
# Of run_summary.yaml: what FAST-HEP writes itself.
OWN = (
    "backend",
    "strategy",
    "success",
    "execution",
    "bundle_id",
    "summary_path",
    "artifacts_path",
    "variation",
    "reports",
)


class MusterError(Exit):
    """Muster could not be started, or its run failed. exit_code: of the command."""

    def __init__(self, message, exit_code):
        RuntimeError.__init__(self, message)
        self.exit_code = exit_code


class MusterBackend:
    """Runs a plan by `muster run`. What that writes goes to standard error; its record is below execution/muster."""

    name = "muster"

    def run(self, plan, *, ctx=None, progress=None):
        """Runs the plan; products are below ctx["outdir"], where FAST-HEP's own backends put them.

        Raises MusterError if the run failed, and KeyboardInterrupt once an interrupted run has ended.
        """
        outdir = pathlib.Path((ctx or {}).get("outdir") or ".").resolve()
        paths = BuildPaths.from_plan(plan, outdir=outdir)
        folder = paths.execution_dir("muster")
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "plan.yaml"
        write_yaml(plan.to_dict(), str(file))
        run = _new_folder(folder)
        reporter = progress or ProgressReporter(plan.partitions)
        with signals.Passing() as passing:
            warnings = _watched(_command(plan, file, outdir, run), passing, paths, journal.Journal(run, plan, reporter))
        summary = yaml.safe_load(paths.run_summary().read_text(encoding="utf-8"))
        summary = {key: value for key, value in summary.items() if key not in OWN}
        summary.setdefault("warnings", []).extend({"kind": "progress_sink", **each} for each in warnings)
        summary["progress"] = {"run_id": reporter.run_id, "counts": reporter.counts.to_dict()}
        summary["muster"] = {**summary.get("muster", {}), "run": str(run)}
        strategy = str(plan.execution.get("strategy") or "default")
        return BackendResult(backend="muster", strategy=strategy, success=True, summary=summary)


def _new_folder(folder):
    """Returns the name of a folder that is not there; Muster makes it, for the record of one run."""
    name = time.strftime("%Y%m%d-%H%M%S")
    names = (name if i == 1 else "%s-%d" % (name, i) for i in range(1, sys.maxsize))
    return next(folder / each for each in names if not (folder / each).exists())


def _command(plan, file, outdir, run):
    named = os.environ.get(COMMAND) or "muster"
    program = shutil.which(named)
    if program is None:
        where = "%s names" % COMMAND if os.environ.get(COMMAND) else "the PATH has no"
        _fail(
            "%s %s%s; set %s to the file `muster` of Muster's folder, or add that folder to the PATH"
            % (where, named, ", which is no program" if os.environ.get(COMMAND) else "", COMMAND),
            127,
        )
    command = [program, "run", str(file), "--language", "fasthep", "--plain"]
    command += ["--outdir", str(outdir), "--run-dir", str(run)]
    if not (plan.execution.get("config") or {}).get("python"):
        command += ["--set", "config.python=" + json.dumps(sys.executable)]
    return command


def _watched(command, passing, paths, told):
    """Runs Muster and tells FAST-HEP how it goes; returns the warnings of those that show it."""
    reporter = told.reporter
    reporter.run_started()
    try:
        with _kept(paths.compile_file("plan.yaml")):
            _run(command, passing, told)
        reporter.run_completed()
    except BaseException as error:
        reporter.run_failed(error)
        raise
    finally:
        warnings = reporter.close()
    return warnings


def _run(command, passing, told):
    try:
        # In a group of its own, so that an interrupt from a terminal comes once.
        child = passing.start(
            lambda: subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=STANDARD_ERROR, process_group=0)
        )
    except OSError as error:
        _fail("%s cannot be started: %s" % (command[0], error.strerror), 126)
    with told:
        while True:
            try:
                code = child.wait(LOOKS)
                break
            except subprocess.TimeoutExpired:
                told.read()
        told.read()
    if code:
        raise MusterError("%s ended with exit code %d; what it wrote above says why" % (command[0], code), code)
    told.complete()


def _fail(message, code):
    print("muster backend: " + message, file=sys.stderr, flush=True)
    raise MusterError(message, code)


@contextlib.contextmanager
def _kept(path):
    """Lets FAST-HEP's own plan be what it was: Muster puts the one that ran, with overrides of this run, in its place."""
    content = path.read_bytes() if path.is_file() else None
    try:
        yield
    finally:
        if content is not None and path.read_bytes() != content:
            new = path.with_name(path.name + ".new")
            new.write_bytes(content)
            os.replace(new, path)
