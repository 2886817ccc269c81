"""Runs a job that sees nothing of the submit host: muster_batch.away, in the folder to which its files were sent.

N.in has the job's calls and what they need. The runner works in a process of its own: whatever becomes of it, what the
job has told until then, and the files of its tasks, go into N.out, which is brought to the submit host.
"""

import json
import os
import signal
import subprocess
import sys
import zipfile

from muster_task import ownfiles, usercode

from .leaving import BASE, CALL, LEFT

START = "import sys; sys.path[0] = sys.argv.pop(1); import muster_start"
#: The exit code of a job that did not get its files, or cannot leave them.
FAILED = 72


def unpack(home, number):
    """Unpacks what was sent; returns what all calls have in common."""
    name = os.path.join(home, "%s.in" % number)
    with zipfile.ZipFile(name) as parcel:
        parcel.extractall(home)
    os.unlink(name)
    with open(os.path.join(home, CALL, "submission.json"), "rb") as file:
        common = json.load(file)  # The values in it are left as they are.
    with open(os.path.join(home, CALL, "executable.json"), "rb") as file:
        for each in json.load(file):
            os.chmod(os.path.join(home, each), 0o755)
    usercode.unpack(home, common["code"])
    ownfiles.folder(os.path.join(home, LEFT))


def pack(home, number):
    """Packs what is to be brought back."""
    root = os.path.join(home, LEFT)
    name = os.path.join(home, "%s.out" % number)
    with zipfile.ZipFile(name + ".part", "w", zipfile.ZIP_DEFLATED, True, 1, strict_timestamps=False) as parcel:
        for folder, folders, files in os.walk(root):
            for each in folders + files:
                path = os.path.join(folder, each)
                parcel.write(path, os.path.relpath(path, root))
    os.replace(name + ".part", name)


def run(home, number):
    """Runs the job's tasks; returns the exit code."""
    runner = None
    asked = []

    def ask(signal_number, frame):
        asked.append(signal_number)
        if runner is not None:
            runner.send_signal(signal_number)

    signal.signal(signal.SIGTERM, ask)
    command = [sys.executable, "-c", START, sys.path[0], "muster_batch.runner", os.path.join(home, CALL), home]
    runner = subprocess.Popen(command, cwd=os.path.join(home, BASE))
    if asked:
        runner.send_signal(signal.SIGTERM)
    code = runner.wait()
    return code if code >= 0 else 128 - code


def main():
    """Runs this job."""
    home = os.getcwd()
    number = os.environ["MUSTER_JOB_INDEX"]
    try:
        unpack(home, number)
    except (OSError, zipfile.BadZipFile) as error:
        sys.exit(told("what was sent to the job cannot be unpacked", error))
    code = run(home, number)
    try:
        pack(home, number)
    except OSError as error:
        code = told("what the job has left cannot be packed", error)
    sys.exit(code)


def told(what, error):
    """Tells of an error; returns the exit code."""
    print("muster: %s: %s" % (what, error), file=sys.stderr, flush=True)
    return FAILED


if __name__ == "__main__":
    main()
