"""Joins Muster's JVM with a Dask cluster: one JSON object a line over standard input and output.

The end of standard input, whatever the reason, is the end of everything that the bridge has started.
"""

import asyncio
import functools
import gc
import json
import os
import signal
import sys
import threading
import time
import traceback

from . import RUNTIME, credentials
from .adaptive import Adaptive
from .cluster import Cluster, Unusable, job_of, pool_of
from .flow import Flow
from .grouping import HOLD_SECONDS
from .incoming import read_lines
from .lostworkers import LostWorkers
from .output import Output
from .runtime import interrupt
from .telling import Telling
from .watch import Watch

IDLE_SECONDS = 0.002
LONGEST_WAIT = 0.03
NEXT_SECONDS = 0.001
CLOSE_SECONDS = 5


class Bridge:
    """One run."""

    def __init__(self, loop, output):
        self._loop = loop
        self._output = output
        self._cluster = None
        self._telling = None
        self._watch = None
        self._lost = None
        self._flow = None
        self._slots = {}
        self._threads = {}  # how many tasks a process of the pool runs at a time
        self._jobs = {}  # the names of the processes that are there, by job
        self._early = []
        self._early_workers = []
        self._filling = None
        self._waking = None
        self._more = False
        self._since = 0.0
        self._tasks = set()
        self._adaptive = {}
        self.over = asyncio.Event()

    # From the JVM

    def lines(self, lines):
        """Takes lines of input."""
        ready = False
        for line in lines:
            message = json.loads(line)
            op = message["op"]
            ready = ready or op != "release"
            if self._flow is None and op not in ("open", "close"):
                self._early.append(line)
            elif op == "submit":
                self._flow.lifecycle.submit(
                    message["stage"], message["attempt"], message["route"], message["tasks"], message.get("deps"),
                    message.get("missing"),
                )
            elif op == "open":
                self._spawn(self._open(message))
            elif op == "partitions":
                self._flow.partitions(message["items"])
            elif op == "values":
                self._flow.values(message["items"])
                if self._cluster.courier is not None:
                    self._cluster.courier.values(message["items"])
            elif op == "places":
                self._flow.places(message["items"])
            elif op == "release":
                self._flow.lifecycle.release(message["tasks"])
            elif op == "cancel":
                self._cancel(message["tasks"])
            elif op == "dead":
                self._flow.lifecycle.pool_died(message["pool"], message["reason"])
            elif op == "close":
                self.over.set()
                return
            else:
                raise ValueError("unknown message %r" % (op,))
        if ready:
            self._fill_soon()

    def _fill_soon(self):
        if self._flow is None:
            return
        self._more = True
        if self._filling is None:
            self._since = time.monotonic()
            self._fill_later()

    def _fill_later(self):
        self._more = False
        self._filling = self._loop.call_later(IDLE_SECONDS, self._fill)

    def _fill(self):
        if self._more and time.monotonic() - self._since < LONGEST_WAIT:
            return self._fill_later()  # More is coming in: what comes together can travel together.
        self._filling = None
        try:
            if self._flow.fill():
                self._filling = self._loop.call_later(NEXT_SECONDS, self._fill)
            if self._flow.holds() and self._waking is None:
                self._waking = self._loop.call_later(HOLD_SECONDS, self._wake)
        except Exception:
            self._broken("tasks could not be sent to Dask:\n" + traceback.format_exc())

    def _wake(self):
        self._waking = None
        self._fill_soon()

    def _failed(self):
        self._broken("the bridge failed:\n" + traceback.format_exc())

    def _cancel(self, tasks):
        for worker, running in self._flow.lifecycle.cancel(tasks).items():
            address = self._cluster.addresses.get(worker)
            if address is not None:
                self._spawn(self._interrupt(running, address))

    async def _interrupt(self, running, address):
        try:
            await self._cluster.client.run(interrupt, running, workers=[address], on_error="ignore")
        except Exception as error:
            print("muster: tasks on %s could not be ended: %r" % (address, error), file=sys.stderr)

    # The run

    async def _open(self, spec):
        for pool in spec["pools"]:
            self._slots[pool["name"]] = pool["slots"]
            self._threads[pool["name"]] = pool["slots"] if pool["threads"] or spec["address"] else 1
            if pool["adaptive"]:
                self._adaptive[pool["name"]] = pool["adaptive"]
        cluster = Cluster(spec, self)
        self._cluster = cluster
        self._telling = Telling(self._loop.call_later, self._output.write, cluster.processes)
        self._watch = Watch(self._fill_soon, self._failed)
        try:
            await cluster.open()
            flow = Flow(spec, self, self._capacity, self._telling.tell, self._watch.add)
            await cluster.share(*flow.common())
        except Unusable as error:
            return self._broken(str(error))
        except Exception:
            return self._broken("the Dask scheduler could not be started:\n" + traceback.format_exc())
        self._lost = LostWorkers(cluster, flow.lifecycle, self._spawn, self._worker_lost, self._failed)
        self._configured = {pool["name"]: pool["workers"] * pool["slots"] for pool in spec["pools"]}
        import distributed

        self._output.write(
            {
                "ev": "ready",
                "address": cluster.scheduler.address if cluster.scheduler else spec["address"],
                "distributed": distributed.__version__,
                "python": sys.version.split()[0],
                "runtime": RUNTIME,
                "dashboard": cluster.dashboard(),
                "workers": cluster.worker_files,
            }
        )
        self._spawn(self._watch.follow(flow, cluster, self._lost.awaited, self.over))
        if self._adaptive:
            adaptive = Adaptive(self._adaptive, self._slots, cluster, flow, self._want)
            self._spawn(adaptive.follow(self.over))
        if cluster.courier is not None:
            self._spawn(cluster.courier.watch(self._renewed))
        self._begin(flow)

    def _begin(self, flow):
        """Begins with what has come before the JVM knew that the bridge is ready."""
        self._flow = flow
        workers, self._early_workers = self._early_workers, []
        for event, *details in workers:
            event(*details)
        early, self._early = self._early, []
        take(self, early)

    def _capacity(self, route):
        names = list(self._cluster.addresses)
        alive = sum(self._threads[pool] for pool in route.pools for name in names if pool_of(name) == pool)
        return alive or sum(self._configured[pool] for pool in route.pools)

    def _spawn(self, coroutine):
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What the flow needs of the client

    def map(self, *args, **kwargs):
        """Sends groups."""
        return self._cluster.client.map(*args, **kwargs)

    def cancel(self, futures, force):
        """Takes groups back."""
        self._spawn(self._take_back(futures, force))

    async def _take_back(self, futures, force):
        try:
            await self._cluster.client.cancel(futures, force=force)
        except Exception as error:
            print("muster: groups could not be taken back: %r" % (error,), file=sys.stderr)

    # What the cluster says

    def reported(self, message):
        """Takes the reports of a worker."""
        worker = message["name"]
        pool = message["pool"]
        try:
            for item in message["items"]:
                if self._flow.lifecycle.report(worker, item):
                    self._telling.tell(worker, item, pool)
        except Exception:
            self._failed()
        self._fill_soon()

    def worker_came(self, name):
        """A worker is there."""
        if self._flow is None:  # The JVM has not heard yet that the bridge is ready.
            return self._early_workers.append((self.worker_came, name))
        there = self._jobs.setdefault(job_of(name), set())
        if not there:
            self._output.write({"ev": "worker", "name": job_of(name), "pool": pool_of(name), "up": True})
        there.add(name)
        self._fill_soon()

    def worker_goes(self):
        """A worker is about to be gone; returns the keys that Dask is to forget before."""
        return [] if self.over.is_set() or self._flow is None else self._flow.tidy(0)

    def worker_went(self, name, held):
        """A worker is gone. held: numbers of the groups whose outputs only it had."""
        if self._flow is None:
            self._early_workers.append((self.worker_went, name, held))
        elif not self.over.is_set():
            self._lost.went(name, held)

    def _worker_lost(self, name):
        """A worker is gone, and what it had at hand is seen to."""
        self._telling.flush()
        there = self._jobs.get(job_of(name), set())
        there.discard(name)
        if not there:
            self._output.write({"ev": "worker", "name": job_of(name), "pool": pool_of(name), "up": False})
        self._fill_soon()

    async def _renewed(self):
        """Lets every worker take the credentials that were renewed."""
        try:
            answers = await self._cluster.client.run(credentials.renew, on_error="return")
        except Exception as error:
            answers = {"the scheduler": error}
        for address, answer in answers.items():
            if answer is not True:
                print("muster: %s has not taken a renewed credential: %r" % (address, answer), file=sys.stderr)

    def _want(self, pool, workers):
        self._output.write({"ev": "want", "pool": pool, "workers": workers})

    def _broken(self, message):
        if self._telling is not None:
            self._telling.flush()
        self._output.write({"ev": "error", "message": message})

    async def close(self):
        """Takes everything down."""
        for task in list(self._tasks):
            task.cancel()
        if self._cluster is not None:
            await asyncio.wait_for(self._cluster.close(), CLOSE_SECONDS)


def take(bridge, lines):
    """Gives lines to the bridge."""
    try:
        bridge.lines(lines)
    except Exception:
        bridge._failed()


async def serve(incoming, outgoing):
    """Serves one run."""
    loop = asyncio.get_running_loop()
    output = Output(outgoing)
    bridge = Bridge(loop, output)
    for number in (signal.SIGTERM, signal.SIGINT):
        # Ctrl-C reaches the whole process group; the JVM decides what becomes of it.
        loop.add_signal_handler(number, (lambda: None) if number == signal.SIGINT else bridge.over.set)
    listen = functools.partial(
        read_lines, incoming, loop, functools.partial(take, bridge), bridge.over.set, CLOSE_SECONDS + 3
    )
    threading.Thread(target=listen, daemon=True, name="muster-input").start()
    await bridge.over.wait()
    try:
        await bridge.close()
    except (asyncio.TimeoutError, OSError) as error:
        print("muster: the scheduler did not end in time: %r" % (error,), file=sys.stderr)
    output.finish(1)


def main():
    """Runs the bridge."""
    gc.set_threshold(50_000, 20, 50)  # There are many objects here that live long.
    incoming, outgoing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    asyncio.run(serve(incoming, outgoing))
    os._exit(0)


if __name__ == "__main__":
    main()
