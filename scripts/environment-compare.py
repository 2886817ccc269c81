#!/usr/bin/python3
"""Measures how long a Dask worker takes from the start of its job until the scheduler knows it: without an environment, and with one that is extracted already.
Then counts how often many jobs that start at once on one machine extract it.

usage: scripts/environment-compare.py [--rounds N] [--jobs N]

The environment is a copy of this host's Python and its packages, with distributed. Without an environment, a worker is started by the copy's Python where
it is; with one, what was extracted on the "node" is found, locked and activated first. The two take turns. Printed are medians and their ratio.
"""

import argparse
import asyncio
import logging
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import distributed
from distributed import Scheduler
from distributed.diagnostics.plugin import SchedulerPlugin

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3"


class Seen(SchedulerPlugin):
    """Notes that a worker is there."""

    name = "seen"

    def __init__(self):
        self.event = asyncio.Event()

    def add_worker(self, scheduler, worker, **kwargs):
        self.event.set()


def prefix(folder):
    """Makes an environment out of this host's Python."""
    home = pathlib.Path(os.__file__).parent
    version = "python%d.%d" % sys.version_info[:2]
    packages = pathlib.Path(distributed.__file__).parent.parent
    (folder / "bin").mkdir(parents=True)
    (folder / "lib" / "python3").mkdir(parents=True)
    shutil.copy2(os.path.realpath(PYTHON), folder / "bin" / version)
    os.symlink(version, folder / "bin" / "python")
    shutil.copytree(home, folder / "lib" / version, symlinks=False, ignore_dangling_symlinks=True)
    shutil.copytree(packages, folder / "lib" / "python3" / packages.name, symlinks=False, ignore_dangling_symlinks=True)


def class_path():
    paths = [ROOT / each for each in ("pixi-env/target/classes", "pixi-env/target/test-classes", "core/target/classes", "batch/target/classes")]
    repository = pathlib.Path.home() / ".m2" / "repository"
    for each in ("tools/jackson", "com/fasterxml/jackson/core/jackson-annotations", "org/slf4j/slf4j-api", "org/jspecify"):
        paths += [path for path in (repository / each).rglob("*.jar") if "sources" not in path.name]
    return ":".join(map(str, paths))


async def start(job, seen, variables):
    """Runs one job until its worker is there; returns how long that took."""
    seen.event.clear()
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        "bash", str(job), env=variables, stdout=subprocess.DEVNULL, stderr=open(job.with_suffix(".err"), "wb")
    )
    try:
        await asyncio.wait_for(seen.event.wait(), 60)
        return time.monotonic() - began
    finally:
        process.terminate()
        await process.wait()


async def compare(work, args, variables):
    async with Scheduler(host="127.0.0.1", port=0, dashboard_address="127.0.0.1:0") as scheduler:
        seen = Seen()
        scheduler.add_plugin(seen)
        jobs(work, ["-m", "distributed.cli.dask_worker", scheduler.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"])
        times = {"without": [], "with": []}
        for each in times:  # the first job extracts; both fill caches
            await start(work / (each + ".sh"), seen, variables)
        for _ in range(args.rounds):
            for each in times:
                times[each].append(await start(work / (each + ".sh"), seen, variables))
    medians = {each: statistics.median(found) for each, found in times.items()}
    for each, found in times.items():
        print("%-32s %.3f s (%.3f to %.3f)" % ("worker %s environment" % each, medians[each], min(found), max(found)))
    print("%-32s %.2f" % ("ratio", medians["with"] / medians["without"]))


def jobs(work, command):
    subprocess.run(
        ["java", "-cp", class_path(), "dev.muster.pixi.JobMain", str(work), str(work / "prefix"), str(work / "prefix/bin/python"), *command],
        check=True,
        stderr=subprocess.PIPE,
    )


def together(work, args, variables):
    """Starts many jobs at once where nothing is extracted."""
    jobs(work, ["-c", "import sys; print(sys.prefix)"])
    node = work / "many"
    node.mkdir()
    archive = next((work / "cache").glob("*.tar.gz"))
    began = time.monotonic()
    (work / "plain").mkdir()
    subprocess.run(["tar", "-C", str(work / "plain"), "-xzf", str(archive)], check=True)
    print("%-32s %.3f s" % ("tar -xz, once", time.monotonic() - began))
    began = time.monotonic()
    running = [
        subprocess.Popen(
            ["bash", str(work / "with.sh")],
            env={**variables, "TMPDIR": str(node)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(args.jobs)
    ]
    said = [each.communicate() for each in running]
    took = time.monotonic() - began
    if any(each.returncode for each in running):
        sys.exit("a job failed: " + "".join(err for _, err in said)[-2000:])
    extracted = sum("extracted the environment" in err for _, err in said)
    print("%-32s %.3f s, extracted %d time(s)" % ("%d jobs at once" % args.jobs, took, extracted))


def main():
    logging.disable(logging.INFO)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--jobs", type=int, default=50)
    args = parser.parse_args()
    build = ["./mvnw", "-q", "-Dfast", "-Dspotless.check.skip=true", "test-compile", "-pl", "pixi-env", "-am"]
    subprocess.run(build, check=True, cwd=ROOT, timeout=600)
    work = pathlib.Path(tempfile.mkdtemp(prefix="environment-compare-"))
    try:
        prefix(work / "prefix")
        (work / "node").mkdir()
        variables = {**os.environ, "TMPDIR": str(work / "node"), "PYTHONNOUSERSITE": "1"}
        asyncio.run(compare(work, args, variables))
        together(work, args, variables)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
