"""Runs graphs with Tierkreis as the controller, Muster as its executor. Usage: graphs.py CHECKPOINTS GRAPH=VALUE..."""

import json
import os
import sys
import uuid
from pathlib import Path

from muster_executor import MusterExecutor
from tierkreis.controller import run_graph
from tierkreis.controller.data.graph import GraphData
from tierkreis.controller.data.location import Loc
from tierkreis.controller.storage.filestorage import ControllerFileStorage


def add(g, a, b):
    return g.func("arith.add", {"a": a, "b": b})("value")


def body():
    g = GraphData()
    twice = g.func("arith.times", {"a": g.input("x"), "b": g.const(2)})("value")
    g.output({"out": add(g, twice, g.input("c"))})
    return g


def mapped():
    g = GraphData()
    values = g.func("builtins.unfold_values", {"value": g.const([0, 1, 2, 3])})
    each = g.map(g.const(body()), {"x": values("*"), "c": g.const(6)})
    g.output({"value": g.func("builtins.fold_values", {"values_glob": each("*")})("value")})
    return g


def looped():
    inner = GraphData()
    acc = add(inner, inner.input("acc"), inner.const(1))
    again = inner.func("arith.greater", {"a": inner.const(9), "b": acc})("value")
    inner.output({"acc": acc, "should_continue": again})
    g = GraphData()
    g.output({"value": g.loop(g.const(inner), {"acc": g.const(6)}, "should_continue")("acc")})
    return g


def chosen(yes):
    """The other branch would fail."""
    g = GraphData()
    good = add(g, g.const(1), g.const(1))
    bad = g.func("arith.nothing", {"a": g.const(1), "b": g.const(1)})("value")
    g.output({"value": g.if_else(g.const(yes), good, bad)("value")})
    return g


def hello():
    g = GraphData()
    words = {"greeting": g.const("hello "), "subject": g.const("world!")}
    g.output({"value": g.func("hello_world_worker.greet", words)("value")})
    return g


def run(number, name, directory):
    graphs = {"yes": lambda: chosen(True), "no": lambda: chosen(False)}
    graph = graphs[name]() if name in graphs else globals()[name]()
    storage = ControllerFileStorage(uuid.UUID(int=number), name=name, tierkreis_directory=directory)
    executor = MusterExecutor(Path(__file__).parent / "workers", directory)
    try:
        run_graph(storage, executor, graph, {}, n_iterations=9000)
        return json.loads(storage.read_output(Loc(), "value"))
    except Exception as e:
        return "failed" if name == "no" else repr(e)


def main():
    directory = Path(sys.argv[1])
    directory.mkdir()
    os.environ["TKR_DIR"] = str(directory)
    wrong = 0
    for number, asked in enumerate(sys.argv[2:], 1):
        name, _, wanted = asked.partition("=")
        found = json.dumps(run(number, name, directory))
        print(f"workers: {name}: {found}")
        wrong += found != wanted
    sys.exit(wrong)


main()
