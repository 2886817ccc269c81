"""Functions and modifiers as FAST-HEP's are written: of what `FastHepFormsContract` asks for."""

import collections.abc
import contextlib
import pathlib


def sees(ctx):
    """Returns what a function sees of a partition, in both ways."""
    part = ctx["partition"]
    assert part is ctx.partition and part["file"] == part.file == part.files[0]
    assert isinstance(ctx, collections.abc.Mapping) and dict(ctx)["node_id"] == ctx.stage == ctx["stage"]
    assert ctx["outdir"] == str(ctx.output_dir) and pathlib.Path(ctx["outdir"]).is_dir()
    assert ctx["dataset"] is ctx.dataset and ctx["dataset"]["name"] == ctx["dataset_name"] == part["dataset"]
    assert ctx["dataset"]["meta"] == {"xs": 1.5}
    ctx["mine"] = 1
    assert ctx["mine"] == ctx.mine == ctx.setdefault("mine", 2)
    file = pathlib.PurePath(part["file"]).name
    return [ctx["node_id"], ctx.dataset.eventtype, part.id, file, part["start"], part.get("stop", "-"), ctx.get("else", 5)]


def sees_all(ctx):
    """Returns what a function without a partition sees."""
    assert ctx.partition is None and ctx.get("partition") is None and ctx.dataset is None
    return sorted({"partition", "dataset", "dataset_name", "outdir", "mine"} & set(ctx))


def bare():
    """Returns one value, which is neither a mapping nor named."""
    return [1]


def nothing():
    """Returns nothing."""


def take(ctx, **values):
    """Returns its inputs."""
    return values


def scaled(item, ctx):
    """Returns a number times the parameter of its modifier."""
    return item[0] * ctx["by"] * ctx.by


def fails():
    """Fails."""
    raise KeyError("no such thing")


class Scale:
    """A modifier with a parameter, in FAST-HEP's form."""

    def __init__(self, by, stage="not the stage"):
        self.by = by

    @contextlib.contextmanager
    def around_node(self, *, node, inputs, ctx):
        """Is entered and left."""
        assert node == node.id == ctx["node_id"] == ctx.stage and ctx["by"] == self.by and node.meta == {}
        ctx["seen"] = ["in"]
        yield
        ctx["seen"].append("out")

    def before_node(self, *, node, inputs, ctx):
        """Changes an input."""
        inputs["item"] = [each + 1 for each in inputs["item"]]

    def after_node(self, *, node, inputs, outputs, ctx):
        """Adds what it has seen."""
        outputs["seen"] = ctx["seen"] + [node.impl, sorted(node.params)]


class Tell:
    """A modifier that writes down errors."""

    def __init__(self, to):
        self.to = to

    @contextlib.contextmanager
    def around_node(self, node, inputs, ctx):
        """Sees the exception."""
        try:
            yield
        except KeyError:
            ctx["inside"] = True
            raise

    def on_node_error(self, *, node, inputs, ctx, exc):
        """Writes it down."""
        text = "%s %s %s" % (node.id, type(exc).__name__, ctx["inside"])
        pathlib.Path(ctx["base_dir"], ctx["to"]).write_text(text)
