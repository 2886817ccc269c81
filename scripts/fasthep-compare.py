#!/usr/bin/env python3
"""Times a FAST-HEP workflow of 10 nodes by `fasthep run --backend dask` and by `muster run --backend dask`, with two workers each.

usage: scripts/fasthep-compare.py [--partitions N...] [--writer] [--rounds R] [--python PYTHON]

Both start with nothing compiled, and in turn. Prints the seconds of each run, the ratio of the medians, and the largest
memory that the processes that control a run had together: FAST-HEP's client, or Muster's JVM and all that it started
but workers, also the process that writes the products at the end; each page that they share counts once for each. With
several numbers of partitions, prints how much that memory grew from the first to the last, in the median. --writer:
each partition writes a ROOT file too. PYTHON has FAST-HEP; by default it is what scripts/fasthep-env.sh makes.
"""

import argparse
import os
import pathlib
import shutil
import statistics
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
    - {id: Cut, op: hep.selection.cutflow, params: {selection: {All: ["V6 > -100"]}}%s}
    - id: Hist
      op: hep.hist
      params: {axes: [{name: v, source: V6, type: regular, bins: {low: -5, high: 5, nbins: 50}}]}
execution:
  backend: dask
  pools: {default: {resources: default, workers: 2}}
  resources: {default: {cpus: 1, memory: 2GB}}
"""
WRITER = ", write: {kind: root_tree, path: skim.root, tree: events, keep: [V6]}"
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


def controllers(root, name):
    """Returns the processes of a run but its workers: the one that was started, and of Muster those that it started."""
    found = [root]
    if name == "fasthep":
        return found  # Its client is one process; all others are workers.
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            if parent == root and not any(b"worker" in each for each in words):
                found.append(int(entry.name))
    return found


def timed(name, command, folder, environment):
    start, most = time.monotonic(), 0.0
    with open(folder / (name + ".log"), "wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        while process.poll() is None:
            if time.monotonic() - start > 1800:
                process.kill()
            most = max(most, memory(controllers(process.pid, name)))
            time.sleep(0.2)
    if process.returncode:
        sys.exit("%s ended with %d:\n%s" % (" ".join(command), process.returncode, (folder / (name + ".log")).read_text()[-3000:]))
    return time.monotonic() - start, most


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--partitions", type=int, nargs="+", default=[1000])
    options.add_argument("--writer", action="store_true")
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--python")
    given = options.parse_args()
    python = given.python or subprocess.check_output([HERE / "fasthep-env.sh"], text=True).strip()
    peaks = {}
    for partitions in given.partitions:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="muster-fasthep-compare-"))
        try:
            peaks[partitions] = compare(given, partitions, python, folder)
        finally:
            shutil.rmtree(folder)
    if len(peaks) > 1:
        first, last = given.partitions[0], given.partitions[-1]
        grown = {name: peaks[last][name] - peaks[first][name] for name in peaks[first]}
        print("memory from %d to %d partitions: fasthep %+.0f MB, muster %+.0f MB" % (first, last, *grown.values()))


def compare(given, partitions, python, folder):
    """Runs one workflow by both; returns the largest memory of each, in MB, in the median."""
    events = partitions * EVENTS
    names = ["V"] + ["V%d" % i for i in range(7)]
    stages = "\n".join(
        '    - {id: D%d, op: hep.define, params: {variables: [{name: %s, expr: "%s * 1.01"}]}}' % (i, names[i + 1], names[i])
        for i in range(7)
    )
    (folder / "w.yaml").write_text(WORKFLOW % (events, stages, WRITER if given.writer else ""))
    subprocess.run([python, "-c", INPUT, str(events)], cwd=folder, check=True)
    times, peaks = {"fasthep": [], "muster": []}, {"fasthep": [], "muster": []}
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
            print("%5d partitions  %-8s %7.1f s  %6.0f MB" % (partitions, name, seconds, most), flush=True)
            times[name].append(seconds)
            peaks[name].append(most)
            for made in (folder / "by_fasthep", folder / "by_muster", folder / ("run%d" % number)):
                shutil.rmtree(made, ignore_errors=True)
    print("muster/fasthep %.2f" % (statistics.median(times["muster"]) / statistics.median(times["fasthep"])), flush=True)
    return {name: statistics.median(each) for name, each in peaks.items()}


if __name__ == "__main__":
    main()
