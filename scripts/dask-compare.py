#!/usr/bin/env python3
"""Compares Muster's Dask backend with plain Dask clients, on one cluster in one run.

usage: dask-compare.py [--tasks N] [--rounds N] [--empty]

Starts a scheduler and two workers that advertise resource.default, each a process of its own, without TLS, runs every idiom
on it in turn, several rounds, and prints the medians. Muster runs through its command, with execution.config.address; what is
counted there is the time from the first task handed over to the last one done, by the run's journal. One more run, on workers
of Muster's own, makes sure that of ten stages only the one that asks for a GPU runs on the GPU worker.
"""

import argparse
import asyncio
import collections
import json
import logging
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "dask-backend/src/main/python"
CONVENTION = ROOT / "core/src/main/python"
RESOURCES = {"resource.default": 1}


def nop(*_):
    """Does nothing."""


def inc(number):
    """Does next to nothing."""
    return 1


OPERATIONS = """
def nop():
    return None


def inc(ctx, **inputs):
    return 1


def record(ctx, **inputs):
    import os

    with open(os.path.join(ctx.base_dir, "record-%s-%d" % (os.environ["MUSTER_POOL"], os.getpid())), "a") as file:
        file.write(ctx.stage + "\\n")
"""


async def cluster(folder, environment):
    """Starts a scheduler here and two workers; returns scheduler and processes."""
    import dask
    from distributed import Scheduler

    dask.config.set({"distributed.scheduler.worker-ttl": None})
    scheduler = await Scheduler(host="127.0.0.1", port=0, dashboard=False, dashboard_address="127.0.0.1:0")
    workers = [
        subprocess.Popen(
            [
                sys.executable, "-m", "distributed.cli.dask_worker", scheduler.address, "--name", "default-%d" % number,
                "--nthreads", "1", "--no-nanny", "--no-dashboard", "--resources", "resource.default=1",
                "--local-directory", folder, "--death-timeout", "60",
            ],
            env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for number in range(2)
    ]  # fmt: skip
    while len(scheduler.workers) < 2:
        await asyncio.sleep(0.05)
    return scheduler, workers


def plain(address, kind, tasks, stages):
    """Runs one idiom of the plain client in a process of its own and returns its seconds."""
    code = "import sys; sys.path.insert(0, %r); import importlib; m = importlib.import_module('dask-compare'); m.%s(%r, %d, %d)"
    done = subprocess.run(
        [sys.executable, "-c", code % (str(ROOT / "scripts"), "client_" + kind, address, tasks, stages)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def client_map(address, tasks, stages):
    """client.map, stage after stage on the futures of the one before."""
    from distributed import Client

    with Client(address) as client:
        client.submit(nop, pure=False, resources=RESOURCES).result()
        began = time.perf_counter()
        futures = list(range(tasks))
        kept = []
        for _ in range(stages):
            futures = client.map(inc if stages > 1 else nop, futures, pure=False, resources=RESOURCES)
            kept.append(futures)
        client.gather(futures)
        print(time.perf_counter() - began)


def client_delayed(address, tasks, stages):
    """delayed, with dask.annotate."""
    import dask
    from distributed import Client

    with Client(address) as client:
        client.submit(nop, pure=False, resources=RESOURCES).result()
        began = time.perf_counter()
        with dask.annotate(resources=RESOURCES):
            values = [dask.delayed(inc if stages > 1 else nop, pure=False)(number) for number in range(tasks)]
            for _ in range(stages - 1):
                values = [dask.delayed(inc, pure=False)(value) for value in values]
        client.gather(client.compute(values, optimize_graph=False, resources=RESOURCES))
        print(time.perf_counter() - began)


def muster(address, folder, tasks, stages, batch, environment):
    """Runs Muster and returns its seconds."""
    name = "%d-%d-%s-%d" % (tasks, stages, batch, time.monotonic_ns())
    workflow = pathlib.Path(folder) / (name + ".json")
    workflow.write_text(
        json.dumps(
            {
                "name": "compare",
                "registry": {"operations": {"nop": {"impl": "compare_ops:nop"}, "inc": {"impl": "compare_ops:inc"}}},
                "data": {"datasets": [{"name": "data", "files": ["f%d" % number for number in range(tasks)]}]},
                "analysis": {
                    "stages": [{"id": "s%d" % stage, "op": "inc" if stages > 1 else "nop"} for stage in range(stages)]
                },
                "execution": {
                    "backend": "dask",
                    "pools": {"default": {"workers": 2}},
                    "config": {"address": address, "python": sys.executable, "batch": batch},
                },
            }
        )
    )
    run = pathlib.Path(folder) / ("run-" + name)
    done = subprocess.run(
        [str(ROOT / "muster"), "run", str(workflow), "--run-dir", str(run)],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        sys.exit("muster failed:\n%s%s" % (done.stdout[-3000:], done.stderr[-3000:]))
    return journal_seconds(run / "journal", tasks * stages)


def journal_seconds(path, tasks):
    """Returns the time from the first stage's start to the last task's end."""
    began = last = None
    succeeded = 0
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            kind = event["event"]
            moment = parse(event["time"])
            if kind == "StageStarted":
                began = moment if began is None else began
            elif kind == "TaskSucceeded":
                succeeded += 1
                last = moment
    if succeeded != tasks:
        sys.exit("%s: %d of %d tasks succeeded" % (path, succeeded, tasks))
    return last - began


def parse(text):
    """Returns seconds of a time of the journal."""
    from datetime import datetime

    whole, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(whole + "+00:00").timestamp() + float("0." + (fraction or "0"))


def first(kind, folder, environment):
    """Returns the seconds from a command to its first task: a plain LocalCluster of two workers, or Muster."""
    began = time.time()
    if kind == "plain":
        code = (
            "import time\nfrom dask.distributed import Client, LocalCluster\n"
            "if __name__ == '__main__':\n"
            "    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:\n"
            "        with Client(cluster) as client:\n"
            "            print(client.submit(time.time, pure=False).result())\n"
        )
        script = pathlib.Path(folder) / "first.py"
        script.write_text(code)
        done = subprocess.run([sys.executable, str(script)], check=True, capture_output=True, text=True)
        return float(done.stdout.split()[-1]) - began
    workflow = pathlib.Path(folder) / "first.json"
    workflow.write_text(
        json.dumps(
            {
                "registry": {"operations": {"now": {"impl": "time:time"}}},
                "analysis": {"stages": [{"id": "now", "op": "now"}]},
                "execution": {
                    "backend": "dask",
                    "pools": {"default": {"workers": 2}},
                    "config": {"python": sys.executable},
                },
            }
        )
    )
    run = pathlib.Path(folder) / ("first-%d" % time.monotonic_ns())
    subprocess.run(
        [str(ROOT / "muster"), "run", str(workflow), "--run-dir", str(run)], env=environment, check=True, capture_output=True
    )
    with open(run / "journal", encoding="utf-8") as lines:
        for event in map(json.loads, lines):
            if event["event"] == "TaskStarted":
                return parse(event["time"]) - began
    sys.exit("no task was started")


def gpu_stage(folder, environment, partitions):
    """Runs ten stages, of which the sixth asks for a GPU, on workers of Muster's own, and reads what those have noted."""
    workflow = pathlib.Path(folder) / "gpu.json"
    stages = [dict({"id": "s%d" % number, "op": "record"}, **({"execution": {"require": "gpu"}} if number == 5 else {})) for number in range(10)]
    workflow.write_text(
        json.dumps(
            {
                "registry": {"operations": {"record": {"impl": "compare_ops:record"}}},
                "data": {"datasets": [{"name": "data", "files": ["f%d" % number for number in range(partitions)]}]},
                "analysis": {"stages": stages},
                "execution": {
                    "backend": "dask",
                    "pools": {"default": {"workers": 2}, "gpu": {"workers": 1, "resources": {"gpus": 1}}},
                    "config": {"python": sys.executable},
                },
            }
        )
    )
    run = pathlib.Path(folder) / "gpu"
    done = subprocess.run(
        [str(ROOT / "muster"), "run", str(workflow), "--run-dir", str(run)],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        sys.exit("muster failed:\n%s%s" % (done.stdout[-3000:], done.stderr[-3000:]))
    seen = {
        pool: [line for file in pathlib.Path(folder).glob("record-%s-*" % pool) for line in file.read_text().split()]
        for pool in ("default", "gpu")
    }
    if seen["gpu"] != ["s5"] * partitions or "s5" in seen["default"] or len(seen["default"]) != 9 * partitions:
        sys.exit("stages ran on the wrong workers: %s" % {pool: collections.Counter(names) for pool, names in seen.items()})
    seconds = journal_seconds(run / "journal", 10 * partitions)
    print("10 stages of %d partitions, the sixth on a GPU worker: %.2f s; no other stage ran there" % (partitions, seconds))


def compare_starts(folder, environment, arguments):
    """Compares the times from a command to its first task, in turn."""
    starts = {"plain": [], "muster": []}
    for turn in range(arguments.rounds):
        for kind in ("plain", "muster") if turn % 2 else ("muster", "plain"):
            starts[kind].append(first(kind, folder, environment))
    plain_start, own_start = (statistics.median(starts[kind]) for kind in ("plain", "muster"))
    print("first task running: LocalCluster %.2f s, Muster %.2f s (%.2f times)" % (plain_start, own_start, own_start / plain_start))
    for kind, each in starts.items():
        print("  %-8s %s" % (kind, ", ".join("%.2f" % seconds for seconds in each)))


async def compare(arguments):
    """Runs everything."""
    import distributed

    logging.getLogger("distributed").setLevel(logging.WARNING)
    print("distributed %s, Python %s, %d CPUs" % (distributed.__version__, sys.version.split()[0], os.cpu_count()))
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "compare_ops.py").write_text(OPERATIONS)
        modules = [folder, str(ROOT / "scripts"), str(PACKAGE), str(CONVENTION)]
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(modules))
        subprocess.run([str(ROOT / "muster"), "--version"], check=True, capture_output=True)  # builds it if need be
        if not arguments.empty:
            compare_starts(folder, environment, arguments)
            gpu_stage(folder, environment, arguments.tasks // 10)
        graphs = [("empty tasks", arguments.tasks, 1)]
        if not arguments.empty:
            graphs.append(("10 stages of %d partitions" % (arguments.tasks // 10), arguments.tasks // 10, 10))
        scheduler, workers = await cluster(folder, environment)
        loop = asyncio.get_running_loop()
        try:
            for title, tasks, stages in graphs:
                sides = {
                    "client.map": lambda: plain(scheduler.address, "map", tasks, stages),
                    "delayed + annotate": lambda: plain(scheduler.address, "delayed", tasks, stages),
                    "Muster, no batches": lambda: muster(scheduler.address, folder, tasks, stages, False, environment),
                    "Muster": lambda: muster(scheduler.address, folder, tasks, stages, True, environment),
                }
                print("%s: %d tasks" % (title, tasks * stages))
                taken = {name: [] for name in sides}
                for turn in range(arguments.rounds):
                    # Each round begins with another one: what has run before leaves its traces on the machine and the
                    # scheduler.
                    first_side = turn % len(sides)
                    for name in list(sides)[first_side:] + list(sides)[:first_side]:
                        taken[name].append(await loop.run_in_executor(None, sides[name]))
                best = min(statistics.median(taken[name]) for name in ("client.map", "delayed + annotate"))
                for name, seconds in taken.items():
                    median = statistics.median(seconds)
                    print(
                        "  %-20s %8.3f s  %.4f ms a task  %5.2f times the best plain client  (%s)"
                        % (
                            name, median, median / tasks / stages * 1e3, median / best,
                            ", ".join("%.2f" % each for each in seconds),
                        )  # fmt: skip
                    )
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
            await scheduler.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--empty", action="store_true", help="the empty tasks alone")
    asyncio.run(compare(parser.parse_args()))
