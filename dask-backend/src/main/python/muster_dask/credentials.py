"""A worker's copies of credentials: files that only their owner may read, replaced as a whole, deleted at the end."""

import glob
import os
import sys
import time

from muster_task import ownfiles

from .network import persist

#: The folder and the names of the files; set when the worker starts.
_here = None, ()


def begin(folder, names):
    """Says where the copies lie, and makes sure that nobody else can read them."""
    global _here
    _here = folder, tuple(names)
    for name in names:
        os.chmod(os.path.join(folder, name), 0o600)


def write(contents):
    """Replaces copies: whoever opens one sees all of the old or all of the new."""
    folder, names = _here
    for name, content in contents.items():
        if name not in names:
            continue
        path = os.path.join(folder, name)
        fresh = "%s.%d.new" % (path, os.getpid())  # The slots of a job have a process each.
        ownfiles.write(fresh, content, ownfiles.SECRET)
        os.replace(fresh, path)


def delete():
    """Deletes the copies."""
    folder, names = _here
    for name in names:
        for path in [os.path.join(folder, name)] + glob.glob(os.path.join(glob.escape(folder), glob.escape(name) + ".*.new")):
            try:
                os.unlink(path)
            except FileNotFoundError:
                pass


async def take(scheduler):
    """Asks the bridge for the credentials as they are now. scheduler: an rpc of Dask."""
    if not _here[1]:
        return
    started = time.monotonic()
    write(await persist(scheduler.muster_credentials, "the credentials cannot be fetched"))
    print("muster: credentials taken (%.3f s)" % (time.monotonic() - started), file=sys.stderr, flush=True)


async def renew(dask_worker):
    """Takes renewed credentials on this worker. They are asked for, so that no call has them as an argument."""
    await take(dask_worker.scheduler)
    return True
