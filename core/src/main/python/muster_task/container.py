"""Runs commands in containers.

The JVM has decided how each runtime is called. This finds the one that this machine has, fills the slots of its command
line, and runs. ContainerRuntime of the JVM fills them too; both go by the same table of cases.
"""

import logging
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import uuid

from . import commands, errors, strays
from .failures import fail

LOADED = re.compile(r"Loaded image(?:\(s\))?(?: ID)?: *([^\s,]+)")
TAIL = 8192
WAIT_SECONDS = 0.1
REMOVE_SECONDS = 20

log = logging.getLogger("muster_task.container")
_lock = threading.Lock()
_fetched = {}
_versions = {}


def fill(words, slots):
    """Returns a command line. slots: pairs of texts for each slot."""
    line = []
    for word in words:
        if isinstance(word, str):
            line.append(word)
            continue
        for pair in slots[word["slot"]]:
            special = word["special"] is not None and re.fullmatch(word["special"], pair[0])
            chosen = word["others"] if special else word["words"]
            line += ["".join(_piece(each, pair) for each in pieces) for pieces in chosen]
    return line


def _piece(piece, pair):
    text = piece["text"] + {"NOTHING": "", "FIRST": pair[0], "SECOND": pair[1]}[piece["of"]]
    return '"%s"' % text.replace('"', '""') if piece["field"] and re.search('[,"\n]', text) else text


def texts(*words):
    """Returns pairs of texts for a slot that has one text each."""
    return [(word, "") for word in words]


def mounts(folders):
    """Returns the folders to mount, without those that lie in another one."""
    found = []
    for folder in sorted(set(pathlib.PurePosixPath(folder) for folder in folders)):
        if not any(folder == other or other in folder.parents for other in found):
            found.append(folder)
    return [str(folder) for folder in found]


class Runtime:
    """A container runtime of this machine. spec: how it is called. program: its path."""

    def __init__(self, spec, program):
        self.spec = spec
        self.program = program
        self.plain = spec["mark"] is not None  # A container is a process like any other.

    @classmethod
    def find(cls, way, base):
        """Returns the first one that is there."""
        for spec in way["runtimes"]:
            name = spec["program"]
            program = shutil.which(os.path.join(base, name) if "/" in name else name)
            if program:
                return cls(spec, program)
        raise fail("%s (on %s)" % (way["missing"], socket.gethostname()), "ENVIRONMENT")

    def image(self, spec, base):
        """Returns the name or path of an image, and how it is used."""
        name, how = spec["name"], "named"
        if spec["path"] is not None:
            name = os.path.abspath(os.path.join(base, spec["path"]))
            if not os.path.exists(name):
                raise fail("there is no container image %s" % name, "ENVIRONMENT")
            how = "folder" if os.path.isdir(name) and "folder" in self.spec["uses"] else "file"
        use = self.spec["uses"][how]
        if use["refused"] is not None:
            raise fail(use["refused"], "ENVIRONMENT")
        return name, use

    def call(self, name, image=""):
        """Returns one of its other command lines; image: also the name of a container."""
        return [self.program, *fill(self.spec["calls"][name], {"image": texts(image), "name": texts(image)})]

    def argv(self, call):
        """Returns the command line that runs a command in a container."""
        slots = {
            "program": texts(self.program),
            "name": texts(call["name"]),
            "cwd": texts(call["cwd"]),
            "ids": [(str(call["uid"]), str(call["gid"]))],
            "folders": texts(*mounts(call["folders"])),
            "variables": sorted(call["variables"].items()),
            "image": texts(*call["use"]["words"], call["reference"]),
            "command": texts(*call["command"]),
        }
        return fill(self.spec["argv"], slots)

    def environment(self, variables):
        """Returns the variables of the runtime's own environment, in addition to the worker's."""
        spec = self.spec
        own = {spec["prefix"] + name: value for name, value in variables.items() if not re.fullmatch(spec["own"], name)}
        return dict(own, **spec["also"])

    def literal(self, version):
        """Tells whether it takes values of variables as they are. version: what it says to version."""
        found = re.search(r"(\d{1,4})\.(\d{1,4})", version)
        number = found and [int(found.group(1)), int(found.group(2))]
        return not any(number and low <= number < high for low, high in self.spec["evaluates"])

    def refused(self, code, said):
        """Tells whether a command that ended like this was never started, because the runtime could not."""
        return any(
            code == each["code"]
            and re.search(each["said"], said)
            and (each["unless"] is None or not re.search(each["unless"], said))
            for each in self.spec["refusals"]
        )


class Container:
    """What one command runs in."""

    def __init__(self, spec, details, directory):
        self._spec = spec
        self._details = details
        self._directory = directory
        pools = spec["pools"]
        self._way = spec["ways"][pools.get(details["pool"], pools[""])]
        self._runtime = None
        self._name = None

    def wrap(self, command, cwd, variables, files, outputs):
        """Makes the image ready; returns the command line and the environment of the runtime."""
        if not os.path.isdir(cwd):
            raise fail("the command cannot be started in %s: there is no such folder" % cwd)
        base = self._details["base_dir"]
        runtime = Runtime.find(self._way, base)
        wanted = [*self._spec["credentials"], *self._way["inherits"]]
        given = dict({name: os.environ[name] for name in wanted if name in os.environ}, **variables)
        image, use = runtime.image(self._spec, base)
        call = {
            "use": use,
            "reference": self._fetch(runtime, image, use),
            "name": "muster-%s" % uuid.uuid4(),
            "cwd": cwd,
            "folders": self._folders(cwd, files, outputs),
            "variables": given,
            "uid": os.getuid(),
            "gid": os.getgid(),
            "command": command,
        }
        self._check_literal(runtime, given)
        self._runtime, self._name = runtime, call["name"]
        return runtime.argv(call), dict(os.environ, **runtime.environment(given))

    def _check_literal(self, runtime, variables):
        read = [name for name, value in variables.items() if re.search(r"[$`\\]", value)]
        if not runtime.spec["evaluates"] or not read:
            return
        if runtime.program not in _versions:
            code, said = self._read(runtime.call("version"))
            _versions[runtime.program] = "" if code else said
        version = _versions[runtime.program]
        if not runtime.literal(version):
            raise fail(
                "the variable %s has a $, ` or \\ in its value, and %s %s lets a shell read values; "
                "Apptainer 1.1 and Singularity 3.10 do not" % (read[0], runtime.program, version),
                "ENVIRONMENT",
            )

    def probe(self):
        """Starts a container that does nothing; returns how that comes out and what was seen.

        An image that would have to come from a registry is not fetched.
        """
        image = self._spec["image"]
        base = self._details["base_dir"]
        try:
            runtime = Runtime.find(self._way, base)
            name, use = runtime.image(self._spec, base)
            code, said = self._read(runtime.call("version"))
            if code:
                return "BAD", "%s does not work: exit code %d\n%s" % (runtime.program, code, said)
            if self._spec["path"] is None and (runtime.plain or not self._present(runtime, use["prefix"] + name)):
                return "DOUBTFUL", "%s with %s: not tried, for it has to be fetched first, which the first task does" % (
                    image,
                    runtime.program,
                )
            line, variables = self.wrap(["/bin/sh", "-c", ":"], self._directory, {}, (), ())
            code, said = self._read(line, env=variables)
        except errors.Failure as failure:
            return "BAD", str(failure)
        if code:
            return "BAD", "%s cannot run a command: exit code %d\n%s" % (self, code, said)
        return "GOOD", "%s with %s" % (image, runtime.program)

    def _fetch(self, runtime, image, use):
        wanted = use["prefix"] + image
        if use["fetch"] == "NONE":
            return wanted
        archive = use["fetch"] == "LOAD"
        key = runtime.program, wanted, _stamp(image) if archive else None
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
        said = self._demand(runtime, "load", file, file)
        match = LOADED.search(said)
        if not match:
            raise self._cannot(runtime, file, "it did not name the image that it has loaded:\n" + said)
        return self._demand(runtime, "id", match.group(1), file).strip()

    def _pull(self, runtime, wanted):
        if not self._present(runtime, wanted):
            self._demand(runtime, "pull", wanted, wanted)
        return wanted

    def _present(self, runtime, wanted):
        return self._read(runtime.call("present", wanted))[0] == 0

    def _demand(self, runtime, what, of, image):
        code, said = self._read(runtime.call(what, of))
        if code:
            raise self._cannot(runtime, image, "exit code %d\n%s" % (code, said))
        return said

    @staticmethod
    def _cannot(runtime, image, why):
        return fail("the container image %s cannot be had with %s: %s" % (image, runtime.program, why), "ENVIRONMENT")

    def _read(self, line, **options):
        # A file, not a pipe: what the runtime leaves behind would hold a pipe open.
        with tempfile.TemporaryFile(dir=self._directory) as said:
            # A runtime may start what all containers of this user share.
            code = commands.run(line, marked=False, **options, stdout=said, stderr=subprocess.STDOUT).returncode
            said.seek(max(0, said.seek(0, os.SEEK_END) - TAIL))
            return code, said.read().decode("utf-8", "replace").strip()

    def _folders(self, cwd, files, outputs):
        roots = {
            "CWD": [cwd],
            "TASK": [self._directory],
            "BASE": [self._details["base_dir"]],
            "OUTPUTS": outputs,
            "FILES": [path for path in files if "://" not in path],
            "INPUTS": _paths(self._details["inputs"]),
            "CREDENTIALS": [os.environ[name] for name in self._spec["credentials"] if name in os.environ],
        }
        rules = [(TAKES[take], path) for root, take in self._spec["mounts"] for path in roots[root]]
        return {folder for take, path in rules for folder in take(os.path.abspath(path))}

    def marks(self):
        """Returns how the runtime's process is marked, as commands.run takes it."""
        # Elsewhere the processes in the container are not the runtime's children, and its own end ends them.
        return {"also": (self._runtime.spec["mark"],)} if self._runtime.plain else {"marked": False}

    def remove(self):
        """Ends a container whose command did not end by itself, and returns when it is gone."""
        if self._runtime is None or self._runtime.plain:
            return
        command = self._runtime.call("remove", self._name)
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
        try:
            with open(stderr, "rb") as file:
                file.seek(max(0, os.path.getsize(stderr) - TAIL))
                said = file.read().decode("utf-8", "replace")
        except FileNotFoundError:  # Nothing was printed.
            said = ""
        return self._runtime.refused(code, said)

    def __str__(self):
        return "%s with %s" % (self._spec["image"], self._runtime.program)


def _stamp(file):
    # An archive that was written again is another one.
    status = os.stat(file)
    return status.st_mtime_ns, status.st_size, status.st_ino


def _there(folder):
    return {folder, os.path.realpath(folder)} if os.path.isdir(folder) else set()


def _holders(path):
    if os.path.isdir(path) or not os.path.exists(path):
        return _there(path) or _there(os.path.dirname(path))
    return _there(os.path.dirname(path)) | _there(os.path.dirname(os.path.realpath(path)))


def _private(path):
    folder = os.path.dirname(path)
    return {path if os.stat(folder).st_mode & 0o077 else folder}


#: What is mounted for a path, as Mount.Take of the JVM says.
TAKES = {
    "ITSELF": lambda path: {path},
    "PARENT": lambda path: _there(os.path.dirname(path)),
    "HOLDER": _holders,
    "PRIVATE": _private,
}


def _paths(value):
    if isinstance(value, pathlib.PurePath):
        return [str(value)]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [path for item in value for path in _paths(item)]
    return []
