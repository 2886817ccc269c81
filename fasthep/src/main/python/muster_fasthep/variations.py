"""Variations of one run, which share a folder of products."""

import json
import os
import pathlib

SHARED = "artifacts/provenance/"


def own_records(paths):
    """Gives a variation the records of provenance and the manifests of writers that FAST-HEP has just written for all.

    FAST-HEP writes them in one place for all variations, where the last one's stay, and its reports look for a
    variation's own.
    """
    root = paths.root
    variation = type(paths)(root=root)
    own = paths.provenance_dir().relative_to(root).as_posix() + "/"
    _move(variation.provenance_dir(), paths.provenance_dir(), own)
    files = variation.artifact_dir("files")
    for manifest in files.glob("*/manifest.json"):
        _move(manifest.parent, paths.artifact("files", manifest.parent.name), own)


def own_reports(plan, variation):
    """Makes the plan's reports files of the variation's own: FAST-HEP has one path for all."""
    for report in plan.reports:
        for output in report.get("outputs") or []:
            path = pathlib.PurePosixPath(str(output["path"]))
            if not path.is_absolute():
                parts = path.parts[1:] if path.parts[0] == "reports" else path.parts
                output["path"] = pathlib.PurePosixPath("reports", variation, *parts).as_posix()


def _move(old, new, own):
    """Moves the JSON files of a folder, and changes the names of records in them."""
    for path in sorted(old.rglob("*.json")):
        target = new / path.relative_to(old)
        target.parent.mkdir(parents=True, exist_ok=True)
        value = json.loads(path.read_text(encoding="utf-8"))
        part = target.with_name(target.name + ".muster-new")
        part.write_text(json.dumps(_renamed(value, own), indent=2) + "\n", encoding="utf-8")
        os.replace(part, target)
        path.unlink()


def _renamed(value, own):
    if isinstance(value, dict):
        return {key: _renamed(each, own) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, own) for each in value]
    return own + value[len(SHARED) :] if isinstance(value, str) and value.startswith(SHARED) else value
