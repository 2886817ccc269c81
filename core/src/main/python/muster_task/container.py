"""Runs commands in containers, as the JVM does; both go by the same table of cases."""

import logging
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import uuid

from . import commands, errors, strays
from .container_runtimes import PLAIN, argv, environment, find_runtime, literal, parse_image, reference
from .failures import fail

GPU_VARIABLES = ("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
LOADED = re.compile(r"Loaded image(?:\(s\))?(?: ID)?: *([^\s,]+)")
TAIL = 8192
WAIT_SECONDS = 0.1
REMOVE_SECONDS = 20

log = logging.getLogger("muster_task.container")
_lock = threading.Lock()
_fetched = {}
_versions = {}


class Container:
    """What one command runs in."""

    def __init__(self, spec, details, directory):
        self._spec = spec
        self._details = details
        self._directory = directory
        self._call = None

    def wrap(self, command, cwd, variables, files, outputs):
        """Makes the image ready; returns the command line and the environment of the runtime."""
        if not os.path.isdir(cwd):
            raise fail("the command cannot be started in %s: there is no such folder" % cwd)
        pool, runtime = self._pool()
        wanted = [*self._spec["credentials"], *(GPU_VARIABLES if pool["gpus"] else ())]
        given = {name: os.environ[name] for name in wanted if name in os.environ}
        form, name = parse_image(self._spec["image"], self._details["base_dir"])
        self._call = {
            "runtime": runtime,
            "options": pool["options"],
            "form": form,
            "image": self._fetch(runtime, form, name),
            "name": "muster-%s" % uuid.uuid4(),
            "cwd": cwd,
            "folders": self._folders(cwd, files, outputs),
            "variables": dict(given, **variables),
            "gpus": pool["gpus"],
            "uid": os.getuid(),
            "gid": os.getgid(),
            "command": command,
        }
        self._check_literal(runtime)
        return argv(self._call), dict(os.environ, **environment(self._call))

    def _check_literal(self, runtime):
        read = [name for name, value in self._call["variables"].items() if re.search(r"[$`\\]", value)]
        if runtime[0] not in PLAIN or not read:
            return
        if runtime not in _versions:
            code, said = self._run(runtime, ["version"])
            _versions[runtime] = "" if code else said
        if not literal(runtime[0], _versions[runtime]):
            raise fail(
                "the variable %s has a $, ` or \\ in its value, and %s %s lets a shell read values; "
                "Apptainer 1.1 and Singularity 3.10 do not" % (read[0], runtime[1], _versions[runtime]),
                "ENVIRONMENT",
            )

    def _pool(self):
        pools = self._spec["pools"]
        pool = pools.get(self._details["pool"], pools[""])
        return pool, find_runtime(pool["runtime"], self._details["base_dir"])

    def probe(self):
        """Starts a container that does nothing; returns how that comes out and what was seen.

        An image that would have to come from a registry is not fetched.
        """
        image = self._spec["image"]
        try:
            runtime = self._pool()[1]
            form, name = parse_image(image, self._details["base_dir"])
            wanted = reference(runtime[0], form, name)
            code, said = self._run(runtime, ["version"])
            if code:
                return "BAD", "%s does not work: exit code %d\n%s" % (runtime[1], code, said)
            if form in ("REGISTRY", "ADDRESS") and (runtime[0] in PLAIN or not self._present(runtime, wanted)):
                return "DOUBTFUL", "%s with %s: not tried, for it has to be fetched first, which the first task does" % (
                    image,
                    runtime[1],
                )
            line, variables = self.wrap(["/bin/sh", "-c", ":"], self._directory, {}, (), ())
            code, said = self._read(line, env=variables)
        except errors.Failure as failure:
            return "BAD", str(failure)
        if code:
            return "BAD", "%s cannot run a command: exit code %d\n%s" % (self, code, said)
        return "GOOD", "%s with %s" % (image, runtime[1])

    def _fetch(self, runtime, form, name):
        wanted = reference(runtime[0], form, name)
        if runtime[0] in PLAIN or form == "FOLDER":
            return wanted
        archive = form in ("DOCKER_ARCHIVE", "OCI_ARCHIVE")
        key = runtime, wanted, _stamp(name) if archive else None
        while not _lock.acquire(timeout=WAIT_SECONDS):  # so that a task that waits here can be ended
            pass
        try:
            known = _fetched.get(key)
            if known is None:
                known = self._load(runtime, wanted) if archive else self._pull(runtime, wanted)
                _fetched[key] = known
            return known
        finally:
            _lock.release()

    def _load(self, runtime, file):
        # The image is called by its id: two archives may have images of one name.
        said = self._demand(runtime, ["load", "--quiet", "--input", file], file)
        match = LOADED.search(said)
        if not match:
            raise self._cannot(runtime, file, "it did not name the image that it has loaded:\n" + said)
        return self._demand(runtime, ["image", "inspect", "--format", "{{.Id}}", match.group(1)], file).strip()

    def _pull(self, runtime, wanted):
        if not self._present(runtime, wanted):
            self._demand(runtime, ["pull", "--quiet", wanted], wanted)
        return wanted

    def _present(self, runtime, wanted):
        return self._run(runtime, ["image", "inspect", "--format", "{{.Id}}", wanted])[0] == 0

    def _demand(self, runtime, words, image):
        code, said = self._run(runtime, words)
        if code:
            raise self._cannot(runtime, image, "exit code %d\n%s" % (code, said))
        return said

    @staticmethod
    def _cannot(runtime, image, why):
        return fail("the container image %s cannot be had with %s: %s" % (image, runtime[1], why), "ENVIRONMENT")

    def _run(self, runtime, words):
        return self._read([runtime[1], *words])

    def _read(self, line, **options):
        # A file, not a pipe: what the runtime leaves behind would hold a pipe open.
        with tempfile.TemporaryFile(dir=self._directory) as said:
            # A runtime may start what all containers of this user share.
            code = commands.run(line, marked=False, **options, stdout=said, stderr=subprocess.STDOUT).returncode
            said.seek(max(0, said.seek(0, os.SEEK_END) - TAIL))
            return code, said.read().decode("utf-8", "replace").strip()

    def _folders(self, cwd, files, outputs):
        found = {os.path.normpath(cwd), os.path.abspath(self._directory), os.path.abspath(self._details["base_dir"])}
        paths = [os.path.dirname(path) for path in outputs]
        for path in files:
            paths += [] if "://" in path else _folders_of(path)
        for value in self._details["inputs"].values():
            paths += _paths(value)
        for name in self._spec["credentials"]:
            if name in os.environ:
                found.add(_own(os.path.abspath(os.environ[name])))
        for path in paths:
            if os.path.isdir(path):
                found.update((os.path.abspath(path), os.path.realpath(path)))  # where links on the way lead to
        return found

    def marks(self):
        """Returns how the runtime's process is marked, as commands.run takes it."""
        kind = self._call["runtime"][0]
        # Elsewhere the processes in the container are not the runtime's children, and its own end ends them.
        return {"also": ("%sENV_%s" % (kind.upper(), strays.VARIABLE),)} if kind in PLAIN else {"marked": False}

    def remove(self):
        """Ends a container whose command did not end by itself, and returns when it is gone."""
        if self._call is None or self._call["runtime"][0] in PLAIN:
            return
        command = [self._call["runtime"][1], "rm", "-f", self._call["name"]]
        try:
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=strays.without(os.environ),
                timeout=REMOVE_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            log.warning("the container cannot be removed: %s: %s", " ".join(command), error)

    def failed_to_start(self, code, stderr):
        """Tells whether a command that ended like this was never started, because the runtime could not."""
        with open(stderr, "rb") as file:
            file.seek(max(0, os.path.getsize(stderr) - TAIL))
            said = file.read().decode("utf-8", "replace")
        if self._call["runtime"][0] in PLAIN:
            started = code != 255 or "FATAL:" not in said or "executable file not found" in said
            return not started or (code == 1 and 'Error for command "exec": ' in said)
        return code == 125 and re.search(r"^(Error|docker): |^unknown .*flag: ", said, re.MULTILINE) is not None

    def __str__(self):
        return "%s with %s" % (self._spec["image"], self._call["runtime"][1])


def _stamp(file):
    # An archive that was written again is another one.
    status = os.stat(file)
    return status.st_mtime_ns, status.st_size, status.st_ino


def _own(path):
    # A credential that is renewed is another file, so its folder counts, but not one with what belongs to others.
    folder = os.path.dirname(path)
    return path if os.stat(folder).st_mode & 0o077 else folder


def _folders_of(path):
    # A file that is a link lies in two folders.
    path = os.path.abspath(path)
    return [path] if os.path.isdir(path) else [os.path.dirname(path), os.path.dirname(os.path.realpath(path))]


def _paths(value):
    if isinstance(value, pathlib.PurePath):
        return _folders_of(str(value))
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [path for item in value for path in _paths(item)]
    return []
