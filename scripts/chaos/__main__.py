"""Kills and stops processes of runs at random moments, one in each run, and checks every run.

usage: scripts/chaos.sh [--count N] [--seconds S] [--seed S] [--keep] [SYSTEM ...]

The systems are local (the backend of the JVM), dask (its workers are processes of this machine), dask-transfer (they
share no folder with the run), slurm and htcondor. Without any named it takes turns on the first three, and on slurm and
htcondor if their variables are set (CONTRIBUTING.md). Victims are the JVM, a Python process of the local backend, the
bridge, a worker, a keeper, a shell command or what it has started, the launcher of one, and the process that ends these
with the JVM; they get SIGKILL, SIGTERM, or SIGSTOP and after a while SIGCONT. The same seed makes the same workflows
and chooses the same kinds of victims; when exactly they are struck differs.

What must hold for each run:
  - every result of every execution is right, and exit code 0 means that every task is done;
  - the exit code is 0, unless the JVM or the bridge was struck: then the failure says so;
  - 15 s later no process is left that carries the mark of the run;
  - each line of the journal is an event, in an order that can have happened, and the plan is there;
  - nothing is left in the folder for temporary files.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts/soak"))

from checks import Verdict
from processes import Processes, send
from sites import SITES, call
from workflow import Workflow

from journal import inconsistent

LONGEST_RUN = 120
LONGEST_END = 15
LAUNCHER = "muster-launcher"  # An argument of what starts commands.
LONGEST_STOP = 3
PATIENCE = 2  # for a process of the kind that is to be struck
MOST_FILES = 4  # of a dataset: runs are to be short
SYSTEMS = {"local": None, "dask": "local", "dask-transfer": "local", "slurm": "slurm", "htcondor": "htcondor"}
ALWAYS = ("local", "dask", "dask-transfer")
VICTIMS = {
    "local": ("jvm", "python", "python", "shell", "shell", "launcher", "launcher", "reaper"),
    "dask": ("jvm", "bridge", "worker", "worker", "shell"),
    "dask-transfer": ("jvm", "bridge", "worker", "worker", "keeper"),
}
REASONS = {"bridge": "bridge"}  # of runs that fail
SIGNALS = ("KILL", "TERM", "STOP")
MODULES = {"bridge": "muster_dask.bridge", "worker": "muster_dask.worker", "keeper": "muster_dask.worker"}


def parent(process):
    """Returns the parent of a process, or 0."""
    try:
        return int(pathlib.Path("/proc/%d/stat" % process).read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


class Chaos:
    """One run, of which one process is struck."""

    def __init__(self, system, seed):
        self.system = system
        self.random = random.Random(seed)
        self.site = SITES[SYSTEMS[system]]() if SYSTEMS[system] in SITES else SITES["local"]()
        kinds = VICTIMS.get(system, VICTIMS["dask"])
        self.kinds = list(dict.fromkeys(self.random.sample(kinds, len(kinds))))  # the first of which there is one is struck
        self.victim = None
        self.signal = self.random.choice(SIGNALS)
        self.folder = None
        self.process = None
        self.struck = None
        self.expected = None

    def prepare(self):
        """Makes the workflow."""
        self.folder = self.site.folder()
        self.processes = Processes(self.folder)
        self.workflow = Workflow(self.random, [None])
        self.workflow.datasets = {name: min(count, MOST_FILES) for name, count in self.workflow.datasets.items()}
        for stage in self.workflow.stages:
            stage.seconds = min(stage.seconds, 0.3)
            stage.shell = stage.shell and self.system != "dask-transfer"  # They note in the workflow's folder.
        if self.system == "local":
            execution = {"config": {"python": self.site.python}, "pools": {"default": {"workers": 1, "slots": 2}}}
        else:
            config = dict(self.site.options("default"), python=self.site.worker_python)
            pools = {"default": {"workers": 2, "resources": {"cpus": 1}, "config": config}}
            options = {"python": self.site.python, "poll_interval": "1s"}
            execution = {"backend": "dask", "strategy": SYSTEMS[self.system], "config": options, "pools": pools}
            if self.system == "dask":
                del options["poll_interval"]
            if self.system == "dask-transfer":
                execution["staging"] = "transfer"
        for folder in (self.folder, self.folder / "records", self.folder / "tmp"):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o1777)  # The workers of a site may be of another user.
        shutil.copy(ROOT / "scripts/soak/soakops.py", self.folder)
        (self.folder / "soak.yaml").write_text(self.workflow.text(execution))

    def launch(self):
        """Starts the command."""
        environment = dict(
            os.environ, MUSTER_SOAK=str(self.folder), MUSTER_SOAK_BASE=str(self.folder),
            TMPDIR=str(self.folder / "tmp"), XDG_CONFIG_HOME=str(self.folder / "none"),
        )
        environment.pop("MUSTER_SITE", None)
        options = ["-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Djava.io.tmpdir=%s" % (self.folder / "tmp")]
        command = ["-cp", "%s/*" % (ROOT / "cli/target/muster/lib"), "dev.muster.cli.Main", "run", "soak.yaml", "--run-dir", "run", "--plain", "-v"]
        with open(self.folder / "output", "wb") as output:
            self.process = subprocess.Popen(
                [self.site.java()] + options + command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True)

    def victims(self, kind):
        """Returns the processes of a kind that may be struck."""
        if kind == "jvm":
            return [self.process.pid] if (self.folder / "run/journal").exists() else []
        if kind in MODULES:
            named = self.processes.named(MODULES[kind])
            keepers = [each for each in named if any(parent(other) == each for other in named)]
            if kind == "keeper":
                return keepers
            return [each for each in named if each not in keepers]
        lines = self.processes.all()
        if kind == "python":
            lines = {each: line for each, line in lines.items() if LAUNCHER not in line}
            return [each for each, line in lines.items() if "muster_task" in line or "python3 -" in line]
        if kind == "launcher":
            return [each for each, line in lines.items() if LAUNCHER in line]
        shells = {each for each, line in lines.items() if line.startswith(("sleep ", "sh ", "/bin/sh ", "setsid "))}
        reapers = {each for each in shells if "muster-rea" in lines[each]}
        return reapers if kind == "reaper" else shells - reapers

    def strike(self, patient):
        """Strikes a process, if there is one. patient: whether only the first kind will do."""
        kinds = self.kinds[:1] if patient else self.kinds
        candidates = ((kind, sorted(self.victims(kind))) for kind in kinds)
        self.victim, found = next(((kind, found) for kind, found in candidates if found), (None, []))
        if not found:
            return
        process = self.random.choice(found)
        line = self.processes.all().get(process, "")
        send(process, getattr(signal, "SIG" + self.signal))
        self.struck = "SIG%s to the %s %d (%s)" % (self.signal, self.victim, process, " ".join(line.split())[:80])
        if self.signal == "STOP":
            try:
                time.sleep(self.random.uniform(0.2, LONGEST_STOP))
            finally:
                send(process, signal.SIGCONT)

    def run(self):
        """Runs it to its end; returns what is wrong."""
        self.prepare()
        self.launch()
        began = time.monotonic()
        moment = began + self.random.uniform(0.3, 2) + (0 if self.system == "local" else 1)
        while self.process.poll() is None:
            now = time.monotonic()
            if now > began + LONGEST_RUN:
                send(self.process.pid, signal.SIGQUIT)
                time.sleep(2)
                return ["the run does not end (threads are in %s)" % (self.folder / "output")]
            if self.struck is None and now > moment:
                self.strike(now < moment + PATIENCE)
            time.sleep(0.02)
        code = self.process.returncode
        verdict = Verdict(self.workflow, self.folder, code == 0, self.system != "local")
        cut = self.victim == "jvm" and self.struck is not None and self.signal != "STOP"
        return verdict.wrong + self._exit(code) + inconsistent(self.folder / "run", cut) + self._left()

    def _exit(self, code):
        said = (self.folder / "output").read_text(errors="replace")
        allowed = [0]
        if self.struck is not None and self.signal != "STOP":
            if self.victim == "jvm":
                allowed = {"KILL": [-9], "TERM": [0, 143]}[self.signal]
            elif self.victim in REASONS:
                allowed = [0, 1]
        if code not in allowed:
            return ["the exit code is %d, and %s was to be expected" % (code, allowed)]
        if code == 1 and REASONS[self.victim] not in said:
            return ["the run failed, and does not say why: %s" % REASONS[self.victim]]
        return []

    def _left(self):
        deadline = time.monotonic() + LONGEST_END
        while True:
            processes = self.processes.all()
            files = [str(path) for path in (self.folder / "tmp").rglob("*")]
            if not processes and not files:
                return []
            if time.monotonic() > deadline:
                return ["process %d is left: %s" % item for item in processes.items()] + ["%s is left" % path for path in files]
            time.sleep(0.1)

    def close(self):
        """Makes that nothing is left, whatever happened."""
        if self.folder is None:
            return
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.processes.kill()

    def tell(self, seed, wrong):
        """Says all about a run that went wrong."""
        print("chaos: WRONG, with --seed %s, on %s in %s: %s" % (seed, self.system, self.folder, self.struck))
        print("\n".join("  " + each for each in wrong[:20] + (["..."] if len(wrong) > 20 else [])))
        output = self.folder / "output"
        if output.exists():
            print("the end of %s:" % output)
            print("\n".join("  " + each for each in output.read_text(errors="replace").splitlines()[-25:]), flush=True)


def once(system, seed, number, keep):
    """Runs once; returns whether a process was struck, and what was wrong, in a few lines."""
    chaos = Chaos(system, "%s:%d:%s" % (seed, number, system))
    wrong = ["it was ended from outside"]
    began = time.monotonic()
    try:
        wrong = chaos.run()
    finally:
        try:
            if wrong and chaos.folder is not None:
                chaos.tell(seed, wrong)
        finally:
            chaos.close()
    if not wrong:
        what = chaos.struck or "nothing to strike"
        code = chaos.process.returncode
        print("chaos: run %d on %s: %s, exit code %d, %.1f s" % (number, system, what, code, time.monotonic() - began), flush=True)
        if not keep:
            shutil.rmtree(chaos.folder, ignore_errors=True)
    if wrong:
        wrong = ["run %d on %s, after %s:" % (number, system, chaos.struck or "nothing")] + ["  " + each for each in wrong[:5]]
    return chaos.struck is not None, wrong


def main():
    """Strikes until there were enough strikes, or the time is over."""
    parser = argparse.ArgumentParser(prog="chaos.sh", formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many processes are struck (default: 200)")
    parser.add_argument("--seconds", type=float, default=None, help="begin no run after that long (default: no limit)")
    parser.add_argument("--seed", default=None, help="what to do (default: at random; it is printed)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first run (default: 0)")
    parser.add_argument("--keep", action="store_true", help="keep the folders of runs that are all right, too")
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help=", ".join(SYSTEMS))
    options = parser.parse_args()
    unknown = sorted(set(options.systems) - set(SYSTEMS))
    if unknown or options.count < 1:
        parser.error("unknown: %s; there are %s" % (unknown, ", ".join(SYSTEMS)) if unknown else "--count must be 1 or more")
    systems = list(dict.fromkeys(options.systems or ALWAYS))
    if not options.systems:
        systems += [name for name, known in (("slurm", "SLURM_CONF"), ("htcondor", "MUSTER_CONDOR_WORK")) if os.environ.get(known)]
    seed = options.seed or str(random.SystemRandom().randrange(1_000_000))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    call([ROOT / "muster", "--version"], limit=600)  # builds it if that is needed
    for name in systems:
        if SYSTEMS[name] in ("slurm", "htcondor"):
            SITES[SYSTEMS[name]]().up()
    print("chaos: seed %s, %d strikes on %s" % (seed, options.count, ", ".join(systems)), flush=True)
    began = time.monotonic()
    struck = wrong = 0
    faults = []
    number = options.first
    while struck < options.count and (options.seconds is None or time.monotonic() - began < options.seconds):
        hit, lines = once(systems[number % len(systems)], seed, number, options.keep)
        struck += hit
        wrong += bool(lines)
        faults += lines
        number += 1
    print("chaos: %d runs, %d struck, %d wrong, %.0f s" % (number - options.first, struck, wrong, time.monotonic() - began))
    print("\n".join("chaos: WRONG: " + line for line in faults), end="\n" if faults else "")  # Again: at the end it is found.
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
