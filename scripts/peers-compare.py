#!/usr/bin/env python3
"""Runs the same work with Muster and with other systems of its kind, side by side in one run, and prints a table.

usage: scripts/peers-compare.py [--tasks N] [--rounds N] [--folder FOLDER] [--only NAME,...] [--muster PROGRAM]

The work: shell tasks ["true"] on two slots, and empty Python calls on two slots. The systems: xargs; HyperQueue, Parsl
and Snakemake from PyPI, pinned; Nextflow from Maven Central. They are installed in a cache folder (MUSTER_CACHE,
default: ~/.cache/muster) the first time; one that cannot be installed is named and left out. What takes ten times as
long as the others runs fewer tasks.

Systems take turns, in another order each round. Whatever has a start that is not the tasks' is measured without it:
HyperQueue (whose client looks once a second for the end) and Parsl are up before their time begins, and of the others a
run of two tasks is taken off, measured in the same round. Printed are medians in milliseconds a task, their ranges, and
the median of the ratios of Muster's time to the peer's, round by round. Everything is written below --folder (default:
/dev/shm, which is memory).
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
CACHE = pathlib.Path(os.environ.get("MUSTER_CACHE") or pathlib.Path.home() / ".cache" / "muster") / "peers"
PACKAGES = ["hyperqueue==0.27.0", "parsl==2026.10.26", "snakemake==9.27.1"]
NEXTFLOW = "24.10.4"
LONGEST = 900  # Seconds that one measurement may take.

WORKFLOW = """
version: 1.0
data:
  datasets:
    - {name: d, files: [none.root], nevents: %d}
  partition: {events: 1}
analysis:
  stages:
    - id: Nothing
      %s
execution:
  backend: local
  pools: {default: {workers: 2}}
"""

HYPERQUEUE = """
import sys, time
from hyperqueue.cluster import LocalCluster, WorkerConfig
from hyperqueue.job import Job
count, files = int(sys.argv[1]), sys.argv[2] == "files"
def job(tasks):
    made = Job(max_fails=0)
    for _ in range(tasks):
        made.program(["true"]) if files else made.program(["true"], stdout=None, stderr=None)
    return made
with LocalCluster(worker_config=WorkerConfig(cores=2)) as cluster:
    client = cluster.client()
    client.wait_for_jobs([client.submit(job(2))])
    start = time.monotonic()
    client.wait_for_jobs([client.submit(job(count))])
    print("seconds", time.monotonic() - start, flush=True)
"""

PARSL = """
import sys, time, parsl
from parsl import bash_app, python_app
from parsl.config import Config
from parsl.executors import HighThroughputExecutor, ThreadPoolExecutor
from parsl.providers import LocalProvider
count, what, where = int(sys.argv[1]), sys.argv[2], sys.argv[3]
if where == "threads":
    executor = ThreadPoolExecutor(max_threads=2)
else:
    provider = LocalProvider(init_blocks=1, max_blocks=1)
    executor = HighThroughputExecutor(address="127.0.0.1", max_workers_per_node=2, provider=provider)
@bash_app
def command():
    return "true"
@python_app
def call():
    return None
task = command if what == "shell" else call
with parsl.load(Config(executors=[executor], run_dir="parsl", strategy="none")):
    for future in [task() for _ in range(4)]:
        future.result()
    start = time.monotonic()
    for future in [task() for _ in range(count)]:
        future.result()
    print("seconds", time.monotonic() - start, flush=True)
"""

SNAKEFILE = """
rule all:
    input: expand("made/{i}", i=range(int(config["tasks"])))
rule one:
    output: touch("made/{i}")
    shell: "true"
"""

FLOW = """
process nothing {
  input: val i
  script: "true"
}
workflow { Channel.of(1..params.tasks) | nothing }
"""

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>peers</groupId><artifactId>nextflow</artifactId><version>1</version><packaging>pom</packaging>
<dependencies><dependency><groupId>io.nextflow</groupId><artifactId>nextflow</artifactId><version>%s</version>
<exclusions><exclusion><groupId>io.nextflow</groupId><artifactId>nf-httpfs</artifactId></exclusion></exclusions>
</dependency></dependencies></project>"""  # nf-httpfs is not in Maven Central; nothing here needs it.

JAVA_BASE = ["java.lang", "java.util", "java.util.regex", "java.io", "java.nio", "java.net", "sun.nio.ch"]


def text(data):
    """Returns the end of what a program printed."""
    return (data or b"").decode(errors="replace")[-3000:]


def checked(command, **options):
    """Runs a command and returns what it printed; one that fails ends this script."""
    try:
        options.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LONGEST, **options)
    except subprocess.TimeoutExpired:
        sys.exit("peers-compare: more than %d s: %s" % (LONGEST, " ".join(map(str, command))))
    if done.returncode:
        said = text(done.stdout) + text(done.stderr)
        sys.exit("peers-compare: exit code %d: %s\n%s" % (done.returncode, " ".join(map(str, command)), said))
    return done.stdout


def installed_python():
    """Returns the interpreter that has the packages, installed where need be, or None with the reason said."""
    home = CACHE / "python"
    python = home / "bin" / "python"
    mark = home / "installed"
    if mark.exists() and mark.read_text() == "\n".join(PACKAGES):
        return python
    shutil.rmtree(home, ignore_errors=True)
    home.parent.mkdir(parents=True, exist_ok=True)
    try:
        for command in ([sys.executable, "-m", "venv", home], [python, "-m", "pip", "install", "-q", *PACKAGES]):
            subprocess.run(command, check=True, stdout=sys.stderr, timeout=LONGEST)
    except (OSError, subprocess.SubprocessError) as error:
        print("left out, since they could not be installed: %s (%s)" % (", ".join(PACKAGES), error), file=sys.stderr)
        return None
    mark.write_text("\n".join(PACKAGES))
    return python


def installed_nextflow():
    """Returns the folder with Nextflow's jars, fetched where need be, or None with the reason said."""
    home = CACHE / ("nextflow-" + NEXTFLOW)
    if home.is_dir():
        return home
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as name:
        pom, jars = pathlib.Path(name, "pom.xml"), pathlib.Path(name, "jars")
        pom.write_text(POM % NEXTFLOW)
        goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
        command = [ROOT / "mvnw", "-q", "-B", "-ntp", "-f", pom, goal, "-DoutputDirectory=%s" % jars]
        try:
            subprocess.run(command, check=True, stdout=sys.stderr, timeout=LONGEST)
        except (OSError, subprocess.SubprocessError) as error:
            print("left out, since it could not be fetched: Nextflow (%s)" % error, file=sys.stderr)
            return None
        jars.rename(home)
    return home


class Peer:
    """A way to run tasks: a name, the kind of task, what share of the tasks it runs, and how it is timed."""

    def __init__(self, name, kind, timed, share=1):
        self.name, self.kind, self.share, self._timed = name, kind, share, timed
        self.times = []

    def measure(self, tasks, folder):
        count = max(20, tasks // self.share)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            self.times.append(self._timed(count, pathlib.Path(place)) / count * 1000)

    def figures(self):
        return statistics.median(self.times), min(self.times), max(self.times)


def without_start(run):
    """Returns how long run takes for the tasks alone: that of two tasks is taken off."""

    def timed(count, folder):
        def once(tasks):
            place = folder / str(tasks)
            place.mkdir()
            start = time.monotonic()
            run(tasks, place)
            return time.monotonic() - start

        few = once(2)
        return max(0.0, once(count + 2) - few)

    return timed


def told(python, program, *words):
    """Returns a measurement by a Python program that says itself how long its tasks took."""

    def timed(count, folder):
        path = "%s:%s" % (python.parent, os.environ.get("PATH", "/usr/bin:/bin"))
        own = {**os.environ, "TMPDIR": str(folder), "PATH": path}
        said = checked([python, "-c", program, str(count), *words], cwd=folder, env=own).decode()
        return float(next(line.split()[1] for line in said.splitlines() if line.startswith("seconds ")))

    return timed


def xargs(count, folder):
    checked(["xargs", "-P2", "-n1", "sh", "-c", "true"], stdin=None, input=b"x\n" * count, cwd=folder)


def muster(program, stage):
    def run(count, folder):
        (folder / "empty.py").write_text("def call():\n    return None\n")
        (folder / "w.yaml").write_text(WORKFLOW % (count, stage))
        checked([program, "run", "w.yaml", "-d", "run", "--plain"], cwd=folder)

    return without_start(run)


def snakemake(python):
    def run(count, folder):
        (folder / "Snakefile").write_text(SNAKEFILE)
        command = [python.parent / "snakemake", "--cores", "2", "--quiet", "all", "--config", "tasks=%d" % count]
        checked(command, cwd=folder, env={**os.environ, "XDG_CACHE_HOME": str(folder)})

    return without_start(run)


def nextflow(jars):
    opens = ["--add-opens=java.base/%s=ALL-UNNAMED" % name for name in JAVA_BASE]

    def run(count, folder):
        (folder / "main.nf").write_text(FLOW)
        (folder / "nextflow.config").write_text("process.executor = 'local'\nexecutor.cpus = 2\n")
        quiet = {"NXF_OFFLINE": "true", "NXF_DISABLE_CHECK_LATEST": "true", "NXF_ANSI_LOG": "false"}
        command = ["java", "-cp", "%s/*" % jars, *opens, "nextflow.cli.Launcher"]
        own = {**os.environ, **quiet, "NXF_HOME": str(folder / "home")}
        checked([*command, "run", "main.nf", "--tasks", str(count)], cwd=folder, env=own)

    return without_start(run)


def peers(program):
    """Returns what is compared, Muster first of each kind."""
    all_of_them = [
        Peer("Muster", "shell", muster(program, 'op: shell\n      params: {command: ["true"]}')),
        Peer("xargs -P2", "shell", without_start(xargs)),
    ]
    python, jars = installed_python(), installed_nextflow()
    if python:
        all_of_them += [
            Peer("HyperQueue", "shell", told(python, HYPERQUEUE, "files")),
            Peer("HyperQueue, no output files", "shell", told(python, HYPERQUEUE, "none")),
            Peer("Parsl, threads", "shell", told(python, PARSL, "shell", "threads")),
            Peer("Parsl, processes", "shell", told(python, PARSL, "shell", "processes")),
            Peer("Snakemake", "shell", snakemake(python), share=20),
        ]
    if jars:
        all_of_them.append(Peer("Nextflow", "shell", nextflow(jars), share=10))
    all_of_them.append(Peer("Muster", "python", muster(program, 'op: python\n      params: {callable: "empty:call"}')))
    if python:
        all_of_them.append(Peer("Parsl, processes", "python", told(python, PARSL, "python", "processes")))
    return all_of_them


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/dev/shm"))
    parser.add_argument("--only", help="parts of names, separated by commas; Muster is always there")
    parser.add_argument("--muster", type=pathlib.Path, default=ROOT / "muster")
    arguments = parser.parse_args()
    checked([arguments.muster, "--version"])  # Builds it where need be.
    chosen = peers(arguments.muster.resolve())
    if arguments.only:
        words = ["muster", *(word.strip().lower() for word in arguments.only.split(","))]
        chosen = [peer for peer in chosen if any(word in peer.name.lower() for word in words)]
    with tempfile.TemporaryDirectory(prefix="peers-compare-", dir=arguments.folder) as name:
        for number in range(arguments.rounds):
            for peer in chosen if number % 2 == 0 else reversed(chosen):
                peer.measure(arguments.tasks, pathlib.Path(name))
                last = "round %d: %s, %s: %.2f ms a task" % (number + 1, peer.name, peer.kind, peer.times[-1])
                print(last, file=sys.stderr, flush=True)
    print("%d tasks (Nextflow a tenth, Snakemake a twentieth), %d rounds, below %s; load %.1f at the end\n"
          % (arguments.tasks, arguments.rounds, arguments.folder, os.getloadavg()[0]))
    for kind, title in (("shell", 'a shell task `["true"]`'), ("python", "an empty Python call")):
        table(title, [peer for peer in chosen if peer.kind == kind])


def table(title, measured):
    """Prints a Markdown table of the figures of one kind of task; Muster is the first."""
    print("| %s, two slots | median | range | Muster's time to this |" % title)
    print("|---|---|---|---|")
    for peer in measured:
        pairs = zip(measured[0].times, peer.times)
        ratio = statistics.median(ours / theirs if theirs else float("inf") for ours, theirs in pairs)
        print("| %s | %.2f ms | %.2f to %.2f ms | %.2f |" % (peer.name, *peer.figures(), ratio))
    print()


if __name__ == "__main__":
    main()
