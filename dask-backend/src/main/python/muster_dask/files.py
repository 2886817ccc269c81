"""Files of tasks on a worker that shares no folder with anybody: they travel over Dask's connections to whoever needs them.

Whoever needs a file asks for it piece by piece, so that none is ever in memory as a whole.
"""

import asyncio
import concurrent.futures
import contextlib
import fcntl
import hashlib
import os
import pathlib
import tempfile
import threading
import time

from muster_task import errors, ownfiles, paths

from .network import TROUBLE, Unreachable, persist

PIECE = 4 << 20
SUBMIT_HOST = "submit-host"
POLL_SECONDS = 0.2
LOCK_SECONDS = 0.02


class WorkerFile:
    """Stands for a file or a folder of a worker, or of the submit host, in a value that travels."""

    __slots__ = ("address", "path")

    def __init__(self, address, path):
        self.address = address
        self.path = path

    def __reduce__(self):
        return WorkerFile, (self.address, self.path)


class WithFiles:
    """A value in which each path of a file that travels is a `WorkerFile`."""

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value

    def __reduce__(self):
        return WithFiles, (self.value,)

    def __sizeof__(self):
        from dask.sizeof import sizeof

        return sizeof(self.value)


KINDS = (pathlib.PurePath, WorkerFile)


class Gone(Exception):
    """A file cannot be had: whoever has it cannot be reached."""


def describe(error):
    """Returns an error of a connection in words: that of a timeout has none."""
    return str(error) or type(error).__name__


def replace(value, change):
    """Returns a value with change(item) in the place of paths and worker files; the value itself if there are none."""
    return paths.replace(value, change, KINDS)


class Reader:
    """Answers those who ask for files.

    allowed: tells whether a path may be read. within: tells whether a place may be read to which a link in such a folder leads.
    """

    def __init__(self, allowed, within=None):
        self._allowed = allowed
        self._within = within or allowed
        self.values = {}  # name to bytes that stand for a file

    def handlers(self):
        """Returns what is to be added to the handlers of a Dask server."""
        return {"muster_list": self.list, "muster_read": self.read}

    async def list(self, path):
        """Returns the files of a path: name below it, which is "" for a file, size and permissions."""
        return await asyncio.get_running_loop().run_in_executor(None, self._list, path)

    def _list(self, path):
        if path in self.values:
            return {"files": [["", len(self.values[path]), 0o644]]}
        if not self._allowed(path):
            return {"error": "%s is not among the files of this run" % path}
        try:
            files = paths.tree(path)
        except OSError as error:
            return {"error": str(error)}
        for name, _, _ in files:
            if not self._stays(path, name):
                return {"error": "%s leads out of the files of this run" % os.path.join(path, name)}
        return {"files": files}

    def _stays(self, path, name):
        if not name:
            return True  # What the run names may be a link.
        real = os.path.realpath(os.path.join(path, name))
        return paths.below(name) and (real.startswith(os.path.realpath(path) + os.sep) or self._within(real))

    async def read(self, path, name, offset, length):
        """Returns a piece of a file."""
        return await asyncio.get_running_loop().run_in_executor(None, self._read, path, name, offset, length)

    def _read(self, path, name, offset, length):
        value = self.values.get(path)
        if value is not None:
            return {"data": bytes(value[offset : offset + length])}
        if not self._allowed(path) or not paths.below(name) or not self._stays(path, name):
            return {"error": "%s is not among the files of this run" % os.path.join(path, name)}
        try:
            with open(os.path.join(path, name) if name else path, "rb") as file:
                file.seek(offset)
                return {"data": file.read(length)}
        except OSError as error:
            return {"error": str(error)}


async def bring(server, path, target):
    """Copies a file or a folder from a server to `target`, which is there as a whole or not at all.

    server: an rpc of Dask. Raises Gone if the server cannot be reached, and OSError if a file cannot be read or written.
    """
    try:
        listed = await server.muster_list(path=path)
    except (OSError, asyncio.TimeoutError) as error:
        raise Gone(describe(error)) from None
    if "error" in listed:
        raise OSError("%s cannot be fetched: %s" % (path, listed["error"]))
    loop = asyncio.get_running_loop()
    fresh = "%s.%d.%x.part" % (target, os.getpid(), time.monotonic_ns())
    ownfiles.folder(os.path.dirname(target))
    try:
        single = [name for name, _, _ in listed["files"]] == [""]
        if not single:
            ownfiles.folder(fresh)
        for name, size, mode in listed["files"]:
            own = os.path.join(fresh, name) if name else fresh
            if not paths.below(name):
                raise OSError("%s has a file with the name %r" % (path, name))
            ownfiles.folder(os.path.dirname(own))
            with os.fdopen(ownfiles.create(own), "wb") as file:
                done = 0
                while done < size:
                    try:
                        piece = await server.muster_read(path=path, name=name, offset=done, length=min(PIECE, size - done))
                    except (OSError, asyncio.TimeoutError) as error:
                        raise Gone(describe(error)) from None
                    if "error" in piece or not piece["data"]:
                        why = piece.get("error", "it became shorter while it was read")
                        raise OSError("%s cannot be fetched: %s" % (os.path.join(path, name), why))
                    await loop.run_in_executor(None, file.write, piece["data"])
                    done += len(piece["data"])
            os.chmod(own, (mode | 0o600) & ~0o022)
        if os.path.isdir(target):
            remove(target)
        os.replace(fresh, target)
    except BaseException:
        remove(fresh)
        raise


def remove(path):
    """Deletes a file or a folder, if it is there."""
    import shutil

    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


class Files:
    """The files of one worker. Thread-safe.

    worker: the Dask worker. home: the folder of its job.
    """

    def __init__(self, worker, home):
        self._worker = worker
        self._home = home
        self.base = os.path.join(home, "base")
        self._roots = tuple(os.path.realpath(root) + os.sep for root in (home, tempfile.gettempdir()))
        self._reader = Reader(self._readable, self._readable)
        worker.handlers.update(self._reader.handlers())
        self._lock = threading.Lock()
        self._locks = {}
        self._numbers = 0

    def travels(self, path):
        """Tells whether a path is the worker's own; others are places of the site, which are the same everywhere."""
        return os.path.realpath(path).startswith(self._roots)

    def _readable(self, path):
        """Tells whether others may ask for a path: not for keys, credentials and the like, which lie in the folder of the job itself."""
        real, home = os.path.realpath(path), os.path.realpath(self._home)
        return self.travels(path) and os.path.dirname(real) != home and not (home + os.sep).startswith(real + os.sep)

    def folder(self, name):
        """Returns the folder of a task by its place in the run."""
        return os.path.join(self._home, "tasks", name)

    # Between workers

    def export(self, output):
        """Returns an output as it travels to other workers."""

        def change(path):
            path = os.path.abspath(str(path))
            return WorkerFile(self._worker.address, path) if self.travels(path) else pathlib.Path(path)

        changed = replace(output, change)
        return output if changed is output else WithFiles(changed)

    def restore(self, value):
        """Returns a value with paths of this machine; fetches what lies elsewhere. Raises Gone if its worker is gone."""
        return replace(value.value, self._local) if type(value) is WithFiles else value

    def given(self, value, roots):
        """Returns a value that was made on the submit host; files in the folders `roots` there are fetched."""

        def change(path):
            text = str(path)
            own = any(text.startswith(root + "/") for root in roots)
            return self._local(WorkerFile(SUBMIT_HOST, text)) if own else path

        return replace(value, change)

    def _local(self, item):
        if type(item) is not WorkerFile:
            return item
        if item.address == self._worker.address:
            return pathlib.Path(item.path)
        key = hashlib.sha1(("%s %s" % (item.address, item.path)).encode()).hexdigest()[:20]
        target = os.path.join(self._home, "fetched", key, os.path.basename(item.path))
        self._once(item.address, item.path, target)
        return pathlib.Path(target)

    def data(self, names, base):
        """Fetches files of the workflow's folder on the submit host, to the same names below this worker's."""
        for name in names:
            self._once(SUBMIT_HOST, os.path.join(base, name), os.path.join(self.base, name))

    def _once(self, address, path, target):
        with self._lock:
            lock = self._locks.setdefault(target, threading.Lock())
        with lock:
            if not os.path.lexists(target):
                with self._alone(target):
                    if not os.path.lexists(target):
                        self._call(self._bring, address, path, target)

    @contextlib.contextmanager
    def _alone(self, target):
        """Returns a context in which no other process of this job fetches the same: each slot has one."""
        folder = os.path.join(self._home, "locks")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, hashlib.sha1(target.encode()).hexdigest()[:20]), "w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(LOCK_SECONDS)
            yield

    async def _bring(self, address, path, target):
        what = "%s cannot be fetched" % path
        if address == SUBMIT_HOST:
            return await persist(lambda: bring(self._worker.scheduler, path, target), what, Gone)
        try:
            await bring(self._worker.rpc(address), path, target)  # If it is gone, the file is made again.
        except Gone as gone:
            raise Gone("%s: %s" % (what, gone)) from None

    # To the submit host

    def deliver(self, output, directory):
        """Returns an output as it leaves Dask: the files that it names are in the run's directory then."""
        names = paths.Names(self.folder(directory))

        def change(path):
            path = os.path.abspath(str(path))
            if not self.travels(path):
                return pathlib.Path(path)
            return pathlib.Path(self._send(path, "%s/%s" % (directory, names.of(path))))

        return replace(output, change)

    def deliver_bytes(self, content, directory, name):
        """Sends bytes as a file of the run's directory; returns its path there."""
        with self._lock:
            self._numbers += 1
            token = "value:%d" % self._numbers
        self._reader.values[token] = memoryview(content).cast("B")
        try:
            return self._send(token, "%s/%s" % (directory, name))
        finally:
            del self._reader.values[token]

    def _send(self, path, target):
        async def send():
            answer = await self._worker.scheduler.muster_fetch(address=self._worker.address, path=path, target=target)
            if answer.get("unreachable"):
                raise Gone(answer["error"])
            return answer

        what = "the file %s of the output did not reach the run's directory" % path
        answer = self._call(persist, send, what, (Gone,) + TROUBLE)
        if "error" in answer:
            raise errors.Failure("SERIALIZATION", "%s: %s" % (what, answer["error"]))
        return answer["path"]

    def _call(self, function, *arguments):
        """Runs a coroutine on the worker's event loop, in a way that can be interrupted."""
        future = asyncio.run_coroutine_threadsafe(function(*arguments), self._worker.loop.asyncio_loop)
        try:
            while not future.done():
                concurrent.futures.wait([future], POLL_SECONDS)
            return future.result()
        except Unreachable as error:
            raise errors.Failure("NETWORK", str(error)) from None
        except BaseException:
            future.cancel()
            raise
