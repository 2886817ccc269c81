"""A Dask worker of a pool: python -m muster_dask.worker FILE, where FILE is JSON written by the bridge."""

import asyncio
import json
import os
import platform
import signal
import sys
import threading

REFUSED = 78  # the worker's software does not fit the scheduler's
NO_SCHEDULER = 75


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


async def serve(spec, name):
    """Serves until the scheduler, a signal or the end of its lifetime ends the worker."""
    import dask
    from distributed import Security, Worker

    dask.config.set(
        {
            "distributed.worker.profile.interval": "10s",
            "distributed.worker.profile.cycle": "100s",
            "distributed.worker.profile.enabled": False,
            "distributed.worker.http.routes": [],
            "distributed.admin.tick.interval": "200ms",
            "distributed.comm.timeouts.connect": "10s",
        }
    )
    tls = spec["tls"]
    security = None
    if tls:
        security = Security(
            require_encryption=True, tls_ca_file=tls["ca"], tls_worker_cert=tls["cert"], tls_worker_key=tls["key"]
        )
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
        death_timeout=spec["death_timeout"],
        lifetime=spec["lifetime"],
        lifetime_stagger="30s" if spec["lifetime"] else None,
    )
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    await worker
    done = asyncio.ensure_future(worker.finished())
    stop = asyncio.ensure_future(over.wait())
    await asyncio.wait({done, stop}, return_when=asyncio.FIRST_COMPLETED)
    # What still runs in a thread must not keep the process.
    threading.Timer(5.0, lambda: os._exit(0)).start()
    if not done.done():
        await worker.close(timeout=2, executor_wait=False)


def main():
    """Runs a worker."""
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    check(spec)
    sys.path[:0] = [spec["base_dir"]]
    name = "%s-%d" % (spec["pool"], int(os.environ.get("MUSTER_WORKER_FIRST", "0")) + int(os.environ.get("MUSTER_JOB_INDEX", "0")))
    os.environ["MUSTER_POOL"] = spec["pool"]
    os.environ["MUSTER_BASE_DIR"] = spec["base_dir"]
    if os.path.isdir(spec["ledgers"]):
        os.environ["MUSTER_LEDGER"] = os.path.join(spec["ledgers"], name)
    code = 0
    try:
        asyncio.run(serve(spec, name))
    except (asyncio.TimeoutError, OSError) as error:
        print("muster: no connection to the scheduler at %s: %s" % (spec["address"], error), file=sys.stderr)
        code = NO_SCHEDULER
    from muster_dask import shell

    shell.kill_all()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
