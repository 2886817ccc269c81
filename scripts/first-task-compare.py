#!/usr/bin/env python3
"""Measures how long it takes from a command to the first task on an idle batch system: with Muster, and by hand.

usage: eval "$(scripts/sites/slurm-up.sh)"; eval "$(scripts/sites/condor-up.sh)"; scripts/first-task-compare.py [--rounds N] [slurm|htcondor ...]

Both start a Dask scheduler, submit one job that starts one worker, and have it run a task that notes the time. By hand that is a short
Python program with Dask's own scheduler and client, and a plain job script with Dask's own worker, without encryption. The two take
turns. Printed are medians, their ratio, and when within a run of Muster things happen.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

OPERATION = """
import time

def first(ctx):
    with open(ctx.base_dir / "first", "w") as file:
        file.write(repr(time.time()))
"""

# What somebody would write by hand; prints when the first task ran.
BY_HAND = """
import asyncio, subprocess, sys, time
from distributed import Client, Scheduler
from distributed.utils import get_ip

async def main():
    async with Scheduler(host=get_ip(), port=0, dashboard_address="127.0.0.1:0") as scheduler:
        with open("worker.sh", "w") as script:
            script.write("#!/bin/sh\\ndate +%%s.%%N >began\\nexec /usr/bin/python3 -m distributed.cli.dask_worker %s --nthreads 1 --no-nanny "
                         "--no-dashboard\\n" % scheduler.address)
        submitted = time.time()
        process = await asyncio.create_subprocess_exec(*sys.argv[1:], stdout=subprocess.DEVNULL)
        await process.wait()
        async with Client(scheduler.address, asynchronous=True) as client:
            print(repr(await client.submit(time.time)), repr(submitted), flush=True)

asyncio.run(main())
"""
DESCRIPTION = """
universe = vanilla
executable = worker.sh
transfer_executable = False
output = worker.out
error = worker.err
log = worker.log
request_cpus = 1
queue
"""


class Slurm:
    """The Slurm of scripts/sites/slurm-up.sh."""

    name, variable, python, java, work = "slurm", "SLURM_CONF", "/usr/bin/python3", None, None
    submit = ["sbatch", "--output=worker.out", "--error=worker.err", "--cpus-per-task=1", "worker.sh"]
    queue = ["squeue", "-h"]
    clear = ["scancel", "--name=worker.sh"]


class Condor:
    """The HTCondor of scripts/sites/condor-up.sh."""

    name, variable = "htcondor", "MUSTER_CONDOR_WORK"
    python, java, work = (os.environ.get("MUSTER_CONDOR_" + each) for each in ("PYTHON", "JAVA", "WORK"))
    submit = ["condor_submit", "-terse", "worker.sub"]
    queue = ["condor_q", "-allusers", "-af", "ClusterId"]
    clear = ["condor_rm", "-all"]


def quiet(site):
    """Waits until the queue is empty and the machine has nothing left to do for it."""
    end = time.monotonic() + 60
    while subprocess.run(site.queue, check=True, stdout=subprocess.PIPE, timeout=60).stdout.strip():
        if time.monotonic() > end:
            sys.exit("first-task-compare: %s has jobs that do not end" % site.name)
        time.sleep(0.2)
    # Batch systems start jobs at the beat of a clock of theirs: without chance one side would always meet it at the
    # same moment.
    time.sleep(random.uniform(2, 4))


def folder_of(site):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="first-", dir=site.work))
    folder.chmod(0o777)
    return folder


def by_hand(site):
    """Returns the seconds to the first task, and to what comes before it."""
    folder = folder_of(site)
    (folder / "hand.py").write_text(BY_HAND)
    (folder / "worker.sub").write_text(DESCRIPTION)
    (folder / "worker.sh").touch(mode=0o777)
    (folder / "worker.sh").chmod(0o777)
    start = time.time()
    answer = subprocess.run(
        [site.python, "hand.py", *site.submit], cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        timeout=120)  # fmt: skip
    subprocess.run(site.clear, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    first, submitted = map(float, answer.stdout.split()[-2:])
    seconds = {"the job is submitted": submitted, "the job is there": float((folder / "began").read_text()), "the first task": first}
    shutil.rmtree(folder, ignore_errors=True)
    return {what: at - start for what, at in seconds.items()}


def muster(site):
    """Returns the seconds to the first task, and to what comes before it."""
    folder = folder_of(site)
    (folder / "first.py").write_text(OPERATION)
    (folder / "first.yaml").write_text(json.dumps({
        "name": "first", "registry": {"operations": {"first": "first:first"}},
        "analysis": {"stages": [{"id": "First", "op": "first"}]},
        "execution": {"backend": "dask", "strategy": site.name, "config": {"python": site.python}, "pools": {
            "default": {"workers": 1, "resources": {"cpus": 1}, "config": {"python": "/usr/bin/python3"}}}},
    }))  # fmt: skip
    environment = dict(os.environ, XDG_CONFIG_HOME=str(folder))
    environment.pop("MUSTER_SITE", None)
    if site.java:
        environment["MUSTER_JAVA_HOME"] = environment.pop("JAVA_HOME", "")
        environment["JAVA_HOME"] = str(pathlib.Path(site.java).parent.parent)
        if not environment["MUSTER_JAVA_HOME"]:
            del environment["MUSTER_JAVA_HOME"]
    start = time.time()
    subprocess.run(
        [ROOT / "muster", "run", "first.yaml", "--run-dir", "run"], cwd=folder, env=environment, check=True, timeout=120,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)  # fmt: skip
    distributed = folder / "run/debug/distributed"
    seconds = {
        "the run begins": (folder / "run/plan.yaml").stat().st_mtime,
        "the job is submitted": min(path.stat().st_mtime for path in (distributed / "jobs").glob("*.sh")),
        "the job is there": min(path.stat().st_mtime for path in (distributed / "out").iterdir()),
        "the first task": float((folder / "first").read_text()),
    }
    for line in (folder / "run/journal").read_text().splitlines():
        event = json.loads(line)
        if event["event"] == "WorkerStarted":
            hours, minutes, rest = event["time"].rstrip("Z").partition("T")[2].split(":")
            day = seconds["the first task"] // 86400 * 86400
            seconds["the worker has come"] = day + int(hours) * 3600 + int(minutes) * 60 + float(rest)
    shutil.rmtree(folder, ignore_errors=True)
    return {what: at - start for what, at in seconds.items()}


def median(rounds, what):
    return statistics.median(each[what] for each in rounds)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("systems", nargs="*", default=["slurm", "htcondor"])
    options = parser.parse_args()
    sites = {site.name: site for site in (Slurm, Condor)}
    subprocess.run([ROOT / "muster", "--version"], check=True, stdout=subprocess.DEVNULL)
    for name in options.systems:
        site = sites.get(name) or parser.error("unknown: %s" % name)
        if site.variable not in os.environ:
            sys.exit("first-task-compare: %s is not set; see --help" % site.variable)
        hand, ours = [], []
        for round_ in range(options.rounds + 1):
            quiet(site)
            one = by_hand(site)
            quiet(site)
            other = muster(site)
            if round_:  # the first fills caches
                hand.append(one)
                ours.append(other)
        print("%s: medians of %d, in seconds since the command" % (name, len(hand)))
        print("  %8s %8s" % ("Muster", "by hand"))
        for what in sorted(ours[0], key=ours[0].get):
            theirs = "%8.2f" % median(hand, what) if what in hand[0] else ""
            print("  %8.2f %8s  %s" % (median(ours, what), theirs, what))
        print("  ratio %.2f" % (median(ours, "the first task") / median(hand, "the first task")), flush=True)


main()
