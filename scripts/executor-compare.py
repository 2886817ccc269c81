#!/usr/bin/env python3
"""Measures what the call of an external worker costs: a script that copies its input, run by the executor `shell` on two
slots, beside `xargs -P2` with the same script, and with --tierkreis beside the real Tierkreis with its own executor.

usage: scripts/executor-compare.py [--calls N] [--rounds N] [--folder FOLDER] [--tierkreis] [--muster PROGRAM]

They take turns. Of Muster there are two figures: the whole command, and without what a run of two calls takes, measured
in the same round. Printed are medians in milliseconds a call, the range of each, and the median of the ratios of the
rounds. Run directories lie in the folder: by default /dev/shm, which is memory. Tierkreis is installed as
scripts/checks/60-workers.sh does, and needs root.
"""

import argparse
import importlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
compare = importlib.import_module("command-compare")

WORKER = """\
#!/bin/sh
cat "$input_text_file" >"$output_value_file"
"""
WORKFLOW = """
data:
  datasets:
    - {name: d, files: [none.root], nevents: %d}
  partition: {events: 1}
analysis:
  stages:
    - id: Copy
      op: copier.copy
      params: {inputs: {text: some text}}
execution:
  executors:
    scripts: {type: shell, config: {registry: workers}}
  assignments: {copier: scripts}
  pools: {default: {workers: 2}}
"""


def muster(program, folder, calls):
    """Returns the time of a run with so many calls, whose outputs are all there."""
    workflow = folder / ("%d.yaml" % calls)
    workflow.write_text(WORKFLOW % calls)
    target = folder / "run"
    try:
        seconds, _ = compare.timed([program, "run", workflow, "-d", target, "--plain"])
        made = len(list(target.glob("Copy/**/outputs/value")))
        if made != calls:
            sys.exit("of %d calls %d have an output" % (calls, made))
        return seconds
    finally:
        shutil.rmtree(target, ignore_errors=True)


def xargs(folder, calls):
    """Returns the time of xargs with so many calls of the same script."""
    target = folder / "outputs"
    target.mkdir()
    text = folder / "text"
    text.write_text('"some text"')
    variables = dict(os.environ, input_text_file=str(text))
    command = ["xargs", "-P2", "-I{}", "env", "output_value_file=%s/{}" % target, folder / "workers/copier/main.sh"]
    lines = "".join("%d\n" % each for each in range(calls)).encode()
    try:
        seconds, _ = compare.timed(command, input=lines, env=variables)
        if len(list(target.iterdir())) != calls:
            sys.exit("xargs has not run all calls")
        return seconds
    finally:
        shutil.rmtree(target)


GRAPH = """
import os, sys, time, uuid
from pathlib import Path
from tierkreis.executor import ShellExecutor
from tierkreis.controller import run_graph
from tierkreis.controller.data.graph import GraphData
from tierkreis.controller.storage.filestorage import ControllerFileStorage

folder, calls = Path(sys.argv[1]), int(sys.argv[2])
body = GraphData()
body.output({"value": body.func("copier.copy", {"text": body.input("text")})("value")})
graph = GraphData()
texts = graph.func("builtins.unfold_values", {"value": graph.const(["some text"] * calls)})
graph.output({"value": graph.map(graph.const(body), {"text": texts("*")})("*")})
os.environ["TKR_DIR"] = str(folder / "checkpoints")
storage = ControllerFileStorage(uuid.UUID(int=1), tierkreis_directory=folder / "checkpoints")
executor = ShellExecutor(folder / "workers", storage.workflow_dir)
start = time.monotonic()
run_graph(storage, executor, graph, {}, n_iterations=100000, polling_interval_seconds=0.01)
print(time.monotonic() - start)
made = len(list((folder / "checkpoints").glob("*/*.M*.N*/outputs/value")))
if made < calls:
    sys.exit("of %d calls %d have an output" % (calls, made))
"""


def tierkreis(python, folder, calls):
    """Returns the time of Tierkreis with so many calls, without its own start."""
    (folder / "graph.py").write_text(GRAPH)
    try:
        done = subprocess.run(
            [*python, folder / "graph.py", folder, str(calls)],
            capture_output=True,
            text=True,
            timeout=compare.LONGEST,
        )
        if done.returncode:
            sys.exit("Tierkreis failed: " + done.stderr[-4000:])
        return float(done.stdout.split()[-1])
    finally:
        shutil.rmtree(folder / "checkpoints", ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/dev/shm"), help="where runs lie")
    parser.add_argument("--tierkreis", action="store_true", help="the real Tierkreis too")
    parser.add_argument("--muster", type=pathlib.Path, default=ROOT / "muster", help="the program")
    arguments = parser.parse_args()
    python = None
    if arguments.tierkreis:
        subprocess.run([ROOT / "scripts/checks/60-workers.sh"], stdout=subprocess.DEVNULL, check=True)
        cache = pathlib.Path(os.environ.get("MUSTER_CACHE", pathlib.Path.home() / ".cache/muster"))
        root = subprocess.run(
            [ROOT / "scripts/sites/debian-root.sh", "trixie", "python3"], capture_output=True, text=True, check=True
        ).stdout.strip()
        python = [ROOT / "scripts/sites/in-root.sh", root, cache / "workers/tierkreis-2.1.1/bin/python"]
    subprocess.run([arguments.muster, "--version"], stdout=subprocess.DEVNULL, check=True)  # Builds it where need be.
    figures = compare.Figures()
    calls = arguments.calls
    with tempfile.TemporaryDirectory(prefix="executor-compare-", dir=arguments.folder) as name:
        folder = pathlib.Path(name)
        script = folder / "workers/copier/main.sh"
        script.parent.mkdir(parents=True)
        script.write_text(WORKER)
        script.chmod(0o755)
        for number in range(arguments.rounds):
            for what in ("Muster", "xargs") if number % 2 == 0 else ("xargs", "Muster"):
                if what == "xargs":
                    figures.add("xargs", xargs(folder, calls), calls)
                    continue
                whole = muster(arguments.muster, folder, calls)
                figures.add("Muster", whole, calls)
                figures.add("Muster's calls", whole - muster(arguments.muster, folder, 2), calls)
            if python:
                figures.add("Tierkreis", tierkreis(python, folder, calls), calls)
    print("%s: %d calls, %d rounds" % (arguments.folder, calls, arguments.rounds))
    others = ["xargs", "Tierkreis"] if python else ["xargs"]
    for each in others:
        print("  %s: %s" % (each, figures.line(each)))
    for each in ("Muster", "Muster's calls"):
        ratios = ", ".join("%.2f of %s" % (figures.ratio(each, other), other) for other in others)
        print("  %s: %s; %s" % (each, figures.line(each), ratios))


if __name__ == "__main__":
    main()
