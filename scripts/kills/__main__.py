"""Kills the process of runs with one job a task at random moments, and goes on with the run.

usage: scripts/kills.sh [--count N] [--seed S] [--keep] [SYSTEM ...]

The systems are slurm (the default), htcondor and gridengine. Those of scripts/sites are brought up unless their variables
are set, and what this brought up is taken down again. The process gets SIGKILL, up to three times in a run, which then
goes on with --resume until it ends. The same seed makes the same moments. Each of --count kills is done on each system.

What must hold for each run:
  - it ends well, and the result is right;
  - no task has begun twice, and none has ended twice, though jobs waited, ran or ended while no process had the run;
  - no job of it is left in the queue.

MUSTER_CLASSES, a class path, stands for what ./muster would build.
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
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts/soak"))

from sites import SITES, call

FILES = 6
MOST_KILLS = 3  # of a run
LONGEST_RUN = 240
LATEST = 7  # seconds after the start
SUM = sum(i ** 2 for i in range(FILES))
OPERATIONS = """
import time


def note(ctx, what):
    with open(ctx.base_dir / what, "a") as file:
        file.write("x")


def square(ctx):
    note(ctx, "began-%d" % ctx.partition.index)
    time.sleep(0.2 + 0.6 * ctx.partition.index)
    note(ctx, "ended-%d" % ctx.partition.index)
    return ctx.partition.index ** 2


def total(ctx, Say):
    note(ctx, "began-total")
    (ctx.base_dir / "sum").write_text(str(sum(int(each) for each in Say)))
    note(ctx, "ended-total")
"""
SAY = "printf x >> {base_dir}/said-{partition}; sleep 0.5; echo {input.Square}"


class Killed:
    """One run, whose process is killed and replaced."""

    def __init__(self, site, seed):
        self.site = site
        self.random = random.Random(seed)
        self.folder = None
        self.process = None
        self.kills = 0
        self.said = []

    def prepare(self):
        """Makes the workflow."""
        self.folder = self.site.folder()
        self.folder.chmod(0o1777)  # jobs of a site may be of another user
        (self.folder / "ops.py").write_text(OPERATIONS)
        for number in range(FILES):
            (self.folder / ("file-%d" % number)).touch()
        config = dict(self.site.options("default"), orphans="keep", python="/usr/bin/python3")
        resources = {"cpus": 1, "memory": "200MB"}
        stages = [
            {"id": "Square", "op": "python", "scope": "partition", "params": {"callable": "ops:square"}},
            {"id": "Say", "op": "shell", "scope": "partition", "needs": ["Square"], "params": {"command": SAY}},
            {"id": "Total", "op": "python", "scope": "global", "needs": ["Say"], "params": {"callable": "ops:total"}},
        ]
        workflow = {
            "name": "kills",
            "data": {"datasets": [{"name": "data", "files": ["file-%d" % i for i in range(FILES)]}]},
            "analysis": {"stages": stages},
            "execution": {
                "backend": "batch",
                "strategy": self.site.name,
                "config": {"poll_interval": "1s"} if self.site.name != "local" else {},
                "pools": {"default": {"workers": 4, "resources": resources, "config": config}},
            },
        }
        (self.folder / "kills.yaml").write_text(json.dumps(workflow))

    def launch(self, resumed):
        """Starts the command."""
        environment = dict(os.environ, XDG_CONFIG_HOME=str(self.folder / "none"))
        environment.pop("MUSTER_SITE", None)
        where = "--resume=run" if resumed else "--run-dir=run"
        path = os.environ.get("MUSTER_CLASSES", str(ROOT / "cli/target/muster/lib/*"))
        command = ["-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp", path, "dev.muster.cli.Main"]
        with open(self.folder / "output", "ab") as output:
            self.process = subprocess.Popen(
                [self.site.java()] + command + ["run", "kills.yaml", where, "--plain", "-v"], cwd=self.folder,
                env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)

    def run(self, most):
        """Runs it to its end, with at most so many kills; returns what is wrong."""
        self.prepare()
        limit = time.monotonic() + LONGEST_RUN
        for _ in range(min(most, self.random.randint(1, MOST_KILLS))):
            resumed = (self.folder / "run/journal").exists()
            session = len(list(self.folder.glob("run/debug/batch*")))
            self.launch(resumed)
            if self.random.random() < 0.8:  # else at any moment
                self._await(lambda: len(list(self.folder.glob("run/debug/batch*"))) > session)
            moment = self.random.uniform(0, LATEST)
            try:
                self.process.wait(moment)
                break  # it has ended
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                self.kills += 1
                self.said.append("%.1f s" % moment)
                time.sleep(self.random.choice((0, 0, 3)))
        if self.process.returncode != 0:
            self.launch((self.folder / "run/journal").exists())
        try:
            self.process.wait(max(1, limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.kill(self.process.pid, signal.SIGQUIT)
            time.sleep(2)
            return ["the run does not end (threads are in %s)" % (self.folder / "output")]
        return self._wrong()

    def _await(self, holds):
        end = time.monotonic() + LONGEST_RUN
        while not holds() and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)

    def _wrong(self):
        wrong = []
        if self.process.returncode != 0:
            wrong.append("the exit code is %d" % self.process.returncode)
        names = ["began-%s" % i for i in range(FILES)] + ["ended-%s" % i for i in range(FILES)]
        for name in names + ["said-%d" % i for i in range(FILES)] + ["began-total", "ended-total"]:
            text = self._text(name)
            if text != "x":
                wrong.append("%s is %r: a task has not run once" % (name, text))
        if self._text("sum") != str(SUM):
            wrong.append("the sum is %s, not %d" % (self._text("sum"), SUM))
        end = time.monotonic() + 30
        while self.site.queue():
            if time.monotonic() > end:
                return wrong + ["jobs are left: %s" % self.site.queue()]
            time.sleep(0.5)
        return wrong

    def _text(self, name):
        file = self.folder / name
        return file.read_text() if file.exists() else None

    def close(self):
        """Makes that nothing is left, whatever happened."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.site.queue():
            self.site.clear()


def once(site, seed, number, most, keep):
    """Runs once; returns how often the process was killed, and whether all was well."""
    killed = Killed(site, "%s:%d" % (seed, number))
    wrong = ["it was ended from outside"]
    began = time.monotonic()
    try:
        wrong = killed.run(most)
    finally:
        killed.close()
        if wrong:
            print("kills: WRONG, run %d with --seed %s on %s in %s" % (number, seed, site.name, killed.folder))
            print("\n".join("  " + each for each in wrong))
            output = killed.folder / "output"
            if output.exists():
                print("\n".join("  " + each for each in output.read_text(errors="replace").splitlines()[-40:]), flush=True)
    if not wrong:
        moments = ", ".join(killed.said) or "not killed"
        print("kills: run %d on %s: %s; %.1f s" % (number, site.name, moments, time.monotonic() - began), flush=True)
        if not keep:
            shutil.rmtree(killed.folder, ignore_errors=True)
    return killed.kills, not wrong


def kill(site, seed, most, keep):
    """Kills so often on a system; returns whether all was well."""
    began = time.monotonic()
    count = runs = wrong = 0
    while count < most and wrong < 3:
        kills, right = once(site, seed, runs, most - count, keep)
        count += kills
        runs += 1
        wrong += not right
    print("kills: %s, seed %s: %d runs, %d kills, %d wrong, %.0f s" % (site.name, seed, runs, count, wrong, time.monotonic() - began))
    return not wrong


def main():
    """Kills as often as it is told, on each system."""
    parser = argparse.ArgumentParser(prog="kills.sh", formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    parser.add_argument("--count", type=int, default=50, help="how often processes are killed on each system (default: 50)")
    parser.add_argument("--seed", default=None, help="when to kill (default: at random; it is printed)")
    parser.add_argument("--keep", action="store_true", help="keep the folders of runs that are all right, too")
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help=", ".join(SITES))
    options = parser.parse_args()
    unknown = sorted(set(options.systems) - set(SITES))
    if unknown or options.count < 1:
        parser.error("unknown: %s; there are %s" % (unknown, ", ".join(SITES)) if unknown else "--count must be 1 or more")
    seed = options.seed or str(random.SystemRandom().randrange(1_000_000))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if not os.environ.get("MUSTER_CLASSES"):
        call([ROOT / "muster", "--version"], limit=600)  # builds it if that is needed
    well = True
    for system in options.systems or ["slurm"]:
        site = SITES[system]()
        try:
            site.up()
            well = kill(site, seed, options.count, options.keep) and well
        finally:
            if site.down:
                call([ROOT / "scripts/sites" / site.down, "--wipe"], check=False, limit=180)
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
