"""The Dask cluster of a run: a scheduler of its own, or an existing one by its address."""

import json
import os
import platform
import sys
import tempfile
import zipfile

from muster_task import ownfiles

from . import RUNTIME, certificate
from .courier import Courier
from .loading import load_distributed
from .reports import read_ledger
from .runtime import TOPIC, prepare
from .tasks import number_of

OLDEST = (2022, 12)
LOG_LENGTHS = (
    "distributed.scheduler.events-log-length",
    "distributed.scheduler.transition-log-length",
    "distributed.admin.low-level-log-length",
)


class Unusable(Exception):
    """This Python cannot host the bridge, or the cluster cannot be reached; the message says what to do."""


def require_distributed():
    """Makes sure that `distributed` is there and not too old."""
    install = "%s -m pip install 'distributed>=%d.%d'" % ((sys.executable,) + OLDEST)
    debian = " (Debian: apt-get install python3-distributed python3-cryptography)"
    try:
        distributed = load_distributed()
    except ImportError as error:
        raise Unusable(
            "the Dask backend needs a Python with 'distributed'; %s has none (%s). Install it: %s%s; or choose another "
            "interpreter with execution.config.python" % (sys.executable, error, install, debian)
        ) from None
    version = tuple(int(part) for part in distributed.__version__.split("+")[0].split(".")[:2])
    if version < OLDEST:
        raise Unusable(
            "distributed %s (%s) is too old; %d.%d or newer is needed: %s"
            % ((distributed.__version__, sys.executable) + OLDEST + (install + " --upgrade",))
        )
    return distributed


def _told(path):
    """Returns a file in Dask's words: it takes a text with a line break for what is in the file."""
    if path is None or "\n" not in path:
        return path
    with open(path, encoding="utf-8") as file:
        return file.read()


def make_security(directory):
    """Makes a certificate authority for this run; returns the security and the paths of its files, readable by the owner only."""
    from distributed import Security

    try:
        text, key = certificate.make()
    except ImportError:
        raise Unusable(
            "TLS needs the Python package 'cryptography', which %s does not have. Install it: %s -m pip install cryptography "
            "(Debian: apt-get install python3-cryptography); or turn TLS off with execution.config.security: none"
            % (sys.executable, sys.executable)
        ) from None
    ownfiles.secret_folder(directory)
    files = {}
    for name, content in (("ca", text), ("cert", text), ("key", key)):
        path = os.path.join(directory, name + ".pem")
        ownfiles.write(path, content.encode("ascii"), ownfiles.SECRET)
        files[name] = path
    roles = ("scheduler", "worker", "client")
    keys = {"tls_%s_%s" % (role, what): _told(files[what]) for role in roles for what in ("cert", "key")}
    return Security(require_encryption=True, tls_ca_file=_told(files["ca"]), **keys), files


def given_security(tls):
    """Returns the security for an existing cluster: these files, else what Dask's own configuration says."""
    from distributed import Security

    if not tls:
        return Security()
    return Security(
        require_encryption=True,
        tls_ca_file=_told(tls.get("ca")),
        tls_client_cert=_told(tls.get("cert")),
        tls_client_key=_told(tls.get("key")),
    )


class Cluster:
    """A scheduler and a client of it. Everything happens on one event loop."""

    def __init__(self, spec, listener):
        self._spec = spec
        self._listener = listener
        self._files = None
        self.scheduler = None
        self.client = None
        self._shared = None
        self.courier = None  # where workers share no folder with this host
        self.worker_files = {}
        self.addresses = {}
        self._held = {}  # by the address of a worker that is about to be gone
        self.processes = set()  # the names of those that were one of several of their job

    async def open(self):
        """Starts or reaches the scheduler."""
        require_distributed()
        import dask
        from distributed import Client

        spec = self._spec
        spec["roots"] = None
        for key in LOG_LENGTHS:
            if dask.config.get(key, None) is not None:  # Versions differ in names.
                dask.config.set({key: 20})
        dask.config.set(
            {
                # What a lost worker had goes back to the bridge, which knows what was at hand and is to blame.
                "distributed.scheduler.allowed-failures": 0,
                "distributed.scheduler.worker-ttl": None,
                # It drops copies of outputs; the more there are, the less has to be made again when a worker is lost.
                "distributed.scheduler.active-memory-manager.start": False,
                "distributed.scheduler.http.routes": dask.config.get("distributed.scheduler.http.routes")
                if spec["dashboard"]
                else [],
                "distributed.scheduler.dashboard.status.task-stream-length": 1000,
                "distributed.admin.tick.interval": "200ms",
                "distributed.client.scheduler-info-interval": "10s",
            }
        )
        if spec["address"]:
            await self._reach(Client)
        else:
            await self._start(Client)
        self.client.subscribe_topic(TOPIC, self._event)

    async def _reach(self, client):
        address = self._spec["address"]
        try:
            self.client = await client(
                address, security=given_security(self._spec["tls"]), asynchronous=True, timeout=15, name="muster"
            )
        except (OSError, TypeError, ValueError, RuntimeError) as error:
            raise Unusable("no Dask scheduler could be reached at %s: %s" % (address, error)) from None
        for worker, info in self.client.scheduler_info()["workers"].items():
            self.addresses[str(info["name"])] = worker
        with tempfile.TemporaryDirectory() as folder:
            archive = os.path.join(folder, "muster_python.zip")
            pack(archive)
            await self.client.upload_file(archive)  # Workers that come later receive it too.
        for worker, version in (await self.client.run(prepare, on_error="return")).items():
            if version != RUNTIME:
                raise Unusable(
                    "the worker %s of the Dask cluster %s cannot work for this run: it answers %r instead of version %d of Muster's "
                    "runtime; restart it if another version of Muster has used it" % (worker, address, version, RUNTIME)
                )

    async def _start(self, client):
        from distributed import Scheduler
        from distributed.diagnostics.plugin import SchedulerPlugin

        spec = self._spec
        security = None
        if spec["security"] != "none":
            security, self._files = make_security(os.path.join(spec["work"], "tls"))
        host = spec["host"] or _this_host()
        self._host = host
        cluster = self

        class Watch(SchedulerPlugin):
            """Tells of workers that come and go."""

            name = "muster"

            def add_worker(self, scheduler, worker, **_):
                name = str(scheduler.workers[worker].name)
                cluster.addresses[name] = worker
                if job_of(name) != name:
                    cluster.processes.add(name)
                cluster._listener.worker_came(name)

            def remove_worker(self, scheduler, worker, **_):
                for name, address in list(cluster.addresses.items()):
                    if address == worker:
                        del cluster.addresses[name]
                        cluster._listener.worker_went(name, cluster._held.pop(worker, ()))

        class Forgetful(Scheduler):
            """Forgets what nothing reads any more before a worker goes; else it would make again what that one had. Notes what only that one had."""

            async def remove_worker(self, address, *args, **kwargs):
                client = cluster.client
                if client is not None and client.id in self.clients:
                    self.client_releases_keys(keys=cluster._listener.worker_goes(), client=client.id)
                if address in self.workers:
                    only = [each.key for each in self.workers[address].has_what if len(each.who_has) == 1]
                    cluster._held[address] = [number for number in map(number_of, only) if number is not None]
                return await super().remove_worker(address, *args, **kwargs)

        self.scheduler = Forgetful(
            protocol="tls" if security else "tcp",
            host=host,
            port=spec["scheduler_port"],
            security=security,
            dashboard=bool(spec["dashboard"]),
            dashboard_address=("127.0.0.1:%s" % spec["dashboard_port"]) if spec["dashboard"] else "127.0.0.1:0",
        )
        try:
            await self.scheduler
        except (OSError, RuntimeError) as error:
            reason = error if isinstance(error, OSError) else error.__cause__
            if spec["scheduler_port"] and isinstance(reason, OSError):
                raise Unusable(
                    "the scheduler cannot listen on port %d of %s (execution.config.scheduler_port): %s; ports belong to all users of "
                    "a host: name another one, or start the run on another host" % (spec["scheduler_port"], host, reason)
                ) from None
            raise
        self.scheduler.add_plugin(Watch())
        if spec["transfer"]:
            self.courier = Courier(spec, self.scheduler, security is not None)
            self.courier.datasets(spec["datasets"])
            self.courier.images(spec["stages"])
            spec["roots"] = self.courier.roots
        self.worker_files = self._write_worker_files()  # Workers of this host connect while the client does.
        self.client = await client(
            self.scheduler.address, security=security, asynchronous=True, name="muster", set_as_default=False
        )

    async def share(self, name, content):
        """Gives the scheduler what workers may ask it for."""
        self._shared = name
        await self.client.set_metadata([TOPIC, name], content)

    def dashboard(self):
        """Returns the dashboard's address, or None."""
        if not self._spec["dashboard"] or self.scheduler is None:
            return None
        server = getattr(self.scheduler, "http_server", None)
        return "http://127.0.0.1:%d/status" % server.port if server is not None else None

    def _write_worker_files(self):
        """Writes what a worker of each pool needs to know; returns pool to file."""
        import distributed

        spec = self._spec
        files = {}
        ledgers = os.path.join(spec["work"], "ledgers")
        ownfiles.secret_folder(ledgers)
        for number, pool in enumerate(spec["pools"]):
            path = os.path.join(spec["work"], "worker-%d.json" % number)
            content = {
                "address": self.scheduler.address,
                "tls": _texts(self._files) if spec["transfer"] or "\n" in spec["work"] else self._files,
                "host": "127.0.0.1" if self._host == "127.0.0.1" else None,
                "python": ".".join(platform.python_version_tuple()[:2]),
                "distributed": distributed.__version__,
                "runtime": RUNTIME,
                "pool": pool["name"],
                "resources": pool["resources"],
                "slots": pool["slots"],
                "threads": pool["threads"],
                "units": units(spec["routes"], pool["name"]),
                "memory": pool["memory"],
                "lifetime": pool["lifetime"],
                "drain": pool["drain"],
                "death_timeout": spec["death_timeout"],
                "scratch": pool["scratch"],
                "ports": pool["ports"],
                "records": spec["records"],
                "transfer": spec["transfer"],
                "base_dir": None if spec["transfer"] else spec["base_dir"],
                "ledgers": None if spec["transfer"] else ledgers,
                "code": spec["archive"],
                "credentials": sorted(spec["credentials"]),
            }
            ownfiles.write(path + ".new", json.dumps(content).encode(), ownfiles.SECRET)
            os.replace(path + ".new", path)  # Workers wait for it.
            files[pool["name"]] = path
        return files

    def idle(self, worker):
        """Tells whether a worker has nothing to do: one that has must not be retired, or its tasks would run twice."""
        state = self.scheduler.workers.get(self.addresses.get(worker)) if self.scheduler is not None else None
        return state is not None and not state.processing

    def ledger(self, worker):
        """Returns what a worker had noted when it was last seen, or None if that cannot be known."""
        path = os.path.join(self._spec["work"], "ledgers", ownfiles.file_name(worker))
        try:
            return read_ledger(path)
        except (OSError, ValueError):
            return None

    def work(self, pool, resources):
        """Returns how many groups Dask has for a pool, by the resources that they ask for. It makes again by itself what is lost."""
        if self.scheduler is None:
            return 0
        workers = (self.scheduler.workers.get(address) for name, address in self.addresses.items() if pool_of(name) == pool)
        given = sum(len(worker.processing) for worker in workers if worker is not None)
        return given + sum(1 for task in self.scheduler.unrunnable if task.resource_restrictions in resources)

    def _event(self, event):
        self._listener.reported(event[1])

    async def close(self):
        """Ends the scheduler, and with it its workers; an existing cluster is left as it was."""
        try:
            if self.client is not None:
                if self.scheduler is None and self._shared is not None:
                    await self.client.set_metadata([TOPIC, self._shared], None)
                await self.client.close(timeout=2)
        finally:
            if self.scheduler is not None:
                await self.scheduler.close()


def _texts(files):
    """Returns what files hold."""
    if files is None:
        return None
    texts = {}
    for name, path in files.items():
        with open(path, encoding="ascii") as file:
            texts[name] = file.read()
    return texts


def pool_of(name):
    """Returns the pool of a worker by its name, for example gpu of gpu-3."""
    return name.rpartition("-")[0]


def job_of(name):
    """Returns the name of a job's worker by that of the process of one of its slots, for example gpu-3 of gpu-3.1."""
    pool, dash, number = name.rpartition("-")
    return pool + dash + number.partition(".")[0]


def units(routes, pool):
    """Returns the most that one task asks for of each resource of a pool."""
    most = {}
    for route in routes:
        if pool in route["pools"]:
            for name, amount in route["resources"].items():
                most[name] = max(most.get(name, 0), amount)
    return most


def pack(archive):
    """Writes what workers need to import into a zip file."""
    import muster_task

    here = os.path.dirname(os.path.abspath(__file__))
    with zipfile.ZipFile(archive, "w") as file:
        for folder in (os.path.dirname(os.path.abspath(muster_task.__file__)), here):
            for name in sorted(os.listdir(folder)):
                if name.endswith(".py"):
                    file.write(os.path.join(folder, name), "%s/%s" % (os.path.basename(folder), name))


def _this_host():
    from distributed.utils import get_ip

    return get_ip()
