#!/usr/bin/env python3
"""Measures how long it takes to find that a complete run has nothing left to do, alone and beside other systems.

usage: scripts/resume-compare.py [--tasks N] [--rounds N] [--large N,...] [--folder FOLDER] [--muster PROGRAM]

The work of the comparison: a shell task for each of N files (default: 2000), and one that reads what all of them gave.
All has been done; then each system is asked to go on: Muster with --resume, Nextflow with -resume, Snakemake as it is.
Systems take turns. Then one input file is changed and the same is asked, and once more with a change that does not
change what its task gives. How many tasks run is counted by the tasks themselves. Nextflow and Snakemake are those of
scripts/peers-compare.py, which installs them the first time; one that cannot be installed is left out.

--large (default: 100000,1000000) measures complete runs of so many tasks in this JVM, each of which gives a number; the
last is resumed with -Xmx512m. 'none' leaves that out. Everything is written below --folder (default: the temporary
folder). Takes about five minutes.
"""

import argparse
import importlib.util
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONGEST = 900  # Seconds that one command may take.
BLOCK = 1000  # Tasks of a block that gathers.

MUSTER = """
version: 1.0
data:
  datasets:
    - {name: d, files: [%s]}
analysis:
  stages:
    - id: Count
      op: shell
      params: {command: "echo c >> %s; wc -c < {files} > n", outputs: {n: n}}
    - id: Sum
      op: shell
      scope: global
      from: [{node: Count, port: n}]
      params: {command: "echo s >> %s; cat {input.n} > total", outputs: {total: total}}
execution:
  backend: local
  pools: {default: {workers: 2}}
"""

SNAKEFILE = """
N = %d
rule sum:
    input: expand("made/{i}", i=range(N))
    output: "total"
    shell: "echo s >> %s; cat {input} > {output}"
rule count:
    input: "in/{i}.txt"
    output: "made/{i}"
    shell: "echo c >> %s; wc -c < {input} > {output}"
"""

FLOW = """
process count {
  input: path file
  output: path 'n.*'
  script: "echo c >> %s; wc -c < $file > n.${file.baseName}"
}
process sum {
  input: path all
  output: path 'total'
  script: "echo s >> %s; cat $all > total"
}
workflow { count(Channel.fromPath('in/*.txt')).toSortedList { it.name } | sum }
"""

LARGE = """
version: 1.0
registry: {operations: {number: "java:numbers.Number"}}
data:
  datasets:
    - {name: d, files: [none.root], nevents: %d}
  partition: {events: 1}
analysis:
  stages:
    - {id: Number, op: number}
execution:
  backend: local
  pools: {default: {workers: 2}}
"""

NUMBER = """
package numbers;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
public class Number implements Operation {
  @Override
  public Object run(OperationContext context) {
    return (long) context.partition().index();
  }
}
"""


def peers():
    """Returns the script that installs the other systems, as a module."""
    spec = importlib.util.spec_from_file_location("peers_compare", ROOT / "scripts" / "peers-compare.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def checked(command, **options):
    """Runs a command, returns how long it took, its processor time and what it printed; one that fails ends this."""
    before, start = os.times(), time.monotonic()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=LONGEST, **options)
    except subprocess.TimeoutExpired:
        sys.exit("resume-compare: more than %d s: %s" % (LONGEST, " ".join(map(str, command))))
    if done.returncode:
        said = done.stdout.decode(errors="replace")[-3000:]
        sys.exit("resume-compare: exit code %d: %s\n%s" % (done.returncode, " ".join(map(str, command)), said))
    took, after = time.monotonic() - start, os.times()
    return took, sum(after[2:4]) - sum(before[2:4]), done.stdout.decode(errors="replace")


class System:
    """A system in a folder of its own: how it is started, and how it goes on."""

    def __init__(self, name, folder, files, command, go_on, **options):
        self.name, self._folder, self._options = name, folder, options
        self._command, self._go_on = command, go_on
        self.times = []
        self.ran = []
        self.processor = 0
        self.processors = []
        (folder / "in").mkdir(parents=True)
        for number in range(files):
            self.write(number, "%d\n" % number)

    def write(self, number, text):
        (self._folder / "in" / ("%d.txt" % number)).write_text(text)

    def run(self, first=False):
        """Runs or goes on; returns how long it took, and how many tasks of each kind ran."""
        log = self._folder / "ran"
        log.write_text("")
        took, self.processor, _ = checked(self._command if first else self._go_on, cwd=self._folder, **self._options)
        lines = log.read_text().split()
        return took, (lines.count("c"), lines.count("s"))


def muster(program, folder, files):
    names = ", ".join("in/%d.txt" % number for number in range(files))
    system = System("Muster", folder, files, [program, "run", "w.yaml", "-d", "run", "--plain"],
                    [program, "run", "w.yaml", "--resume=run", "--plain"])
    (folder / "w.yaml").write_text(MUSTER % (names, folder / "ran", folder / "ran"))
    return system


def snakemake(python, folder, files):
    command = [python.parent / "snakemake", "--cores", "2", "--quiet", "all"]
    system = System("Snakemake", folder, files, command, command,
                    env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")})
    (folder / "Snakefile").write_text(SNAKEFILE % (files, folder / "ran", folder / "ran"))
    return system


def nextflow(jars, opens, folder, files):
    opens = ["--add-opens=java.base/%s=ALL-UNNAMED" % name for name in opens]
    command = ["java", "-cp", "%s/*" % jars, *opens, "nextflow.cli.Launcher", "run", "main.nf"]
    quiet = {"NXF_OFFLINE": "true", "NXF_DISABLE_CHECK_LATEST": "true", "NXF_ANSI_LOG": "false"}
    system = System("Nextflow", folder, files, command, [*command, "-resume"],
                    env={**os.environ, **quiet, "NXF_HOME": str(folder / "home")})
    (folder / "main.nf").write_text(FLOW % (folder / "ran", folder / "ran"))
    (folder / "nextflow.config").write_text("process.executor = 'local'\nexecutor.cpus = 2\n")
    return system


def compare(program, tasks, rounds, place):
    """Measures the systems in turn, and prints their table."""
    installed = peers()
    systems = [muster(program, place / "muster", tasks)]
    python, jars = installed.installed_python(), installed.installed_nextflow()
    if python:
        systems.append(snakemake(python, place / "snakemake", tasks))
    if jars:
        systems.append(nextflow(jars, installed.JAVA_BASE, place / "nextflow", tasks))
    for system in systems:
        took, ran = system.run(first=True)
        print("%s: all %d tasks in %.1f s" % (system.name, sum(ran), took), file=sys.stderr, flush=True)
        if ran != (tasks, 1):
            sys.exit("resume-compare: of %s ran %s" % (system.name, ran))
    for number in range(rounds):
        for system in systems if number % 2 == 0 else reversed(systems):
            took, ran = system.run()
            print("round %d: %s: %.2f s" % (number + 1, system.name, took), file=sys.stderr, flush=True)
            if ran != (0, 0):
                sys.exit("resume-compare: nothing has changed, and of %s ran %s" % (system.name, ran))
            system.times.append(took)
            system.processors.append(system.processor)
    for text in ("many more\n", "many MORE\n"):  # The second gives the same number.
        for system in systems:
            system.write(7, text)
            system.ran.append(system.run()[1])
    print("\n%d tasks and one that reads them all, %d rounds, load %.1f at the end\n"
          % (tasks, rounds, os.getloadavg()[0]))
    print("| all done | median | range | processor | time of this to Muster's | tasks run, an input changed |"
          " the same, no result changed |")
    print("|---|---|---|---|---|---|---|")
    for system in systems:
        ratio = statistics.median(theirs / ours for ours, theirs in zip(systems[0].times, system.times))
        print("| %s | %.2f s | %.2f to %.2f s | %.2f s | %.1f | %d and %d | %d and %d |"
              % (system.name, statistics.median(system.times), min(system.times), max(system.times),
                 statistics.median(system.processors), ratio, *system.ran[0], *system.ran[1]))


def large(program, counts, rounds, place):
    """Measures complete runs of many tasks in this JVM."""
    place.mkdir()
    (place / "Number.java").write_text(NUMBER)
    jars = ":".join(map(str, (ROOT / "core" / "target").glob("classes")))
    checked(["javac", "-cp", jars, "-d", place / "classes", place / "Number.java"])
    print("\n| complete run of | run | resumed, median | range | processor | heap | records |")
    print("|---|---|---|---|---|---|---|")
    for count in counts:
        folder = place / str(count)
        folder.mkdir()
        (folder / "w.yaml").write_text(LARGE % count)
        own = {**os.environ, "MUSTER_CLASSPATH": str(place / "classes")}
        first, _, _ = checked([program, "run", "w.yaml", "-d", "run", "--plain"], cwd=folder, env=own)
        small = count >= 1000000
        own["MUSTER_JAVA_OPTS"] = "-Xmx512m" if small else ""
        times, processors = [], []
        for _ in range(rounds):
            took, processor, said = checked([program, "run", "w.yaml", "--resume=run", "--plain"], cwd=folder, env=own)
            last = max((folder / "run").glob("journal.*"), key=lambda file: int(file.suffix[1:]))
            if "TaskStarted" in last.read_text():
                sys.exit("resume-compare: not all were reused:\n" + said)
            times.append(took)
            processors.append(processor)
        print("| %d tasks | %.2f s | %.2f s | %.2f to %.2f s | %.2f s | %s | %.0f MB |"
              % (count, first, statistics.median(times), min(times), max(times), statistics.median(processors),
                 "512 MB" if small else "", (folder / "run" / "records" / "1").stat().st_size / 1e6), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", default="100000,1000000")
    parser.add_argument("--folder", type=pathlib.Path, default=None)
    parser.add_argument("--muster", type=pathlib.Path, default=ROOT / "muster")
    arguments = parser.parse_args()
    program = arguments.muster.resolve()
    checked([program, "--version"])  # Builds it where need be.
    place = pathlib.Path(tempfile.mkdtemp(prefix="resume-compare-", dir=arguments.folder))
    try:
        if arguments.large != "none":
            large(program, [int(each) for each in arguments.large.split(",")], arguments.rounds, place / "large")
        if arguments.tasks:
            compare(program, arguments.tasks, arguments.rounds, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
