"""Components of the tests: a source of text files, operations that read tables, a product that is merged."""

import csv as _csv
import json
import pathlib

import awkward as ak
import numpy as np
from hepflow.model.io import OutputResult

TOP = 90.0
CSV = {"name": "kit.csv", "kind": "source", "version": "1.0", "params": {"delimiter": {"type": "string"}},
       "result": {"stream": {"kind": "event_stream"}}}
SCALE = {"name": "kit.scale", "kind": "transform", "version": "1.0",
         "input": {"name": "stream", "kind": "event_stream", "required": True},
         "params": {"table": {"type": "string", "kind": "path", "required": True}, "more": {"kind": "path"},
                    "branch": {"type": "string", "required": True}, "output": {"type": "string", "required": True}},
         "normalize_params": {"defaults": True},
         "result": {"kind": "event_stream"}}
COUNT = {"name": "kit.count", "kind": "transform", "version": "1.0", "input": None,
         "params": {"file": {"type": "string", "required": True}}, "result": {"lines": {"kind": "kit_lines"}}}
STATS = {"name": "kit.stats", "kind": "transform", "version": "1.0",
         "input": {"name": "stream", "kind": "event_stream", "required": True},
         "params": {"branch": {"type": "string", "required": True}},
         "result": {"stream": {"kind": "event_stream"}, "stats": {"kind": "kit_stats"}}}
TEXT = {"name": "kit.text", "kind": "sink", "version": "1.0",
        "params": {"out": {"type": "string"}, "path": {"type": "string"}, "heading": {"type": "string"}},
        "result": {"kind": "artifact"}}


def clip(values, top):
    return ak.where(values > top, top, values)


def csv(*, ctx, datasets, delimiter=",", **more):
    part = ctx["partition"]
    with open(part["file"], encoding="utf-8") as file:
        reader = _csv.DictReader(file, delimiter=delimiter)
        rows = list(reader)[part.get("start") : part.get("stop")]
    return ak.Array({key: np.array([float(each[key]) for each in rows]) for key in reader.fieldnames})


def scale(*, stream, table, branch, output, ctx, more=None):
    from kit import lately

    factors = lately.table(table)
    extra = ctx["execution"]["resources"].get("corrections", {}).get("path")
    factor = factors[ctx["dataset"]["eventtype"]] * (lately.table(extra)["all"] if extra else 1.0)
    for each in more or []:
        factor *= lately.table(each)["all"]
    root = pathlib.Path(ctx["project_root"], "tables/root.csv")
    factor *= lately.table(root)["all"] if root.exists() else 1000.0
    if "provenance" in ctx and hasattr(ctx["provenance"], "record_operation"):
        ctx["provenance"].record_operation(inputs={"files": [table]}, outputs={"fields": [output]})
    return ak.with_field(stream, stream[branch] * factor, output)


def count(*, file, ctx):
    with open(file, encoding="utf-8") as opened:
        return {"lines": {"file": file, "lines": len(opened.readlines())}}


def stats(*, stream, branch, ctx):
    values = np.asarray(stream[branch])
    found = {"n": len(values), "sum": float(values.sum()), "max": float(values.max()) if len(values) else None}
    return {"stream": stream, "stats": found}


def combine(left, right, *, node, output_name, dataset_name):
    tops = [each["max"] for each in (left, right) if each["max"] is not None]
    return {"n": left["n"] + right["n"], "sum": left["sum"] + right["sum"], "max": max(tops) if tops else None}


def merge(values, *, node, output_name, dataset_name):
    found = values[0]
    for each in values[1:]:
        found = combine(found, each, node=node, output_name=output_name, dataset_name=dataset_name)
    return found


def materialize(value, *, node, output_name, outdir, build_paths):
    path = pathlib.Path(outdir) / "artifacts" / "stats" / (node.id.split(".")[-1] + ".json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return {"value": value, "items": [{"id": output_name, "path": str(path), "producer": node.id}]}


def text(*, target, out=None, path=None, heading="", ctx, meta=None, output_path=None, **more):
    where = pathlib.Path(output_path or path)
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_text(heading + json.dumps(target, sort_keys=True, default=str))
    return OutputResult(kind="artifact", path=str(where), format="text", dataset_name=ctx.get("dataset_name"))
