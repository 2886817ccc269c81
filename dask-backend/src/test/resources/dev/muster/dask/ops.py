"""Operations of the tests."""

import contextlib
import os
import pathlib
import signal
import sys
import threading
import time


def where(ctx, **inputs):
    """Says where it ran, and what it was given."""
    from distributed import get_worker

    return {
        "pool": os.environ["MUSTER_POOL"],
        "advertised": sorted(get_worker().state.total_resources if hasattr(get_worker(), "state") else []),
        "worker": ctx.worker,
        "pid": os.getpid(),
        "partition": None if ctx.partition is None else ctx.partition.index,
        "inputs": inputs,
    }


def one(ctx, **inputs):
    return 1


def add(ctx, **inputs):
    return 1 + sum(inputs.values())


def total(ctx, **inputs):
    return sum(sum(values) for values in inputs.values())


def hog():
    """Takes more memory than there is, and asks to be killed first."""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    return len(b"x" * (1500 << 20))


def echo(ctx, text):
    """Returns a text as it came, and from wherever it can be written to and read from."""
    folder = ctx.output_dir / text
    folder.mkdir()
    path = folder / (text + ".txt")
    path.write_text(text, encoding="utf-8")
    print(text)
    ctx.log(text)
    ctx.diagnostic(text, text)
    return [text, os.environ["X"], path.read_text(encoding="utf-8"), os.listdir(str(folder))[0][:-4], os.path.basename(str(folder))]


def large(megabytes):
    return bytes(int(megabytes * 1_000_000))


def words(count):
    return {"words": ["word %d" % number for number in range(count)]}


def size(ctx, **inputs):
    return sum(len(value) for value in inputs.values())


def given(ctx, **more):
    """Returns what it was given."""
    return {"inputs": ctx.inputs, "params": ctx.params, "attributes": ctx.dataset.attributes}


def foreign():
    """Returns what JSON cannot hold."""
    return complex(1, 2)


def real(foreign):
    return foreign.real


class Odd(Exception):
    """An exception that pickles but does not unpickle."""

    def __init__(self, one, two):
        super().__init__("odd %s %s" % (one, two))


def odd():
    raise Odd(1, 2)


def flaky(ctx, **inputs):
    """Fails the first time."""
    if ctx.attempt == 1:
        raise ValueError("not yet")
    return 10


def fail(ctx, **inputs):
    raise ValueError("never")


def sleep(ctx, seconds=60, **inputs):
    """Leaves a mark, then sleeps."""
    (pathlib.Path(ctx.base_dir) / ("started-%d" % os.getpid())).touch()
    time.sleep(float(seconds))
    return 1


def die(ctx, **inputs):
    """Kills its worker."""
    with open(os.path.join(ctx.base_dir, "deaths"), "a") as file:
        file.write("x")
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(ctx, **inputs):
    """Kills its worker the first time, whatever the attempt."""
    mark = os.path.join(ctx.base_dir, "died")
    if not os.path.exists(mark):
        with open(mark, "w"):
            pass
        os.kill(os.getpid(), signal.SIGKILL)
    return 5


def end_untold(ctx):
    """Lets its process end when it is over, before anybody is told."""
    from muster_dask.reports import Reporter

    def end(reporter, soon=False):
        if not reporter.running():  # What is sent now and then while it runs is not meant.
            os._exit(7)

    print("untold", file=sys.stderr, flush=True)
    Reporter.flush = end


def end_later(ctx):
    """Leaves a thread behind that ends its process."""
    timer = threading.Timer(0.3, os.abort)
    timer.daemon = True
    timer.start()
    return 1


def exit_once(ctx):
    """Ends its worker, as a program does that is out of memory, but in the larger pool."""
    if ctx.pool != "large":
        os._exit(137)
    return ctx.pool


def variable():
    return os.environ["GREETING"]


def talk(ctx):
    ctx.log("hello from a worker")
    ctx.diagnostic("answer", 42)
    (ctx.output_dir / "note").write_text("noted") if hasattr(ctx.output_dir, "write_text") else None
    return pathlib.Path(ctx.output_dir) / "note"


class Recorder:
    """Notes what it sees, and changes the output."""

    def __init__(self, add=0):
        self.add = add

    def before_node(self, node, ctx):
        ctx.diagnostic("before", node)

    def around_node(self, call):
        return call() + self.add

    def after_node(self, outputs, ctx):
        ctx.diagnostic("after", outputs["output"])

    def on_node_error(self, error, ctx):
        ctx.diagnostic("error", str(error))


def none():
    """Does nothing."""


def record(ctx, **inputs):
    """Notes in a file of its worker which stage ran there."""
    name = "record-%s-%d" % (os.environ["MUSTER_POOL"], os.getpid())
    with open(os.path.join(ctx.base_dir, name), "a") as file:
        file.write(ctx.stage + "\n")
    return 1


def stubborn(ctx):
    """Goes on for a minute on the first partition, whatever interrupts it."""
    if ctx.partition.index > 0:
        return os.getpid()
    (pathlib.Path(ctx.base_dir) / ("started-%d" % os.getpid())).touch()
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            time.sleep(0.02)
        except BaseException:
            continue


def foul(ctx, where):
    """Says the name of a file that is no UTF-8."""
    name = os.fsdecode(b"bad-\xff.root")
    print(name)
    ctx.log("at " + name)
    ctx.diagnostic("name", name)
    if where == "error":
        raise ValueError("not a ROOT file: " + name)
    return {name: 1} if where == "key" else None


def drop(ctx):
    """Costs its worker the connection to the scheduler, when it is over."""
    from distributed import get_worker

    get_worker().log_event("mine", "\udcff")


def child(ctx, **inputs):
    """Forks children that come back from here, or are ended; returns how they ended."""
    ends = []
    for how in ("returns", "raises", "terminated"):
        pid = os.fork()
        if pid == 0:
            if how == "raises":
                raise ValueError("child")
            if how == "terminated":
                time.sleep(60)
            return "of the child"
        if how == "terminated":
            os.kill(pid, signal.SIGTERM)
        _, status = os.waitpid(pid, 0)
        ends.append(-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
    return ends


def processes(ctx, **inputs):
    """Ends a process of multiprocessing, and uses a pool of two."""
    import multiprocessing

    here = multiprocessing.get_context("fork")
    process = here.Process(target=time.sleep, args=(60,))
    process.start()
    process.terminate()
    process.join()
    with here.Pool(2) as pool:
        return [process.exitcode] + pool.map(abs, [-1, -2])


def spoil(ctx, **inputs):
    """Changes what the next task must not find changed."""
    os.chdir("/")
    os.umask(0o777)
    os.environ["LEFT"] = "1"


def look(ctx, **inputs):
    """Says what it finds."""
    mask = os.umask(0o22)
    os.umask(mask)
    return [os.getcwd() == os.path.realpath(ctx.base_dir), mask == 0o777, os.environ.get("LEFT"), os.getpid()]


class Silent(Exception):
    def __str__(self):
        return None


def silent(ctx):
    raise Silent()


class Timed:
    """A modifier that is a context manager."""

    @contextlib.contextmanager
    def around_node(self, *, node, inputs, ctx):
        yield
        ctx.diagnostic("left", node)


def wait_for(path):
    """Waits until a file is there."""
    end = time.monotonic() + 60
    while not os.path.exists(path):
        if time.monotonic() > end:
            raise RuntimeError("there is no %s" % path)
        time.sleep(0.01)


def wait(ctx):
    """Goes on until a file says so."""
    wait_for(os.path.join(ctx.base_dir, "go"))
    return 1


def meet(ctx):
    """Changes its process and waits until another task has done so at the same time; returns what it then finds."""
    own = ctx.partition.index
    os.environ["MINE"] = str(own)
    os.chdir(ctx.output_dir)
    pathlib.Path(ctx.base_dir, "met-%d" % own).touch()
    wait_for(os.path.join(ctx.base_dir, "met-%d" % (1 - own)))
    return complex(os.getpid(), os.environ["MINE"] == str(own) and os.getcwd() == str(ctx.output_dir))


def made(ctx, meet):
    """Returns what the objects of `meet` say, and where it ran itself."""
    return [[int(each.real), int(each.imag)] for each in meet] + [ctx.worker]


def crash_beside(ctx):
    """Ends its process the first time, while another task is at work beside it."""
    mark = os.path.join(ctx.base_dir, "crashed")
    if ctx.partition.index == 0:
        wait_for(os.path.join(ctx.base_dir, "beside"))
        if not os.path.exists(mark):
            pathlib.Path(mark).touch()
            os._exit(3)
    else:
        pathlib.Path(ctx.base_dir, "beside").touch()
        wait_for(mark)
    return ctx.attempt


def addresses():
    """Returns the ports on which this worker and its scheduler listen."""
    import distributed

    worker = distributed.get_worker()
    return [int(each.address.rpartition(":")[2]) for each in (worker, worker.scheduler)]
