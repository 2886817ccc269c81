"""Looks at the place where a worker would run: muster_dask.probe FILE, where FILE is JSON written by the probe.

Without a file it says what the interpreter has.
"""

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from muster_task import ownfiles, usercode


CONNECT_SECONDS = 15
COMMAND_SECONDS = 10


def software():
    """Returns the versions of what a worker needs."""
    from muster_dask import RUNTIME

    found = {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "executable": sys.executable,
        "runtime": RUNTIME,
        "problems": [],
    }
    for module in ("distributed", "cryptography"):
        try:
            found[module] = __import__(module).__version__
        except Exception as error:  # A broken installation can raise anything.
            found[module] = None
            found["problems"].append("%s cannot be imported: %s: %s" % (module, type(error).__name__, error))
    return found


def modules(names):
    """Returns what cannot be imported, and why."""
    problems = []
    for name in names:
        try:
            __import__(name)
        except Exception as error:
            problems.append("%s cannot be imported: %s: %s" % (name, type(error).__name__, error))
    return problems


def gpus():
    """Returns what says that GPUs are there."""
    found = {
        name: os.environ[name]
        for name in ("CUDA_VISIBLE_DEVICES", "_CONDOR_AssignedGPUs", "SLURM_JOB_GPUS", "ROCR_VISIBLE_DEVICES")
        if os.environ.get(name)
    }
    devices = []
    tool = shutil.which("nvidia-smi")
    if tool:
        try:
            listed = subprocess.run([tool, "-L"], stdout=subprocess.PIPE, timeout=COMMAND_SECONDS, check=True)
            devices = [line.strip() for line in listed.stdout.decode("utf-8", "replace").splitlines() if line.strip()]
        except (OSError, subprocess.SubprocessError) as error:
            found["nvidia-smi"] = "fails: %s" % (error,)
    return {"said": found, "devices": devices}


def scratch(path):
    """Returns whether a folder can be written to, and how much is free there."""
    try:
        os.makedirs(path, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path, prefix=".muster-probe-") as file:
            file.write(b"x")
            file.flush()
        return {"free": shutil.disk_usage(path).free, "problem": None}
    except OSError as error:
        return {"free": None, "problem": str(error)}


def seen(paths):
    """Returns those of the paths that cannot be read from here."""
    return [path for path in paths if not os.access(path, os.R_OK)]


def credentials(variables, home):
    """Returns which credentials cannot be read from here, and why; their content is not kept. home: where copies lie, or None."""
    problems = []
    for name, path in sorted(variables.items()):
        path = path if home is None else os.path.join(home, os.path.basename(path))
        if os.environ.get(name) != path:
            problems.append("%s is %s there, not %s" % (name, os.environ.get(name, "not set"), path))
            continue
        try:
            with open(path, "rb") as file:
                empty = not file.read(1)
            if empty:
                problems.append("%s (%s) is empty" % (path, name))
            if os.stat(path).st_mode & 0o077:
                problems.append("%s (%s) can be used by others" % (path, name))
        except OSError as error:
            problems.append("%s (%s) cannot be read there: %s" % (path, name, error.strerror))
    return problems


def containers(images, pool, base_dir):
    """Returns how running each of the images comes out here."""
    if not images:
        return []
    from muster_task.container import Container

    details = {"pool": pool, "base_dir": base_dir, "inputs": {}}
    found = []
    with tempfile.TemporaryDirectory(prefix="muster-probe-") as folder:
        for image in images:
            started = time.monotonic()
            outcome, detail = Container(image, details, folder).probe()
            found.append({"outcome": outcome, "detail": detail, "seconds": time.monotonic() - started})
    return found


def send(result, hosts, port):
    """Sends the result; returns why it could not be sent, or None."""
    problem = "there is no address to try"
    for host in hosts:
        try:
            with socket.create_connection((host, port), timeout=CONNECT_SECONDS) as connection:
                connection.sendall(json.dumps(result).encode() + b"\n")
            return None
        except OSError as error:
            problem = "%s:%d: %s" % (host, port, error)
    return problem


def main():
    """Looks, and tells what it saw: over the network, and in a file."""
    if len(sys.argv) < 2:
        print(json.dumps(software()))
        return
    files = os.environ.get("MUSTER_FILES", "")
    with open(os.path.join(files, sys.argv[1]), encoding="utf-8") as file:
        spec = json.load(file)
    home = files if spec["transfer"] else None
    if home is None:
        sys.path[:0] = [spec["base_dir"]]
    else:
        usercode.put_on_path(usercode.unpack(home, spec["code"]))
    result = {
        "token": spec["token"],
        "host": socket.gethostname(),
        "cpus": len(os.sched_getaffinity(0)),
        "software": software(),
        "modules": modules(spec["modules"]),
        "gpus": gpus(),
        "scratch": scratch(spec["scratch"] or home),
        "unseen": seen(spec["paths"]),
        "credentials": credentials(spec["credentials"], home),
        "containers": containers(spec["images"], spec["pool"], home or spec["base_dir"]),
    }
    result["network"] = send(result, spec["hosts"], spec["port"])
    if home is not None:
        return
    with os.fdopen(ownfiles.create(spec["result"] + ".new"), "w", encoding="utf-8") as file:
        json.dump(result, file)
    os.replace(spec["result"] + ".new", spec["result"])


if __name__ == "__main__":
    main()
