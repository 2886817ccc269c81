#!/usr/bin/env python3
"""Counts how often Slurm is asked for jobs while a run has 101 of them in four pools: at most once per poll interval.

usage: eval "$(scripts/sites/slurm-up.sh)" && scripts/status-calls.py [--seconds N]

A wrapper of squeue on the PATH notes each call. All jobs but one are held, so that the machine is not the limit. Exits with 1 if there
were more calls than intervals (and one for the edge), or fewer than half of them.
"""

import argparse
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
POOLS = {"default": 1, "first": 60, "second": 30, "third": 10}
OPERATION = "import time\n\ndef wait(seconds):\n    time.sleep(seconds)\n"


def write(folder, interval):
    """Writes the workflow and the wrapper of squeue."""
    held = {"job_extra_directives": ["--hold"]}
    pools = {
        name: {"workers": count, "resources": {"cpus": 1}, "config": {} if name == "default" else held}
        for name, count in POOLS.items()
    }
    stages = [
        {"id": "On-" + name, "op": "wait", "needs": [], "params": {"seconds": 600},
         "execution": {} if name == "default" else {"require": name}}
        for name in POOLS
    ]  # fmt: skip
    config = {"python": "/usr/bin/python3", "poll_interval": "%ds" % interval}
    workflow = {
        "name": "calls", "registry": {"operations": {"wait": "calls:wait"}}, "analysis": {"stages": stages},
        "execution": {"backend": "dask", "strategy": "slurm", "config": config, "pools": pools},
    }  # fmt: skip
    (folder / "calls.yaml").write_text(json.dumps(workflow))
    (folder / "calls.py").write_text(OPERATION)
    (folder / "bin").mkdir()
    wrapper = folder / "bin" / "squeue"
    wrapper.write_text('#!/bin/sh\ndate +%%s.%%N >>%s\nexec %s "$@"\n' % (shlex.quote(str(folder / "log")), shutil.which("squeue")))
    wrapper.chmod(0o755)


def queued():
    answer = subprocess.run(["squeue", "-h", "-r", "-o", "%i"], check=True, stdout=subprocess.PIPE, text=True, timeout=60)
    return len(answer.stdout.split())


def measure(interval, seconds):
    """Returns how many calls there were in that time."""
    with tempfile.TemporaryDirectory(prefix="muster-calls-") as name:
        folder = pathlib.Path(name)
        write(folder, interval)
        environment = dict(os.environ, PATH="%s:%s" % (folder / "bin", os.environ["PATH"]), XDG_CONFIG_HOME=name)
        environment.pop("MUSTER_SITE", None)
        with open(folder / "output", "w") as output:
            run = subprocess.Popen(
                [ROOT / "muster", "run", "calls.yaml", "--run-dir", "run"], cwd=folder, env=environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
        try:
            end = time.monotonic() + 60
            while queued() < sum(POOLS.values()):
                if run.poll() is not None or time.monotonic() > end:
                    sys.exit("status-calls: the jobs did not come:\n" + (folder / "output").read_text())
                time.sleep(0.2)
            start = time.time()
            time.sleep(seconds)
            stop = time.time()
            log = folder / "log"
            calls = [float(line) for line in log.read_text().split()] if log.exists() else []
        finally:
            run.send_signal(signal.SIGINT)
            try:
                run.wait(60)
            except subprocess.TimeoutExpired:
                run.kill()
        return sum(start <= each <= stop for each in calls)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    if "SLURM_CONF" not in os.environ:
        sys.exit('status-calls: SLURM_CONF is not set; start with eval "$(scripts/sites/slurm-up.sh)"')
    subprocess.run([ROOT / "muster", "--version"], check=True, stdout=subprocess.DEVNULL)
    wrong = False
    for interval in (2, 10):
        calls = measure(interval, options.seconds)
        most = options.seconds // interval + 1
        print("%d jobs in %d pools, poll interval %d s: %d calls of squeue in %d s, at most %d expected"
              % (sum(POOLS.values()), len(POOLS), interval, calls, options.seconds, most), flush=True)
        wrong = wrong or not options.seconds // interval // 2 <= calls <= most
    sys.exit(1 if wrong else 0)


main()
