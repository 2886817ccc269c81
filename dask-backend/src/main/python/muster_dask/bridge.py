"""Joins Muster's JVM with a Dask cluster: one JSON object a line over standard input and output.

The end of standard input, whatever the reason, is the end of everything that the bridge has started.
"""

import array
import asyncio
import base64
import functools
import gc
import json
import os
import signal
import sys
import threading
import time
import traceback

from . import RUNTIME, credentials, network
from .adaptive import Adaptive
from .cluster import Cluster, Unusable, job_of, pool_of
from .flow import Flow
from .incoming import read_lines
from .output import Output
from .reports import PLAIN
from .runtime import interrupt

IDLE_SECONDS = 0.002
LONGEST_WAIT = 0.03
NEXT_SECONDS = 0.001
TELL_SECONDS = 0.005
CLOSE_SECONDS = 5
UNDECIDED = ("pending", "lost")  # what is lost is made again
UNREPORTED_SECONDS = 5
LAST_REPORT_SECONDS = 0.5
SWEEP_SECONDS = 0.2
SWEEP_RARITY = 50  # of the time, at most the 50th part is spent on it


class Bridge:
    """One run."""

    def __init__(self, loop, output):
        self._loop = loop
        self._output = output
        self._cluster = None
        self._flow = None
        self._slots = {}
        self._threads = {}  # how many tasks a process of the pool runs at a time
        self._jobs = {}  # the names of the processes that are there, by job
        self._pending = []
        self._watched = {}
        self._early = []
        self._telling = False
        self._filling = None
        self._more = False
        self._since = 0.0
        self._tasks = set()
        self._adaptive = {}
        self._awaited = set()  # workers that died, and whose keeper may say what they had at hand
        self.over = asyncio.Event()

    # From the JVM

    def lines(self, lines):
        """Takes lines of input."""
        for line in lines:
            message = json.loads(line)
            op = message["op"]
            if self._flow is None and op not in ("open", "close"):
                self._early.append(line)
            elif op == "submit":
                self._flow.submit(
                    message["stage"], message["attempt"], message["route"], message["tasks"], message.get("deps")
                )
            elif op == "open":
                self._spawn(self._open(message))
            elif op == "partitions":
                self._flow.partitions(message["items"])
            elif op == "values":
                self._flow.values(message["items"])
                if self._cluster.courier is not None:
                    self._cluster.courier.values(message["items"])
            elif op == "release":
                self._flow.release(message["tasks"])
            elif op == "cancel":
                self._cancel(message["tasks"])
            elif op == "dead":
                self._flow.pool_died(message["pool"], message["reason"])
            elif op == "close":
                self.over.set()
                return
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
        except Exception:
            self._broken("tasks could not be sent to Dask:\n" + traceback.format_exc())

    def _cancel(self, tasks):
        for worker, running in self._flow.cancel(tasks).items():
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
        try:
            await cluster.open()
            flow = Flow(spec, self, self._capacity, self._tell, self._watch)
            await cluster.share(*flow.common())
        except Unusable as error:
            return self._broken(str(error))
        except Exception:
            return self._broken("the Dask scheduler could not be started:\n" + traceback.format_exc())
        self._flow = flow
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
                "workers": cluster.write_worker_files() if cluster.scheduler else {},
            }
        )
        self._spawn(self._sweep())
        if self._adaptive:
            adaptive = Adaptive(self._adaptive, self._slots, cluster, self._flow, self._want)
            self._spawn(adaptive.follow(self.over))
        if cluster.courier is not None:
            self._spawn(cluster.courier.watch(self._renewed))
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

    def _watch(self, group):
        self._watched[group] = None

    async def _sweep(self):
        """Looks again and again what has become of groups: that most are done is known from reports, at no cost to each."""
        pause = SWEEP_SECONDS
        while not self.over.is_set():
            await asyncio.sleep(pause)
            began = time.perf_counter()
            ended = [group for group in self._watched if not self._undecided(group)]
            pause = max(SWEEP_SECONDS, (time.perf_counter() - began) * SWEEP_RARITY)
            for group in ended:
                del self._watched[group]
                try:
                    await self._ended(group)
                except Exception:
                    self._broken("the bridge failed:\n" + traceback.format_exc())
            self._flow.tidy()
            if ended:
                self._fill_soon()

    def _undecided(self, group):
        future = group.future
        return future is not None and future.status in UNDECIDED and not (group.over and group.needless())

    async def _ended(self, group):
        future = group.future
        if future is None:  # It was taken back, or let go of.
            return
        if future.status in UNDECIDED:  # Its outputs were lost since we looked, and are made again.
            return self._watch(group)
        if future.status == "finished":
            self._flow.finished(group)
            if group.unreported():
                self._loop.call_later(UNREPORTED_SECONDS, self._unreported, group)
        elif future.status == "cancelled":
            self._flow.cancelled(group)
        else:
            try:
                error = await future.exception()
            except asyncio.CancelledError:
                return self._flow.cancelled(group)
            if error is None and future.status != "error":  # It failed, and is tried again.
                return self._watch(group)
            # Dask does not say why if it failed with another group that was lost with its worker and is forgotten since.
            lost = error is None or type(error).__name__ == "KilledWorker"
            if lost and self._awaited:
                return self._watch(group)  # Who is to blame will be known soon.
            blame = self._cluster.scheduler is None
            why = "%s: %s" % (type(error).__name__, error) if error else "what it reads was lost with its worker"
            self._flow.broke(group, lost, blame, why, network.kind(error))

    def _unreported(self, group):
        if not self.over.is_set():
            self._flow.unreported(group)
            self._fill_soon()

    # What the cluster says

    def reported(self, message):
        """Takes the reports of a worker."""
        worker = message["name"]
        pool = message["pool"]
        try:
            for item in message["items"]:
                if self._flow.report(worker, item):
                    self._tell(worker, item, pool)
        except Exception:
            self._broken("the bridge failed:\n" + traceback.format_exc())
        self._fill_soon()

    def worker_came(self, name):
        """A worker is there."""
        there = self._jobs.setdefault(job_of(name), set())
        if not there:
            self._output.write({"ev": "worker", "name": job_of(name), "pool": pool_of(name), "up": True})
        there.add(name)
        self._fill_soon()

    def worker_goes(self):
        """A worker is about to be gone; returns the keys that Dask is to forget before."""
        return [] if self.over.is_set() or self._flow is None else self._flow.tidy(0)

    def worker_went(self, name):
        """A worker is gone."""
        if self.over.is_set() or self._flow is None:
            return
        noted = self._cluster.ledger(name) if self._cluster.courier is None else None
        if noted is not None and not self._flow.unheard(noted.tasks):
            self._lost(name, noted.blamed())
        else:
            self._awaited.add(name)
            self._spawn(self._await_ledger(name, noted))

    async def _await_ledger(self, name, noted):
        # What a worker told last may be on its way, and it may yet note that its connection broke.
        end = time.monotonic() + LAST_REPORT_SECONDS
        while noted is not None and self._flow.unheard(noted.tasks) and time.monotonic() < end:
            await asyncio.sleep(TELL_SECONDS)
            noted = self._cluster.ledger(name)
        blamed = noted and noted.blamed()
        if self._cluster.courier is not None:
            blamed = await self._cluster.courier.ledger(name)
        self._awaited.discard(name)
        try:
            self._lost(name, blamed)
        except Exception:
            self._broken("the bridge failed:\n" + traceback.format_exc())

    async def _renewed(self):
        """Lets every worker take the credentials that were renewed."""
        try:
            answers = await self._cluster.client.run(credentials.renew, on_error="return")
        except Exception as error:
            answers = {"the scheduler": error}
        for address, answer in answers.items():
            if answer is not True:
                print("muster: %s has not taken a renewed credential: %r" % (address, answer), file=sys.stderr)

    def _lost(self, name, blamed):
        reason = "its worker %s died while it ran" % job_of(name)
        if blamed is None:
            blamed = self._flow.running_on(name)
        self._flow.worker_died(blamed, reason, name)
        self._flush()
        there = self._jobs.get(job_of(name), set())
        there.discard(name)
        if not there:
            self._output.write({"ev": "worker", "name": job_of(name), "pool": pool_of(name), "up": False})
        self._fill_soon()

    def _tell(self, worker, item, pool=None):
        if worker in self._cluster.processes:
            worker = job_of(worker)
        plain = item[0] == "o" and len(item) == PLAIN
        last = self._pending[-1] if self._pending else None
        if last is None or last[0] != worker or plain != isinstance(last[2], array.array):
            last = [worker, pool or (worker and pool_of(worker)), array.array("q") if plain else []]
            self._pending.append(last)
        if plain:  # Most are: they travel as numbers.
            last[2].extend(item[1:])
        else:
            last[2].append(item)
        if not self._telling:
            self._telling = True
            self._loop.call_later(TELL_SECONDS, self._flush)

    def _flush(self):
        self._telling = False
        if self._pending:
            items, self._pending = self._pending, []
            for each in items:
                if isinstance(each[2], array.array):
                    if sys.byteorder == "big":
                        each[2].byteswap()
                    each[2] = base64.b64encode(each[2]).decode("ascii")
            self._output.write({"ev": "reports", "workers": items})

    def _want(self, pool, workers):
        self._output.write({"ev": "want", "pool": pool, "workers": workers})

    def _broken(self, message):
        self._flush()
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
        bridge._broken("the bridge failed:\n" + traceback.format_exc())


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
