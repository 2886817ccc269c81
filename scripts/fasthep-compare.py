#!/usr/bin/env python3
"""Times a FAST-HEP workflow of 10 nodes by `fasthep run --backend dask` and by `muster run --backend dask`, with two workers each.

usage: scripts/fasthep-compare.py [--partitions N] [--rounds R] [--python PYTHON]

Both start with nothing compiled, and in turn. Prints the seconds of each run, the ratio of the best ones, and the largest memory that the
processes that control a run had together: FAST-HEP's client, or Muster's JVM and its bridge; each page that they share counts once for each.
PYTHON has FAST-HEP; by default it is what scripts/fasthep-env.sh makes.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
EVENTS = 50  # in a partition
WORKFLOW = """
version: "1.0"
use: {profiles: [hep]}
data: {datasets: [{name: sim, eventtype: mc, nevents: %d, files: [sim.root]}]}
sources: {events: {kind: root_tree, tree: events, stream_type: event_stream}}
analysis:
  stages:
%s
    - {id: Cut, op: hep.selection.cutflow, params: {selection: {All: ["V6 > -100"]}}}
    - id: Hist
      op: hep.hist
      params: {axes: [{name: v, source: V6, type: regular, bins: {low: -5, high: 5, nbins: 50}}]}
execution:
  backend: dask
  pools: {default: {resources: default, workers: 2}}
  resources: {default: {cpus: 1, memory: 2GB}}
"""
INPUT = """
import sys
import numpy, uproot
with uproot.recreate("sim.root") as file:
    file["events"] = {"V": numpy.random.default_rng(1).normal(0, 1, int(sys.argv[1]))}
"""


def memory(pids):
    """Returns the resident memory of processes, in MB."""
    total = 0
    for pid in pids:
        try:
            total += int(pathlib.Path("/proc/%d/statm" % pid).read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            pass
    return total / 1e6


def controllers(root):
    """Returns the processes of a run but its workers: the one that was started, and bridges."""
    found = [root]
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            if parent == root and b"muster_dask.bridge" in words:
                found.append(int(entry.name))
    return found


def timed(name, command, folder, environment):
    start, most = time.monotonic(), 0.0
    with open(folder / (name + ".log"), "wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        while process.poll() is None:
            if time.monotonic() - start > 1800:
                process.kill()
            most = max(most, memory(controllers(process.pid)))
            time.sleep(0.2)
    if process.returncode:
        sys.exit("%s ended with %d:\n%s" % (" ".join(command), process.returncode, (folder / (name + ".log")).read_text()[-3000:]))
    return time.monotonic() - start, most


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--partitions", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--python")
    given = options.parse_args()
    python = given.python or subprocess.check_output([HERE / "fasthep-env.sh"], text=True).strip()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="muster-fasthep-compare-"))
    try:
        compare(given, python, folder)
    finally:
        shutil.rmtree(folder)


def compare(given, python, folder):
    events = given.partitions * EVENTS
    names = ["V"] + ["V%d" % i for i in range(7)]
    stages = "\n".join(
        '    - {id: D%d, op: hep.define, params: {variables: [{name: %s, expr: "%s * 1.01"}]}}' % (i, names[i + 1], names[i])
        for i in range(7)
    )
    (folder / "w.yaml").write_text(WORKFLOW % (events, stages))
    subprocess.run([python, "-c", INPUT, str(events)], cwd=folder, check=True)
    best = {}
    for number in range(given.rounds):
        for name in ("fasthep", "muster"):
            environment = dict(os.environ, FASTHEP_NO_LOGO="1", XDG_CACHE_HOME=str(folder / ("cache%d" % number)))
            if name == "fasthep":
                command = [str(pathlib.Path(python).with_name("fasthep")), "run", "w.yaml", "--outdir", str(folder / "by_fasthep")]
                command += ["--chunk-size", str(EVENTS), "--scheduler", "distributed", "--workers", "2"]
            else:
                command = [str(HERE.parent / "muster"), "run", "w.yaml", "--outdir", str(folder / "by_muster"), "-d", "run%d" % number]
                command += ["--chunk-size", str(EVENTS), "--set", "config.python=" + python]
            seconds, most = timed(name, command, folder, environment)
            print("%-8s %7.1f s  %6.0f MB" % (name, seconds, most), flush=True)
            best[name] = min(best.get(name, seconds), seconds)
    print("muster/fasthep %.2f" % (best["muster"] / best["fasthep"]))


if __name__ == "__main__":
    main()
