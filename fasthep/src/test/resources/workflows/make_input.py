"""Writes the ROOT files that the workflows of this folder read: make_input.py FOLDER"""

import pathlib
import sys

import awkward as ak
import numpy as np
import uproot

EVENTS = {"run_a": 300, "run_b": 200, "sim": 400}


def write(folder):
    """Writes the files: `run_a` and `run_b` with weights of one, `sim` with other weights."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, events) in enumerate(EVENTS.items()):
        random = np.random.default_rng(seed)
        leptons = random.integers(0, 4, events)
        pt = random.exponential(20.0, int(leptons.sum())) + 5.0
        weight = random.normal(1, 0.1, events) if name == "sim" else np.ones(events)
        branches = {"Lep_Pt": "var * float64", "Weight": "float64", "Index": "int64"}
        with uproot.recreate(folder / (name + ".root")) as file:
            file.mktree("tiny", branches, counter_name=lambda branch: "n" + branch)
            file["tiny"].extend({"Lep_Pt": ak.unflatten(pt, leptons), "Index": np.arange(events), "Weight": weight})


if __name__ == "__main__":
    write(sys.argv[1])
