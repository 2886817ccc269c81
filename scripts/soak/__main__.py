"""Runs random workflows on real systems while workers, jobs, batch systems and Muster itself are disturbed, and checks every run.

usage: scripts/soak.sh [--minutes N] [--seed S] [--keep] [--backend dask|batch] [slurm|htcondor|gridengine|local ...]

With backend batch each task is a job: jobs are killed, held, put back into the queue and removed; where Muster is
killed, its jobs go on, and must be listed by 'muster jobs' and ended by 'muster cancel'. Without a backend named, it
takes turns on both.
Without a system named, it takes turns on all four. Those of scripts/sites are brought up unless their variables are set
(eval "$(scripts/sites/slurm-up.sh)"), and what this brought up is taken down again. The systems must have nothing else to do.
The same seed makes the same workflows and the same disturbances; when exactly they strike differs.

What must hold for each run:
  - every result of every execution is the right one;
  - a run that ends well has done every task, and told of each once; one that was not harmed itself ends well, unless a
    task has lost three workers;
  - no task runs again after it succeeded, unless its output was needed and lost: with the worker that made it; with one of a
    pool that reads it, where Dask may have left the only copy; or it was dropped after its readers were done, and one of them lost its own;
    or Dask gave it up while it ran, since an input was lost.
    What is made again and then read by nobody is counted as in vain, if workers of its readers' pools were lost meanwhile, or if
    it was in one group with a task that failed, and the group's other outputs were lost and needed;
  - none runs again while an earlier execution of it may still be at work;
  - the queue is empty afterwards, and no process is left.
"""

import argparse
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from checks import Verdict
from processes import Processes, send
from sites import ROOT, SITES, Away, call
from workflow import Workflow

LONGEST_END = 90
MOST_LOSSES = 5


class Soak:
    """One run on one system, disturbed."""

    def __init__(self, site, seed, backend):
        self.site = site
        self.backend = backend
        self.worker = {"dask": "muster_dask.worker", "batch": "muster_batch.runner"}[backend]
        self.random = random.Random(seed)
        self.folder = site.folder()
        self.processes = Processes(self.folder)
        self.history = []
        self.harm = None
        self.process = None
        self.start = time.time()
        self.losses = 0
        self.workflow = None

    def say(self, text):
        """Notes what was done."""
        self.history.append("%8.3f  %s" % (time.time() - self.start, text))

    def prepare(self):
        """Makes the workflow."""
        pools = {}
        for name in ("default", "high_memory", "gpu"):
            workers = self.random.randint(1, 4)
            adaptive = name != "default" and self.random.random() < 0.2
            if adaptive and self.backend == "dask":
                workers = {"min": 0, "max": workers}
            resources = {"default": {"cpus": 1}, "high_memory": {"cpus": 2, "memory": "8GB"}, "gpu": {"gpus": 1}}[name]
            config = dict(self.site.options(name), python=self.site.worker_python)
            pools[name] = {"workers": workers, "resources": resources, "config": config}
            if self.random.random() < 0.2:
                if self.backend == "dask":
                    pools[name]["slots"] = 2
                else:
                    config["tasks_per_job"] = 3
            if self.backend == "batch":
                config.update(self.site.again())
        config = {"python": self.site.python, "poll_interval": self.random.choice(["1s", "2s", "4s"])}
        if self.backend == "dask":
            config["idle_timeout"] = "2s"
        execution = {"backend": self.backend, "strategy": self.site.name, "config": config, "pools": pools}
        self.workflow = Workflow(self.random, [None, "high_memory", "gpu"])
        self.folder.chmod(0o777)
        records = self.folder / "records"
        records.mkdir()
        records.chmod(0o777)
        shutil.copy(ROOT / "scripts/soak/soakops.py", self.folder)
        (self.folder / "soak.yaml").write_text(self.workflow.text(execution))

    def launch(self):
        """Starts the run."""
        with open(self.folder / "output", "wb") as output:
            self.process = self.muster(
                "run", "soak.yaml", "--run-dir", "run", "--plain", "-v",
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))

    def muster(self, *words, **options):
        """Starts the command."""
        environment = dict(os.environ, MUSTER_SOAK=str(self.folder), XDG_CONFIG_HOME=str(self.folder / "none"))
        environment.pop("MUSTER_SITE", None)
        library = ROOT / "cli/target/muster/lib"
        line = [self.site.java(), "-XX:TieredStopAtLevel=1", "-cp", "%s/*" % library, "dev.muster.cli.Main", *words]
        return subprocess.Popen(line, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, **options)

    # What is done to it

    def kill_worker(self):
        """Kills a worker."""
        workers = self.processes.named(self.worker)
        if workers:
            worker = self.random.choice(sorted(workers))
            send(worker, signal.SIGKILL)
            self.losses += 1
            self.say("killed worker process %d" % worker)

    def stop_worker(self):
        """Stops a worker for a while."""
        workers = self.processes.named(self.worker)
        if workers:
            worker = self.random.choice(sorted(workers))
            seconds = self.random.uniform(0.2, 4)
            send(worker, signal.SIGSTOP)
            try:
                time.sleep(seconds)
            finally:
                send(worker, signal.SIGCONT)
            self.say("stopped worker process %d for %.1f s" % (worker, seconds))

    def trick(self):
        """Does what only this system knows."""
        tricks = self.site.tricks()
        if tricks:
            began = time.time() - self.start
            try:
                done = self.random.choice(tricks)(self.random)
            except Away as away:
                done = None
                self.say("could do nothing: %s" % away)
            if done:
                self.losses += 1
                self.say("%s (begun at %.3f)" % (done, began))

    def disturb(self):
        """Does one random thing, unless enough has been done."""
        thing = self.random.choice([self.kill_worker, self.kill_worker, self.stop_worker, self.trick, self.trick, self.trick])
        if self.losses < MOST_LOSSES:
            thing()

    def hurt(self):
        """Harms the run itself."""
        kind = self.random.choice(["interrupt", "terminate", "bridge" if self.backend == "dask" else "jvm", "jvm"])
        if kind == "bridge":
            bridges = self.processes.named("muster_dask.bridge")
            if not bridges:
                return
            send(bridges[0], signal.SIGKILL)
        else:
            number = {"interrupt": signal.SIGINT, "terminate": signal.SIGTERM, "jvm": signal.SIGKILL}[kind]
            send(self.process.pid, number)
        self.harm = kind
        self.say("harmed the run: " + kind)

    def run(self):
        """Runs it to its end; returns what is wrong."""
        self.prepare()
        self.launch()
        deadline = time.monotonic() + self.site.longest_run
        hurt = time.monotonic() + self.random.uniform(3, 20) if self.random.random() < 0.2 else None
        following = time.monotonic() + self.random.uniform(2, 8)
        while self.process.poll() is None:
            now = time.monotonic()
            if now > deadline:
                send(self.process.pid, signal.SIGQUIT)
                time.sleep(2)
                return ["the run does not end (threads are in %s)" % (self.folder / "output")]
            if self.harm is None and hurt is not None and now > hurt:
                self.hurt()
            elif self.harm is None and now > following:
                self.disturb()
                following = time.monotonic() + self.random.uniform(0.5, 6)
            time.sleep(0.05)
        self.say("the run ended with %d" % self.process.returncode)
        orphans = self._orphans() if self.harm == "jvm" and self.backend == "batch" else []
        verdict = Verdict(self.workflow, self.folder, self.process.returncode == 0, jobs=self.backend == "batch")
        wrong = orphans + verdict.wrong + verdict.twice + self._exit(verdict) + self._left()
        figures = (len(verdict.expected), verdict.count(), verdict.again, verdict.wasted)
        self.summary = "%d tasks, %d executions, %d of them again, %d in vain" % figures
        return wrong

    def _orphans(self):
        """Lists the jobs of a run whose process was killed, and ends them; returns what is wrong."""
        if not (self.folder / "run/debug/batch").exists():
            return []
        self.site.restore()
        queued = len(self.site.queue())
        wrong = []
        for word in ("jobs", "cancel"):
            process = self.muster(word, "run", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            said = process.communicate(timeout=LONGEST_END)[0].strip()
            self.say("%s: %s" % (word, said.splitlines()[-1] if said else "nothing"))
            if process.returncode:
                wrong.append("muster %s ended with %d: %s" % (word, process.returncode, said))
            if word == "jobs" and queued and self.site.name != "local" and "no jobs" in said:
                still = self.site.queue()
                if still:
                    wrong.append("muster jobs lists none, and there are %s" % still)
        return wrong

    def _exit(self, verdict):
        allowed = {None: [0], "interrupt": [0, 130], "terminate": [0, 143], "bridge": [0, 1], "jvm": [0, -9]}[self.harm]
        if self.process.returncode in allowed:
            return []
        if self.process.returncode == 1 and self.harm is None and self.losses >= 3 and verdict.excused():
            self.say("the run may have failed: " + verdict.excused())
            return []
        return ["the exit code is %d, and %s was to be expected" % (self.process.returncode, allowed)]

    def _left(self):
        self.site.restore()
        deadline = time.monotonic() + LONGEST_END
        while True:
            try:
                queue, processes = self.site.queue(), self.processes.all()
            except Away as away:
                queue, processes = {"not known": away}, {}
            if not queue and not processes:
                return []
            if time.monotonic() > deadline:
                wrong = ["job %s is left (%s)" % item for item in queue.items()]
                return wrong + ["process %d is left: %s" % item for item in processes.items()]
            time.sleep(0.3)

    def close(self):
        """Makes that nothing is left, whatever happened."""
        if self.process and self.process.poll() is None:
            send(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.site.restore()
        if self.site.queue():
            self.site.clear()
        self.processes.kill()

    def tell(self, seed, wrong):
        """Says all about a run that went wrong."""
        print("soak: WRONG, with --seed %s, on %s in %s" % (seed, self.site.name, self.folder))
        print("\n".join("  " + each for each in wrong[:20] + (["..."] if len(wrong) > 20 else [])))
        print("what was done to it:")
        print("\n".join("  " + each for each in self.history))
        output = self.folder / "output"
        if output.exists():
            print("the end of %s:" % output)
            print("\n".join("  " + each for each in output.read_text(errors="replace").splitlines()[-25:]), flush=True)


def once(site, seed, number, keep, backend):
    """Runs once; returns whether all was well."""
    soak = Soak(site, "%s:%d:%s" % (seed, number, site.name), backend)
    wrong = ["it was ended from outside"]
    try:
        wrong = soak.run()
    finally:
        try:
            if wrong:
                soak.tell(seed, wrong)
        finally:
            soak.close()
    if wrong:
        kept = tempfile.mkdtemp(prefix="muster-soak-")  # a site that is taken down takes its folder with it
        print("soak: its folder is kept in %s" % shutil.move(soak.folder, kept), flush=True)
        return False
    done = ", ".join(each[10:] for each in soak.history)
    print("soak: run %d on %s with %s: %s, %.0f s; %s" % (number, site.name, backend, soak.summary, time.time() - soak.start, done), flush=True)
    if not keep:
        shutil.rmtree(soak.folder, ignore_errors=True)
    return True


def main():
    """Soaks until the time is over or something is wrong."""
    parser = argparse.ArgumentParser(prog="soak.sh", formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="how long (default: 30)")
    parser.add_argument("--seed", default=None, help="what to do (default: at random; it is printed)")
    parser.add_argument("--keep", action="store_true", help="keep the folders of runs that are all right, too")
    parser.add_argument("--backend", choices=["dask", "batch"], help="what runs the tasks (default: both in turn)")
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help="slurm, htcondor, gridengine, local (default: all)")
    options = parser.parse_args()
    unknown = sorted(set(options.systems) - set(SITES))
    if unknown or options.minutes <= 0:
        parser.error("unknown: %s; there are %s" % (unknown, ", ".join(SITES)) if unknown else "--minutes must be more than 0")
    seed = options.seed or str(random.SystemRandom().randrange(1_000_000))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    call([ROOT / "muster", "--version"], limit=600)  # builds it if that is needed
    sites = [SITES[name]() for name in dict.fromkeys(options.systems or SITES)]
    print("soak: seed %s, %g minutes on %s" % (seed, options.minutes, ", ".join(site.name for site in sites)), flush=True)
    number = 0
    try:
        for site in sites:
            site.up()
            if site.queue():
                sys.exit("soak: %s has jobs of somebody else: %s" % (site.name, site.queue()))
        deadline = time.monotonic() + options.minutes * 60
        while time.monotonic() < deadline:
            backends = [options.backend] if options.backend else ["batch", "dask"]
            backend = backends[number // len(sites) % len(backends)]
            if not once(sites[number % len(sites)], seed, number, options.keep, backend):
                sys.exit(1)
            number += 1
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        for site in sites:
            if site.down:
                call([ROOT / "scripts/sites" / site.down, "--wipe"], check=False, limit=180)
    print("soak: %d runs, nothing is wrong (seed %s)" % (number, seed))


main()
