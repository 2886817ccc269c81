"""What the stand-ins for batch systems share: jobs are folders, and run as processes of this machine."""

import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import time

HOME = pathlib.Path(os.environ.get("STANDIN", "/nonexistent"))
GRACE = 2.0


def fail(text, code):
    """Says on standard error what is wrong, and ends."""
    print(text, file=sys.stderr)
    raise SystemExit(code)


def next_number():
    """Returns a number that no job has."""
    HOME.mkdir(parents=True, exist_ok=True)
    with open(HOME / "number", "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        number = int(file.read() or "1233") + 1
        file.seek(0)
        file.truncate()
        file.write(str(number))
    return number


class Job:
    """A job, or an element of an array."""

    def __init__(self, folder):
        self.folder = folder
        number, _, index = folder.name.partition("_")
        self.number = int(number)
        self.index = int(index) if index else None

    def get(self, name, default=None):
        try:
            return (self.folder / name).read_text()
        except FileNotFoundError:
            return default

    def set(self, name, value):
        new = self.folder / (name + ".new")
        new.write_text(str(value))
        new.rename(self.folder / name)

    @property
    def ended(self):
        return self.get("code") is not None or (self.get("deleted") is not None and self.get("pid") is None)


def jobs(number=None):
    """Returns all jobs, or the elements of one, in order."""
    found = [Job(folder) for folder in (HOME / "jobs").glob("*" if number is None else f"{number}*")]
    return sorted(
        (job for job in found if number is None or job.number == number), key=lambda job: (job.number, job.index or 0)
    )


def submit(number, indices, values, variables, held):
    """Makes jobs, and starts them unless they are held."""
    for index in indices:
        name = str(number) if index is None else f"{number}_{index}"
        new = HOME / "new" / name
        new.mkdir(parents=True)
        job = Job(new)
        for key, value in values.items():
            job.set(key, value)
        for key, value in variables(index).items():
            with open(new / "variables", "a") as file:
                file.write(f"{key}={value}\0")
        (HOME / "jobs").mkdir(exist_ok=True)
        new.rename(HOME / "jobs" / name)
        if held:
            Job(HOME / "jobs" / name).set("held", "")
            continue
        subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), str(HOME / "jobs" / name)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def run(folder):
    """Runs a job: with little of an environment, in the root folder, ended at its walltime or when it is deleted."""
    job = Job(pathlib.Path(folder))
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/", "LOGNAME": "user"}
    for pair in (job.get("variables") or "").split("\0")[:-1]:
        key, _, value = pair.partition("=")
        environment[key] = value
    if job.get("deleted") is not None:
        return
    # The script is kept as it was when it was submitted.
    process = subprocess.Popen(
        ["/bin/bash", str(job.folder / "script")],
        env=environment,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    job.set("pid", process.pid)
    began = time.monotonic()
    limit = float(job.get("walltime") or 1e9)
    told = None
    while process.poll() is None:
        now = time.monotonic()
        over = now - began >= limit
        if told is None and (over or job.get("deleted") is not None):
            job.set("why", "walltime" if over else "deleted")
            told = now
            os.killpg(process.pid, getattr(signal, job.get("signal") or "SIGTERM"))
        elif told is not None and now - told > GRACE:
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(0.02)
    job.set("took", int(time.monotonic() - began))
    job.set("code", process.returncode)


if __name__ == "__main__":
    run(sys.argv[1])
