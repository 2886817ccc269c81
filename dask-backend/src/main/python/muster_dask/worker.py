"""A Dask worker of a pool: muster_dask.worker FILE, where FILE is JSON written by the bridge."""

import argparse
import asyncio
import json
import os
import platform
import random
import signal
import sys
import threading
import time

from muster_task import children, ownfiles, usercode

from . import credentials
from .keeper import Keeper
from .loading import load_distributed

REFUSED = 78  # the worker's software does not fit the scheduler's
NO_SCHEDULER = 75  # it found none, or its connection to it broke
SPEC_SECONDS = 300
SHORTEST_LOOK, LONGEST_LOOK = 0.002, 0.05  # Many workers may look into a folder of another machine.
LOOKS = 100  # while the time that has passed doubles
CLOSE_SECONDS = 3.0


def refuse(message):
    """Ends the process before any task is taken."""
    print("muster: this worker is refused: " + message, file=sys.stderr, flush=True)
    os._exit(REFUSED)


def check(spec):
    """Makes sure that this worker can work with the scheduler."""
    python = ".".join(platform.python_version_tuple()[:2])
    if python != spec["python"]:
        refuse(
            "it has Python %s (%s) and the scheduler %s; give pool %s an interpreter of that version with config.python"
            % (python, sys.executable, spec["python"], spec["pool"])
        )
    try:
        import distributed
    except ImportError as error:
        refuse(
            "%s; install it for %s: %s -m pip install distributed==%s"
            % (error, sys.executable, sys.executable, spec["distributed"])
        )
    if distributed.__version__ != spec["distributed"]:
        refuse(
            "it has distributed %s (%s) and the scheduler %s; install that one"
            % (distributed.__version__, sys.executable, spec["distributed"])
        )
    from muster_dask import RUNTIME

    if RUNTIME != spec["runtime"]:
        refuse("it has version %s of Muster's runtime and the scheduler %s" % (RUNTIME, spec["runtime"]))


def end(code):
    """Ends the process at once, with the commands that it runs."""
    from muster_task import commands

    commands.kill_all()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


async def leave_in_time(worker, lifetime, drain):
    """Ends the worker after its lifetime: it takes no more tasks, finishes those at hand, and hands on what it holds.

    lifetime: seconds, or None for ever. drain: for how many seconds it finishes what is at hand, or None for as long as it takes.
    """
    if lifetime is None:
        return
    # Workers that started together do not all leave at the same moment.
    await asyncio.sleep(lifetime - random.random() * min(30.0, lifetime / 10))
    print("muster: this worker has served its time and takes no more tasks", file=sys.stderr, flush=True)
    await leave_now(worker, drain)


async def leave_with(worker, descriptor, drain):
    """Ends the worker in the same way when another slot of its job has ended. descriptor: comes to its end then, or None."""
    if descriptor is None:
        return
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, gone.set)
    try:
        await gone.wait()
    finally:
        loop.remove_reader(descriptor)
    await leave_now(worker, drain)


async def leave_now(worker, drain):
    """Lets the worker take no more tasks, finish those at hand, hand on what it holds, and end."""
    from distributed.core import Status

    from muster_dask import runtime

    worker.memory_manager.memory_pause_fraction = False  # Else it might be told to go on.
    worker.status = Status.paused
    end = None if drain is None else time.monotonic() + drain
    while (worker.state.executing or worker.state.long_running) and (end is None or time.monotonic() < end):
        await asyncio.sleep(0.1)
    worker.muster_leaves = True
    runtime.left()
    await worker.close_gracefully()


def security_of(spec):
    """Returns the security of the worker's connections, or None; the files may be there as texts."""
    from distributed import Security

    from muster_dask.certificate import unwritten

    tls = spec["tls"]
    if not tls:
        return None
    cert, key = unwritten(tls["cert"]), unwritten(tls["key"])
    return Security(require_encryption=True, tls_ca_file=tls["ca"], tls_worker_cert=cert, tls_worker_key=key)


def note_farewell(worker):
    """Returns an event that is set when the scheduler tells the worker to end, and not when their connection breaks: that is noted."""
    from muster_dask import runtime

    told = asyncio.Event()
    close = worker.stream_handlers["close"]
    listen = worker.handle_stream

    def heed(*args, **kwargs):
        told.set()
        runtime.left()
        return close(*args, **kwargs)

    async def hear(*args, **kwargs):
        try:
            await listen(*args, **kwargs)
        finally:
            if not told.is_set() and worker.status.name in ("running", "paused"):
                runtime.broken()

    worker.stream_handlers["close"] = heed
    worker.handle_stream = hear
    return told


async def serve(spec, name, security, started):
    """Serves until the scheduler, a signal or the end of its lifetime ends the worker; returns its exit code."""
    import dask
    from distributed import Worker
    from distributed.core import rpc

    from muster_dask import runtime

    dask.config.set(
        {
            "distributed.worker.profile.interval": "10s",
            "distributed.worker.profile.cycle": "100s",
            "distributed.worker.profile.enabled": False,
            "distributed.worker.http.routes": [],
            "distributed.admin.tick.interval": "200ms",
            "distributed.comm.timeouts.connect": os.environ.get("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "10s"),
        }
    )
    if spec["transfer"] and spec["credentials"] and security is not None:
        # What came with the job may have waited in a queue.
        async with rpc(spec["address"], connection_args=security.get_connection_args("worker")) as scheduler:
            await credentials.take(scheduler)
    worker = Worker(
        spec["address"],
        nthreads=spec["slots"],
        name=name,
        resources=spec["resources"],
        security=security,
        local_directory=spec["scratch"],
        memory_limit=spec["memory"] or 0,
        dashboard=False,
        dashboard_address=spec["host"] + ":0" if spec["host"] else None,
        host=spec["host"],
        port=spec["ports"],
        death_timeout=spec["death_timeout"],
    )
    told = note_farewell(worker)
    worker.muster_leaves = False
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    signals = []

    def heed(number):
        signals.append(number)
        over.set()

    def caught(number, _):
        # The loop's own way would let a signal of a forked child come here: they share the descriptor that wakes it.
        if not children.is_child():
            loop.call_soon_threadsafe(heed, number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, caught)
    children.settle(lambda: runtime.descriptors(loop))
    if spec["records"]:
        runtime.look_at_code()
    await worker
    print("muster: worker %s is ready (%.3f s)" % (name, time.monotonic() - started), file=sys.stderr, flush=True)
    done = asyncio.ensure_future(worker.finished())
    stop = asyncio.ensure_future(over.wait())
    leaves = [
        asyncio.ensure_future(leave_in_time(worker, spec["lifetime"], spec["drain"])),
        asyncio.ensure_future(leave_with(worker, spec["leave"], spec["drain"])),
    ]
    while not done.done() and not stop.done() and worker.status.name not in ("closing", "failed", "closed"):
        await asyncio.wait({done, stop}, timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
    code = 128 + signals[0] if signals else 0
    if signals:
        runtime.left()
    if not signals and not told.is_set() and not worker.muster_leaves:
        code = NO_SCHEDULER
        print("muster: the connection to the scheduler at %s is broken" % spec["address"], file=sys.stderr, flush=True)
    for leave in leaves:
        leave.cancel()
    # What still runs in a thread must not keep the process.
    last = threading.Timer(CLOSE_SECONDS, end, (code,))
    last.daemon = True
    last.start()
    if not done.done():
        await worker.close(timeout=2, executor_wait=False)
    return code


def read_spec(path):
    """Returns what the bridge says, which may still be starting."""
    parent = os.getppid()
    began = time.monotonic()
    while not os.path.exists(path):
        waited = time.monotonic() - began
        if waited > SPEC_SECONDS or os.getppid() != parent:
            print("muster: no scheduler has come: there is no %s" % path, file=sys.stderr, flush=True)
            os._exit(NO_SCHEDULER)
        time.sleep(min(LONGEST_LOOK, max(SHORTEST_LOOK, waited / LOOKS)))
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def arguments(words, spec):
    """Changes what the bridge says by arguments that workers of Dask know."""
    parser = argparse.ArgumentParser(prog="worker_extra_args", add_help=False, allow_abbrev=False)
    parser.add_argument("--host")
    parser.add_argument("--interface")
    parser.add_argument("--lifetime")
    parser.add_argument("--local-directory")
    parser.add_argument("--memory-limit")
    parser.add_argument("--worker-port")
    parser.add_argument("--death-timeout")
    parser.add_argument("--resources", default="")
    try:
        given = parser.parse_args(words)
        from dask.utils import parse_bytes, parse_timedelta

        if given.interface:
            from distributed.utils import get_ip_interface

            spec["host"] = get_ip_interface(given.interface)
        if given.host:
            spec["host"] = given.host
        if given.lifetime:
            spec["lifetime"] = parse_timedelta(given.lifetime)
        if given.local_directory:
            spec["scratch"] = given.local_directory
        if given.memory_limit:
            spec["memory"] = parse_bytes(given.memory_limit)
        if given.worker_port:
            spec["ports"] = given.worker_port
        if given.death_timeout:
            spec["death_timeout"] = parse_timedelta(given.death_timeout)
        for word in given.resources.replace(",", " ").split():
            resource, amount = word.split("=")
            spec["resources"][resource] = float(amount)
    except (SystemExit, ValueError) as error:
        refuse("its arguments are wrong (worker_extra_args): %s: %s" % (" ".join(words), error))


def preload():
    """Imports what takes long, while the scheduler starts."""
    try:
        load_distributed()
    except ImportError:
        return  # check() says so.
    import muster_dask.runtime  # noqa: F401


def settle(spec, home):
    """Makes a worker at home in the folder of its job, which has all that was sent, and nothing else to rely on."""
    os.chmod(os.path.join(home, sys.argv[1]), 0o600)  # It has the key of the connection.
    credentials.begin(home, spec["credentials"])
    folders = usercode.unpack(home, spec["code"])
    usercode.put_on_path(folders)
    os.chdir(folders[0])
    spec["scratch"] = spec["scratch"] or home
    os.environ["MUSTER_HOME"] = home


def share(spec, slot, count):
    """Changes what the bridge says to the part of one slot, where each of several has a process of its own."""
    spec["slots"] = 1
    spec["memory"] = spec["memory"] and spec["memory"] // count
    for name, amount in spec["resources"].items():
        if name.startswith("resource."):
            spec["resources"][name] = amount / count
            continue
        unit = spec["units"].get(name) or 1  # A task that asks for that much must find it in one slot.
        slots = min(count, int(amount // unit))
        rest = amount - unit * slots
        spec["resources"][name] = (unit if slot < slots else 0) + (rest if slot == 0 else 0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # Else all slots would draw the same numbers.


def split(spec, name, folder, security):
    """Makes a process for each slot, unless they are to share one; returns the name and the leave descriptor of this one."""
    count = 1 if spec["threads"] else spec["slots"]
    names = [name] if count == 1 else ["%s.%d" % (name, slot) for slot in range(count)]
    ledgers = [
        os.path.join(folder, "ledger" if spec["transfer"] and count == 1 else ownfiles.file_name(each)) for each in names
    ]
    slot = 0
    leave = None
    if count > 1 or spec["transfer"]:
        known = None if security is None else security.get_connection_args("worker")
        keeper = Keeper(spec["address"], known, names, ledgers, spec["transfer"])
        slot = keeper.split()
        leave = keeper.leave
    if count > 1:
        share(spec, slot, count)
    os.environ["MUSTER_LEDGER"] = ledgers[slot]
    return names[slot], leave


def main():
    """Runs a worker."""
    started = time.monotonic()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    preload()
    home = os.environ.get("MUSTER_FILES", "")
    spec = read_spec(os.path.join(home, sys.argv[1]))
    arguments(sys.argv[2:], spec)
    check(spec)
    number = int(os.environ.get("MUSTER_WORKER_FIRST", "0")) + int(os.environ.get("MUSTER_JOB_INDEX", "0"))
    name = "%s-%d" % (spec["pool"], number)
    os.environ["MUSTER_WORKER"] = name
    os.environ["MUSTER_POOL"] = spec["pool"]
    security = security_of(spec)
    if spec["transfer"]:
        settle(spec, home)
    else:
        usercode.put_on_path([spec["base_dir"]])
    name, spec["leave"] = split(spec, name, home if spec["transfer"] else spec["ledgers"], security)
    if not os.path.isdir(os.path.dirname(os.environ["MUSTER_LEDGER"])):
        del os.environ["MUSTER_LEDGER"]  # The bridge's folder cannot be seen from here.
    from muster_task import commands

    commands.begin()
    code = 0
    try:
        code = asyncio.run(serve(spec, name, security, started))
    except (asyncio.TimeoutError, OSError) as error:
        print("muster: no connection to the scheduler at %s: %s" % (spec["address"], error), file=sys.stderr)
        code = NO_SCHEDULER
    end(code)


if __name__ == "__main__":
    main()
