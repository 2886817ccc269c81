"""What workers that share no folder with the submit host ask of the bridge: files and credentials; and what they had at hand."""

import asyncio
import json
import os
import re
import tempfile

from muster_task.encoding import FILE

from .files import Gone, Reader, bring

LEDGER_SECONDS = 10
#: What a run directory has besides the folders of stages, as RunLayout in core says.
OWN = re.compile(
    r"format|console|records|logs|debug|environment|report\.html|provenance\.json|plan\.yaml"
    r"|(journal|owner)(\.[0-9]+)?|plan\.[0-9]+\.yaml",
    re.IGNORECASE,
)
LOOK_SECONDS = 1.0


class Courier:
    """Answers workers. Everything happens on the event loop.

    spec: what the JVM says of the run. scheduler: whose handlers it adds to. secure: whether connections are encrypted.
    """

    def __init__(self, spec, scheduler, secure):
        self._directory = os.path.abspath(spec["directory"])
        self._base = os.path.abspath(spec["base_dir"])
        self._scheduler = scheduler
        self._credentials = spec["credentials"] if secure else {}
        self._named = set()
        self._ledgers = {}
        #: The folders of the submit host whose files travel when a value names them.
        self.roots = [self._directory, self._base, tempfile.gettempdir()]
        self._real = os.path.realpath(self._directory)
        handlers = Reader(self._readable, self._in_roots).handlers()
        handlers.update(
            muster_fetch=self.fetch, muster_ledger=self.take_ledger, muster_credentials=self.credentials
        )
        scheduler.handlers.update(handlers)

    # Files

    def _readable(self, path):
        return path in self._named and not self._is_own(os.path.realpath(path))

    def _in_roots(self, real):
        roots = (os.path.realpath(root) + os.sep for root in self.roots)
        return any(real.startswith(root) for root in roots) and not self._is_own(real)

    def _is_own(self, real):
        """Tells whether a file is the engine's: journal, plan, logs, keys and credentials."""
        below = os.path.relpath(real, self._real).split(os.sep)
        return below[0] == os.curdir or OWN.fullmatch(below[0]) or all(part == os.pardir for part in below)

    def _target(self, target):
        """Returns the place of a file in the folder of a task, or None if it is none."""
        parts = target.split("/")
        if len(parts) < 2 or OWN.fullmatch(parts[0]) or "\0" in target:
            return None
        if any(part in ("", os.curdir, os.pardir) for part in parts):
            return None
        final = os.path.join(self._directory, *parts)
        parent = os.path.realpath(os.path.dirname(final))
        # No folder of a task is a link.
        return final if parent == os.path.join(self._real, *parts[:-1]) else None

    def datasets(self, datasets):
        """Says of each dataset which of its files lie in the workflow's folder here, and lets workers read them."""
        for dataset in datasets:
            dataset["local"] = [name for name in dataset["files"] if self._is_local(name)]
            self._named.update(os.path.join(self._base, name) for name in dataset["local"])

    def images(self, stages):
        """Says of each container image whether it is a file in the workflow's folder here, and lets workers read it."""
        for stage in stages:
            container = stage["code"].get("container")
            if container is not None:
                name = os.path.normpath(container["path"] or os.pardir)
                container["local"] = name if name[:2] != ".." and self._is_local(name) else None
                if container["local"]:
                    self._named.add(os.path.join(self._base, name))

    def _is_local(self, name):
        return "://" not in name and not name.startswith("/") and os.path.isfile(os.path.join(self._base, name))

    def values(self, values):
        """Lets workers read the files that outputs name which were made elsewhere."""
        for text in values.values():
            if isinstance(text, str) and '"$file"' in text:
                json.loads(text, object_hook=self._note)

    def _note(self, value):
        # A map of the user's with such a key has one more $ in it.
        if len(value) == 1 and isinstance(value.get(FILE), str):
            self._named.add(value[FILE])
        return value

    async def fetch(self, address, path, target):
        """Copies a worker's file into the run's directory; returns its path here."""
        final = self._target(target)
        if final is None:
            return {"error": "%s leads out of the folders of the run's tasks" % target}
        try:
            await bring(self._scheduler.rpc(address), path, final)
        except Gone as error:
            return {"error": "the worker at %s cannot be reached: %s" % (address, error), "unreachable": True}
        except OSError as error:
            return {"error": str(error)}
        return {"path": final}

    # What a worker had at hand

    async def take_ledger(self, name, tasks):
        """Takes the tasks that a worker had at hand when it died."""
        if self._ledger(name).done():
            del self._ledgers[name]  # A worker of this name has died before.
        self._ledger(name).set_result([tuple(task) for task in tasks])
        return {}

    def _ledger(self, name):
        future = self._ledgers.get(name)
        if future is None:
            future = self._ledgers[name] = asyncio.get_running_loop().create_future()
        return future

    async def ledger(self, name):
        """Returns the tasks that a worker had at hand, or None if nobody says so in time."""
        done, _ = await asyncio.wait({self._ledger(name)}, timeout=LEDGER_SECONDS)
        self._ledgers.pop(name, None)  # A batch system may start the job again, under the same name.
        return done.pop().result() if done else None

    # Credentials

    async def credentials(self):
        """Returns the credentials as they are now, by the names of their files."""
        found = {}
        for name, path in self._credentials.items():
            try:
                with open(path, "rb") as file:
                    found[name] = file.read()
            except OSError:
                continue  # The run is about to end.
        return found

    def states(self):
        """Returns what differs when a credential was renewed."""
        found = {}
        for name, path in self._credentials.items():
            try:
                status = os.stat(path)
                found[name] = (status.st_ino, status.st_mtime_ns, status.st_size)
            except OSError:
                found[name] = None
        return found

    async def watch(self, renewed):
        """Calls `renewed` again and again when credentials were renewed."""
        before = self.states()
        while self._credentials:
            await asyncio.sleep(LOOK_SECONDS)
            now = self.states()
            if now != before and None not in now.values():
                before = now
                await renewed()
