"""Components of the workflows of this folder."""

import hashlib
import json
import os
import signal
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path

from hepflow.model.hooks import ExecutionHook

STREAM = {"name": "stream", "kind": "event_stream", "required": True}


def spec(name, kind, **more):
    return {"name": name, "kind": kind, "version": "1", **more}


COUNT = spec(
    "tiny.count", "source", params={"n": {"type": "integer", "required": True}}, result={"kind": "event_stream"}
)
SPLIT = spec(
    "tiny.split", "transform", input=STREAM, result={"stream": "event_stream", "total": {"kind": "tiny_total"}}
)
PAIR = spec("tiny.pair", "transform", result={"sum": {"kind": "tiny_total"}, "stream": {"kind": "event_stream"}})
TABLE = spec(
    "tiny.table", "transform", params={"k": {"type": "integer", "required": True}}, result={"table": {"kind": "lookup"}}
)
WARN = spec("tiny.warn", "transform", input=STREAM, result={"kind": "event_stream"})
WHERE = spec("tiny.where", "transform", input=STREAM, result={"stream": "event_stream", "seen": {"kind": "lookup"}})
ONCE = spec("tiny.once", "transform", input=STREAM, result={"kind": "event_stream"})
BAD = spec("tiny.bad", "transform", input=STREAM, result={"kind": "event_stream"})
DUMP = spec("tiny.dump", "writer", input={"name": "target"}, result={"kind": "artifact"})
SAME = spec("tiny.same", "writer", input={"name": "target"}, result={"kind": "artifact"})
TRACE = spec("tiny.trace", "hook", lifecycle={"events": ["before_node", "after_node"]})
TALLY = spec("tiny.tally", "hook", lifecycle={"events": ["partition_start", "before_node", "partition_end"]})
FORGET = spec("tiny.forget", "hook", lifecycle={"events": ["before_node", "run_end"]})
OBSERVE = spec("tiny.observe", "hook", lifecycle={"events": ["before_node", "on_node_error"]})


def count(*, ctx, n, **_):
    """A source of whole numbers, n for each partition."""
    first = int((ctx.get("partition") or {}).get("start") or 0)
    return {"x": [first + i for i in range(n)]}


def table(*, ctx, k):
    return {"table": {"k": k}}


def split(stream, *, ctx):
    numbers = list(stream["x"])
    return {"stream": {"x": numbers, "odd": [each % 2 for each in numbers]}, "total": sum(numbers)}


def pair(left, right, *, ctx, lookup=None, scale=1):
    other = right if isinstance(right, int) else sum(right["x"])
    return {"sum": (2 * sum(left["x"]) - other) * scale * (lookup or {"k": 1})["k"], "stream": left}


def warn(stream, *, ctx):
    warnings.warn("a warning of %s" % ctx["partition"]["id"], stacklevel=1)
    return stream


def where(stream, *, ctx):
    """Tells of the worker: its environment, and its credential."""
    proxy = os.environ.get("X509_USER_PROXY")
    digest = None if proxy is None else hashlib.sha256(Path(proxy).read_bytes()).hexdigest()
    return {"stream": stream, "seen": {"prefix": sys.prefix, "proxy": digest}}


def once(stream, *, ctx, file):
    """Has too little memory the first time."""
    if not os.path.exists(file):
        Path(file).touch()
        raise MemoryError("too small a worker")
    return stream


def bad(stream, *, ctx):
    raise ValueError("no")


def dump(target, *, path, ctx, meta):
    """A sink that writes what it gets as JSON."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps({"target": target, "node": meta["node_id"]}, sort_keys=True, default=str))
    return {"path": str(path), "format": "json"}


def same(target, *, name, ctx):
    """A sink whose file has one name in all partitions. It counts on the folders that FAST-HEP makes before a run."""
    path = Path(ctx["outdir"]) / "artifacts" / "files" / name
    path.write_text(json.dumps(target, default=str))
    return {"path": str(path), "format": "json"}


def merge_total(values, *, node, output_name, dataset_name=None):
    return sum(values)


def combine_killing(left, right, *, node, output_name, dataset_name=None):
    """Adds two totals; the first call of a run kills the process that makes it."""
    try:
        Path("killed").touch(exist_ok=False)
    except FileExistsError:
        return left + right
    os.kill(os.getpid(), signal.SIGKILL)


class Trace(ExecutionHook):
    def before_node(self, *, node, inputs, ctx):
        ctx.setdefault("trace", []).append(("hook.before", node.id))

    def after_node(self, *, node, inputs, outputs, ctx):
        ctx["trace"].append(("hook.after", node.id))


class Tally(ExecutionHook):
    """Counts the nodes of each partition, and tells it."""

    def __init__(self):
        super().__init__()
        self.nodes = {}
        self.ended = []

    def partition_start(self, *, partition, ctx):
        self.nodes[partition["id"]] = 0

    def before_node(self, *, node, inputs, ctx):
        partition = ctx.get("partition")
        if partition:
            self.nodes[partition["id"]] += 1

    def partition_end(self, *, partition, ctx, value_store):
        self.ended.append([partition["id"], self.nodes[partition["id"]]])

    def results(self):
        return {"ended": self.ended}


class Forget(ExecutionHook):
    """Counts nodes, and has no way to tell it but at the end of the run."""

    def before_node(self, *, node, inputs, ctx):
        pass


class Observe(ExecutionHook):
    seen = []

    def before_node(self, *, node, inputs, ctx):
        self.seen.append("hook.before")

    def on_node_error(self, *, node, inputs, ctx, exc):
        self.seen.append("hook.error %s" % type(exc).__name__)


class Note:
    """A modifier that notes when it is called."""

    def __init__(self, tag="note"):
        self.tag = tag

    def before_node(self, *, node, inputs, ctx):
        Observe.seen.append(self.tag + ".before")

    @contextmanager
    def around_node(self, *, node, inputs, ctx):
        Observe.seen.append(self.tag + ".enter")
        try:
            yield
        finally:
            Observe.seen.append(self.tag + ".exit")

    def on_node_error(self, *, node, inputs, ctx, exc):
        Observe.seen.append(self.tag + ".error %s" % type(exc).__name__)


class Swallow:
    """A modifier that keeps errors to itself."""

    @contextmanager
    def around_node(self, *, node, inputs, ctx):
        try:
            yield
        except ValueError:
            pass


class Double:
    def __init__(self, *, by=2):
        self.by = by

    def before_node(self, *, node, inputs, ctx):
        inputs["stream"] = {"x": [each * self.by for each in inputs["stream"]["x"]]}

    @contextmanager
    def around_node(self, *, node, inputs, ctx):
        ctx.setdefault("trace", []).append(("modifier.enter", node.id))
        yield
        ctx["trace"].append(("modifier.exit", node.id))

    def after_node(self, *, node, inputs, outputs, ctx):
        ctx["trace"].append(("modifier.after", node.id))
