#!/usr/bin/env python3
"""Measures what a shell task costs: ["true"] on two slots of the local backend, beside `xargs -P2 -n1 sh -c true`.

usage: scripts/command-compare.py [--tasks N] [--rounds N] [--others N] [--folder FOLDER]... [--muster PROGRAM]...

The two take turns, once as the machine is and once beside other processes that do nothing. Of a run of Muster a run of
two tasks is taken off, measured in the same round: what is left is the cost of the tasks. Printed are medians in
milliseconds a task, the range of each, and the median of the ratios of the rounds. Run directories lie in each of the
folders: by default in /dev/shm, which is memory, and in the temporary folder. Takes about 20 seconds for each round and
folder. --muster compares several builds of Muster in the same rounds.
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

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONGEST = 600  # Seconds that one measurement may take.

WORKFLOW = """
version: 1.0
data:
  datasets:
    - {name: d, files: [none.root], nevents: %d}
  partition: {events: 1}
analysis:
  stages:
    - id: Nothing
      op: shell
      params: {command: ["true"]}
execution:
  backend: local
  pools: {default: {workers: 2}}
"""


class Others:
    """Processes that do nothing, children of one that ends with this script, and they with it."""

    PARENT = """
import os, signal, sys
children = [os.posix_spawn("/bin/sleep", ["sleep", "3600"], {}) for _ in range(int(sys.argv[1]))]
print("ready", flush=True)
sys.stdin.read()
for child in children:
    os.kill(child, signal.SIGTERM)
for child in children:
    os.waitpid(child, 0)
"""

    def __init__(self, count):
        self._count = count

    def __enter__(self):
        command = [sys.executable, "-c", self.PARENT, str(self._count)]
        self._parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self._parent.stdout.readline() != b"ready\n":
            sys.exit("other processes cannot be started")

    def __exit__(self, *error):
        self._parent.stdin.close()
        self._parent.wait()


def timed(command, **options):
    """Returns how long a command takes, and how much processor time; one that fails ends this script."""
    before, start = os.times(), time.monotonic()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=LONGEST, **options)
    if done.returncode:
        sys.exit("%s failed: %s" % (" ".join(map(str, command)), done.stderr.decode(errors="replace")[-4000:]))
    after = os.times()
    return time.monotonic() - start, sum(after[2:4]) - sum(before[2:4])


def run(muster, folder, tasks):
    """Returns the times of a run with so many tasks, in a new run directory."""
    workflow = folder / ("%d.yaml" % tasks)
    workflow.write_text(WORKFLOW % tasks)
    target = folder / "run"
    try:
        return timed([muster, "run", workflow, "-d", target, "--plain"])
    finally:
        shutil.rmtree(target, ignore_errors=True)


def xargs(tasks):
    """Returns the times of xargs with so many commands."""
    return timed(["xargs", "-P2", "-n1", "sh", "-c", "true"], input=b"x\n" * tasks)


class Figures:
    """What was measured, by name."""

    def __init__(self):
        self._times = {}

    def add(self, name, seconds, tasks):
        self._times.setdefault(name, []).append(seconds / tasks * 1000)

    def ratio(self, name, other):
        return statistics.median(a / b for a, b in zip(self._times[name], self._times[other]))

    def median(self, name):
        return statistics.median(self._times[name])

    def line(self, name):
        times = self._times[name]
        return "%.2f ms (%.2f to %.2f)" % (statistics.median(times), min(times), max(times))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--others", type=int, default=1500, help="other processes of the second half of each round; 0 leaves it out")
    parser.add_argument("--folder", type=pathlib.Path, action="append", help="where run directories lie; repeatable")
    parser.add_argument("--muster", type=pathlib.Path, action="append", help="the program; repeatable")
    arguments = parser.parse_args()
    programs = arguments.muster or [ROOT / "muster"]
    folders = arguments.folder or [pathlib.Path("/dev/shm"), pathlib.Path(tempfile.gettempdir())]
    for program in programs:
        subprocess.run([program, "--version"], stdout=subprocess.DEVNULL, check=True)  # Builds it where need be.
    for place in folders:
        with tempfile.TemporaryDirectory(prefix="command-compare-", dir=place) as name:
            compare(arguments, programs, pathlib.Path(name))


def compare(arguments, programs, folder):
    """Measures with run directories in one folder, and prints the figures."""
    figures = Figures()
    hosts = ["quiet", "busy"] if arguments.others else ["quiet"]
    for number in range(arguments.rounds):
        for host in hosts if number % 2 == 0 else reversed(hosts):
            if host == "busy":
                with Others(arguments.others):
                    measure(figures, arguments.tasks, programs, folder, host)
            else:
                measure(figures, arguments.tasks, programs, folder, host)
    print("%s: %d tasks, %d rounds" % (folder.parent, arguments.tasks, arguments.rounds))
    for host in hosts:
        print("  %s" % ("as the machine is" if host == "quiet" else "beside %d other processes" % arguments.others))
        print("    xargs: %s" % figures.line(host + " xargs"))
        for program in programs:
            key = "%s %s" % (host, program)
            print("    %s: %s, whole run %s" % (program, figures.line(key), figures.line(key + " whole")))
            print("      processor %s; xargs %s" % (figures.line(key + " processor"), figures.line(host + " xargs processor")))
            print("      %.2f times xargs, %.2f with the start of the run" % (
                figures.ratio(key, host + " xargs"), figures.ratio(key + " whole", host + " xargs")))
    if len(hosts) == 2:
        for program in programs:
            print("  %s: busy %.2f times quiet" % (program, figures.ratio("busy %s" % program, "quiet %s" % program)))
        print("  xargs: busy %.2f times quiet" % figures.ratio("busy xargs", "quiet xargs"))
    sys.stdout.flush()


def measure(figures, tasks, programs, folder, host):
    """Measures everything once."""
    seconds, processor = xargs(tasks)
    figures.add(host + " xargs", seconds, tasks)
    figures.add(host + " xargs processor", processor, tasks)
    for program in programs:
        key = "%s %s" % (host, program)
        short, _ = run(program, folder, 2)
        seconds, processor = run(program, folder, tasks)
        figures.add(key, seconds - short, tasks)
        figures.add(key + " whole", seconds, tasks)
        figures.add(key + " processor", processor, tasks)


if __name__ == "__main__":
    main()
