"""Where the soak runs: this machine, a real Slurm, HTCondor, Grid Engine; and what can be done to each from outside."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Away(Exception):
    """A command failed, perhaps since the batch system is away."""


def call(command, check=True, limit=60, **options):
    """Returns what a command prints."""
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=limit, **options)
    if check and answer.returncode:
        raise Away("%s ended with %d: %s" % (command, answer.returncode, answer.stdout))
    return answer.stdout


def bring_up(script, known):
    """Takes over the variables that a script of scripts/sites prints, unless one of them is set already."""
    if os.environ.get(known):
        return
    print("soak: %s" % script, file=sys.stderr)
    text = call(["bash", "-ec", 'lines=$(%s); eval "$lines"; env -0' % (ROOT / "scripts/sites" / script)], limit=900)
    os.environ.update(line.partition("=")[::2] for line in text.split("\0") if "=" in line and not line.startswith("BASH"))
    os.environ.pop("MUSTER_SITE", None)  # What runs is described here.


class Local:
    """Child processes of this machine."""

    name = "local"
    python = "/usr/bin/python3"
    worker_python = python
    longest_run = 240
    down = None

    def up(self):
        """Brings it up, unless it is; what this brings up is to be taken down."""

    def folder(self):
        """Returns a new folder that its workers see."""
        return pathlib.Path(tempfile.mkdtemp(prefix="muster-soak-"))

    def java(self):
        """Returns the command that starts Java as the owner of the jobs."""
        return os.path.join(os.environ["JAVA_HOME"], "bin/java") if os.environ.get("JAVA_HOME") else "java"

    def options(self, pool):
        """Returns the options of a pool."""
        return {}

    def again(self):
        """Returns the options of a pool with which the system starts a job again by itself."""
        return {}

    def queue(self):
        """Returns the jobs in the queue, by state: running, waiting."""
        return {}

    def tricks(self):
        """Returns what can be done to it: functions that take a random source and say what they have done."""
        return []

    def restore(self):
        """Makes that all works again, whatever was done."""

    def clear(self):
        """Empties the queue."""


class Slurm(Local):
    """The Slurm of scripts/sites/slurm-up.sh."""

    name = "slurm"
    running = ("R", "CF")
    waiting = ("PD",)
    commands = {
        "remove": ["scancel"],
        "suspend": ["scontrol", "suspend"],
        "resume": ["scontrol", "resume"],
        "hold": ["scontrol", "hold"],
        "release": ["scontrol", "release"],
    }
    daemon = "slurmctld"

    def up(self):
        place = pathlib.Path(os.environ.get("MUSTER_SLURM") or os.path.join(tempfile.gettempdir(), "muster-slurm"))
        was_up = (place / "run/slurmctld.pid").exists()
        if not os.environ.get("SLURM_CONF") and not was_up:
            self.down = "slurm-down.sh"
        bring_up("slurm-up.sh", "SLURM_CONF")
        self.home = pathlib.Path(os.environ["SLURM_CONF"]).parent

    def options(self, pool):
        queues = {"high_memory": "highmem", "gpu": "gpu"}
        return {"queue": queues[pool]} if pool in queues else {}

    def again(self):
        return {"job_extra_directives": ["--requeue"]}

    def queue(self):
        lines = call(["squeue", "-h", "-r", "-o", "%i %t"]).splitlines()
        return dict(line.split() for line in lines)

    def tricks(self):
        return [self._remove, self._remove, self._suspend, self._hold, self._stop, self._freeze, self._requeue]

    def _requeue(self, random):
        job = self._pick(random, self.running[:1])
        if job:
            call(["scontrol", "requeue", job], stderr=subprocess.DEVNULL)  # refused where the job does not allow it
            # Not in the second in which it was ended: Slurm would take the new start for the old one.
            call(["scontrol", "update", "JobId=" + job, "StartTime=now+3"], check=False)
            return "put job %s back into the queue" % job

    def _pick(self, random, states):
        jobs = [job for job, state in self.queue().items() if state in states]
        return random.choice(jobs) if jobs else None

    def _do(self, what, job):
        call(self.commands[what] + [job], check=False)

    def _remove(self, random):
        job = self._pick(random, self.running + self.waiting)
        if job:
            self._do("remove", job)
            return "removed job " + job

    def _suspend(self, random):
        job = self._pick(random, self.running[:1])
        if job:
            self._do("suspend", job)
            time.sleep(random.uniform(0.5, 3))
            self._do("resume", job)
            return "suspended job %s and let it go on" % job

    def _hold(self, random):
        job = self._pick(random, self.waiting)
        if job:
            self._do("hold", job)
            time.sleep(random.uniform(0.5, 3))
            self._do("release", job)
            return "held job %s and released it" % job

    def _controller(self):
        return int((self.home / ("run/%s.pid" % self.daemon)).read_text())

    def _stop(self, random):
        # Not killed: it would forget its newest jobs, give their ids anew, and end jobs that have them now.
        os.kill(self._controller(), signal.SIGTERM)
        seconds = random.uniform(1, 8)
        time.sleep(seconds)
        self.restore()
        return "ended %s, and started it again after %.1f s" % (self.daemon, seconds)

    def _freeze(self, random):
        process = self._controller()
        seconds = random.uniform(1, 8)
        os.kill(process, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            os.kill(process, signal.SIGCONT)
        return "%s did not answer for %.1f s" % (self.daemon, seconds)

    def restore(self):
        call([self.home / "up"], limit=120, stderr=subprocess.DEVNULL)

    def clear(self):
        call(["scancel", "--user=" + call(["id", "-un"]).strip()], check=False)


class Condor(Local):
    """The HTCondor of scripts/sites/condor-up.sh."""

    name = "htcondor"

    def up(self):
        place = pathlib.Path(os.environ.get("MUSTER_CONDOR_HOME") or os.path.join(tempfile.gettempdir(), "muster-condor"))
        was_up = (place / "root/run/condor/master.pid").exists()
        if not os.environ.get("MUSTER_CONDOR_WORK") and not was_up:
            self.down = "condor-down.sh"
        bring_up("condor-up.sh", "MUSTER_CONDOR_WORK")
        self.python = os.environ["MUSTER_CONDOR_PYTHON"]

    def folder(self):
        return pathlib.Path(tempfile.mkdtemp(prefix="soak-", dir=os.environ["MUSTER_CONDOR_WORK"]))

    def java(self):
        return os.environ["MUSTER_CONDOR_JAVA"]

    def queue(self):
        states = {"1": "PD", "2": "R", "5": "H"}
        lines = call(["condor_q", "-allusers", "-constraint", "JobStatus =!= 3", "-af:j", "JobStatus"]).splitlines()
        return {job: states.get(state, state) for job, state in (line.split() for line in lines)}

    def tricks(self):
        return [self._remove, self._remove, self._hold, self._hold, self._vacate, self._off, self._kill]

    def _pick(self, random, states):
        jobs = [job for job, state in self.queue().items() if state in states]
        return random.choice(jobs) if jobs else None

    @staticmethod
    def _by_owner(*words):
        """Returns a command as the owner of the jobs gives it: where this is root, they are an ordinary user's."""
        user = os.environ["MUSTER_CONDOR_USER"]
        if os.geteuid() != 0:
            return list(words)
        return ["setpriv", "--reuid=" + user, "--regid=" + user, "--init-groups", "env", "HOME=/", *words]

    def _remove(self, random):
        job = self._pick(random, ("R", "PD", "H"))
        if job:
            call(self._by_owner("condor_rm", job), check=False)
            return "removed job " + job

    def _hold(self, random):
        job = self._pick(random, ("R", "PD"))
        if job:
            call(self._by_owner("condor_hold", job), check=False)
            seconds = random.uniform(0.5, 6)
            time.sleep(seconds)
            call(self._by_owner("condor_release", job), check=False)
            return "held job %s and released it after %.1f s" % (job, seconds)

    def _vacate(self, random):
        job = self._pick(random, ("R",))
        if job:
            call(self._by_owner("condor_vacate_job", job), check=False)
            return "vacated job " + job

    def _off(self, random):
        call(["condor_off", "-schedd"])
        seconds = random.uniform(1, 8)
        time.sleep(seconds)
        self.restore()
        return "turned the schedd off for %.1f s" % seconds

    def _kill(self, random):
        home = os.path.realpath(os.path.join(os.environ["MUSTER_CONDOR_HOME"], "root"))
        for process in pathlib.Path("/proc").iterdir():
            try:
                if os.readlink(process / "root") == home and (process / "comm").read_text().strip() == "condor_schedd":
                    os.kill(int(process.name), signal.SIGKILL)
                    return "killed the schedd"
            except (OSError, ValueError):
                continue

    def restore(self):
        call(["condor_on", "-schedd"])
        end = time.monotonic() + 60
        while subprocess.run(["condor_q"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60).returncode:
            if time.monotonic() > end:
                raise RuntimeError("the schedd does not come back")
            time.sleep(0.2)

    def clear(self):
        call(self._by_owner("condor_rm", "-all"), check=False)


class GridEngine(Slurm):
    """The Grid Engine of scripts/sites/gridengine-up.sh."""

    name = "gridengine"
    running = ("r", "t")
    waiting = ("qw",)
    commands = {
        "remove": ["qdel"],
        "suspend": ["qmod", "-sj"],
        "resume": ["qmod", "-usj"],
        "hold": ["qhold"],
        "release": ["qrls"],
    }
    daemon = "qmaster"
    longest_run = 600  # one job a task, of which the next is started some seconds later, and a slow qmaster

    def up(self):
        place = pathlib.Path(os.environ.get("MUSTER_GRIDENGINE") or os.path.join(tempfile.gettempdir(), "muster-gridengine"))
        was_up = (place / "run/qmaster.pid").exists()
        if not os.environ.get("SGE_ROOT") and not was_up:
            self.down = "gridengine-down.sh"
        bring_up("gridengine-up.sh", "SGE_ROOT")
        self.home = pathlib.Path(os.environ["MUSTER_GRIDENGINE"])

    def again(self):
        return {}

    def tricks(self):
        return [each for each in super().tricks() if each != self._requeue]

    def options(self, pool):
        return {"queue": {"high_memory": "highmem.q", "gpu": "gpu.q"}.get(pool, "all.q")}

    def queue(self):
        jobs = {}
        for line in call(["qstat", "-g", "d", "-s", "prs"]).splitlines()[2:]:
            words = line.split()
            jobs[words[0] + "." + words[-1]] = words[4]
        return jobs

    def clear(self):
        call(["qdel", "-u", call(["id", "-un"]).strip()], check=False)


SITES = {site.name: site for site in (Local, Slurm, Condor, GridEngine)}
