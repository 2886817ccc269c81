#!/usr/bin/env python3
"""Measures backend batch on Slurm: how tasks are submitted, and how often Slurm is asked.

Usage: scripts/batch-numbers.py [--tasks N] [--singles N], with SLURM_CONF set (scripts/sites/slurm-up.sh) and MUSTER
the command to start Muster (default: ./muster). Programs that stand before squeue, sacct and sbatch count the calls and
the time that they take.
"""

import argparse
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import stat
import subprocess
import tempfile
import time

WRAPPER = """#!/bin/sh
start=$(date +%s%N)
"{program}" "$@"
code=$?
echo "{name} $start $(date +%s%N)" >>"{log}"
exit $code
"""
WORKFLOW = """
name: numbers
registry: {{operations: {{nothing: 'numbers_ops:nothing'}}}}
data:
  datasets: [{{name: data, files: [{files}]}}]
  partition: {{by: file}}
analysis: {{stages: [{{id: Each, op: nothing, scope: partition}}]}}
execution:
  backend: batch
  strategy: slurm
  pools: {{default: {{resources: {{cpus: 1, memory: 200MB}}}}}}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--singles", type=int, default=30, help="how many sbatch of one job each are timed")
    parser.add_argument("--seconds", type=int, default=15, help="how long it goes on after the last submission")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="muster-batch-numbers-"))
    log = folder / "calls"
    tools = folder / "bin"
    tools.mkdir()
    for name in ("sbatch", "squeue", "sacct"):
        path = tools / name
        path.write_text(WRAPPER.format(name=name, program=shutil.which(name), log=log))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    (folder / "numbers_ops.py").write_text("def nothing(ctx):\n    return ctx.partition.index\n")
    (folder / "w.yaml").write_text(WORKFLOW.format(files=", ".join("f%d" % i for i in range(options.tasks))))
    muster = shlex.split(os.environ.get("MUSTER", str(pathlib.Path(__file__).resolve().parent.parent / "muster")))
    environment = dict(os.environ, PATH="%s:%s" % (tools, os.environ["PATH"]))
    run = subprocess.Popen([*muster, "run", "w.yaml", "-q"], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    try:
        while not submitted(folder / ".muster/runs", options.tasks) and run.poll() is None:
            time.sleep(0.1)
        own = processor_ms(run.pid)
        time.sleep(options.seconds)
    finally:
        run.send_signal(signal.SIGINT)
        run.wait()
    calls = [line.split() for line in log.read_text().splitlines()]
    of = {name: [(int(a), int(b)) for each, a, b in calls if each == name] for name in ("sbatch", "squeue", "sacct")}
    wait = max(line["waited_ms"] for line in submitted(folder / ".muster/runs", options.tasks))
    print("tasks: %d; the run was ended %d s after the last submission" % (options.tasks, options.seconds))
    print("submissions: %d, in %.0f ms" % (len(of["sbatch"]), sum(b - a for a, b in of["sbatch"]) / 1e6))
    gaps = sorted((y[0] - x[0]) / 1e9 for x, y in zip(of["squeue"], of["squeue"][1:]))
    print("questions: %d squeue, %d sacct; shortest time between two squeue: %.2f s"
          % (len(of["squeue"]), len(of["sacct"]), gaps[0] if gaps else 0))
    each = wait / options.tasks
    print("from the first task ready to the last submitted: %.0f ms, %.3f ms a task" % (wait, each))
    print("of the processor, Muster's thread that submits took: %s ms" % own)
    singles = single(folder, options.singles)
    print("one sbatch a task: %.2f ms a task, %.0f times as long" % (singles * 1e3, singles * 1e3 / each))
    shutil.rmtree(folder)


def submitted(runs, tasks):
    """Returns what the run has written down of its submissions, when it has submitted all tasks; else nothing."""
    lines = []
    for record in runs.glob("*/debug/batch/jobs.jsonl"):
        whole = record.read_text().rpartition("\n")[0]
        lines += [json.loads(line) for line in whole.splitlines()]
    found = {line["array"]: line for line in lines if line["type"] == "submitted"}.values()
    return list(found) if sum(len(line["jobs"]) for line in found) >= tasks else []


def processor_ms(process):
    """Returns the processor time of the thread that submits, which the load of this machine does not change much."""
    threads = subprocess.run(["jcmd", str(process), "Thread.print"], capture_output=True, text=True).stdout
    found = re.findall(r'^"[^"]*submit[^"]*".*? cpu=([0-9.]+)ms', threads, re.MULTILINE)
    return ", ".join(found) or "not known (no jcmd?)"


def single(folder, count):
    """Returns the seconds of one sbatch of one job; jobs are cancelled."""
    script = folder / "one.sh"
    script.write_text("#!/bin/sh\n#SBATCH --output=/dev/null\n#SBATCH --hold\ntrue\n")
    started = time.perf_counter()
    ids = [subprocess.run(["sbatch", "--parsable", str(script)], check=True, capture_output=True, text=True).stdout.strip() for _ in range(count)]
    took = (time.perf_counter() - started) / count
    subprocess.run(["scancel", *ids], check=True)
    return took


if __name__ == "__main__":
    main()
