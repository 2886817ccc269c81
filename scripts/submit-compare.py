#!/usr/bin/env python3
"""Compares how long it takes to submit many workers to Slurm: Muster's one submission, dask-jobqueue, and sbatch by itself.

usage: eval "$(scripts/sites/slurm-up.sh)" && scripts/submit-compare.py [--workers N] [--rounds N]

All jobs are submitted held, so that nothing but the submission is measured, and cancelled afterwards. Muster and sbatch are
measured until the ids are known; dask-jobqueue, by its own code, until it knows the ids of all its jobs. dask-jobqueue is
installed into a virtual environment of its own in MUSTER_CACHE (default: ~/.cache/muster); without it the rest is measured.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEER = ["dask-jobqueue==0.9.0", "distributed==2024.12.1", "dask==2024.12.1"]

# Run by the Python that has dask-jobqueue: prints the seconds.
PEER_CODE = """
import os, sys, time
from dask_jobqueue import SLURMCluster

workers = int(sys.argv[1])
cluster = SLURMCluster(
    cores=1, memory="1GB", walltime="01:00:00", job_name="compare-peer", log_directory=sys.argv[2],
    job_extra_directives=["--hold"], scheduler_options={"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"})
start = time.perf_counter()
cluster.scale(jobs=workers)
deadline = time.monotonic() + 500
while sum(1 for job in list(cluster.workers.values()) if getattr(job, "job_id", None)) < workers:
    if time.monotonic() > deadline:
        sys.exit("not all jobs were submitted")
    time.sleep(0.005)
print(time.perf_counter() - start, flush=True)
os._exit(0)  # closing it would cancel the jobs one by one
"""


def cancel(name):
    subprocess.run(["scancel", "--name=" + name], check=True)


def sbatch(workers, folder):
    """Submits workers one by one, as a shell script would."""
    script = folder / "job.sh"
    script.write_text("#!/bin/bash\n#SBATCH --hold\n#SBATCH --job-name=compare-sbatch\n#SBATCH --mem=1G\n#SBATCH --output=/dev/null\ntrue\n")
    start = time.perf_counter()
    for _ in range(workers):
        subprocess.run(["sbatch", "--parsable", script], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    cancel("compare-sbatch")
    return seconds


def peer_python():
    """Returns the Python that has dask-jobqueue, or None."""
    cache = pathlib.Path(os.environ.get("MUSTER_CACHE", pathlib.Path.home() / ".cache/muster"))
    folder = cache / "venvs" / "dask-jobqueue-0.9.0"
    python = folder / "bin/python"
    if python.exists() and subprocess.run([python, "-c", "import dask_jobqueue"], stderr=subprocess.DEVNULL).returncode == 0:
        return python
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", folder]).returncode == 0
    if made and subprocess.run([folder / "bin/pip", "install", "-q", *PEER], timeout=300).returncode == 0:
        return python
    print("submit-compare: dask-jobqueue could not be installed, so it is left out", file=sys.stderr)
    return None


def peer(python, workers, folder):
    """Submits workers with dask-jobqueue."""
    answer = subprocess.run(
        [python, "-c", PEER_CODE, str(workers), str(folder)], check=True, stdout=subprocess.PIPE, text=True, timeout=600)
    cancel("compare-peer")
    return float(answer.stdout.split()[-1])


def muster(workers, rounds, folder):
    """Submits workers with Muster, several rounds in one JVM; returns the seconds of each, the first one first."""
    subprocess.run(["./mvnw", "-q", "-Dfast", "-DskipTests", "package", "-pl", "cli", "-am"], cwd=ROOT, check=True)
    answer = subprocess.run(
        ["java", "-cp", str(ROOT / "cli/target/lib/*"), ROOT / "scripts/SubmitTimes.java", str(workers), str(rounds), str(folder)],
        check=True, stdout=subprocess.PIPE, text=True, timeout=600)
    return json.loads(answer.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("--workers", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if "SLURM_CONF" not in os.environ:
        sys.exit('submit-compare: SLURM_CONF is not set; start with eval "$(scripts/sites/slurm-up.sh)"')
    version = subprocess.run(["sinfo", "-h", "-o", "%v"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        times = muster(options.workers, options.rounds, folder)
        ours = statistics.median(times)
        print("Slurm %s, %d workers" % (version, options.workers))
        print("Muster, one submission:   %8.3f s (median of %d; the first, in a cold JVM: %.3f s)" % (ours, len(times), times[0]))
        alone = sbatch(options.workers, folder)
        print("sbatch for each worker:   %8.3f s, %.0f times as long" % (alone, alone / ours))
        python = peer_python()
        if python:
            theirs = peer(python, options.workers, folder)
            print("dask-jobqueue 0.9.0:      %8.3f s, %.0f times as long" % (theirs, theirs / ours))


main()
