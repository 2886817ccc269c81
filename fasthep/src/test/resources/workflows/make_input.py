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
    write_objects(folder)
    write_tables(folder)
    for seed, (name, events) in enumerate(EVENTS.items()):
        random = np.random.default_rng(seed)
        leptons = random.integers(0, 4, events)
        pt = random.exponential(20.0, int(leptons.sum())) + 5.0
        weight = random.normal(1, 0.1, events) if name == "sim" else np.ones(events)
        branches = {"Lep_Pt": "var * float64", "Weight": "float64", "Index": "int64"}
        with uproot.recreate(folder / (name + ".root")) as file:
            file.mktree("tiny", branches, counter_name=lambda branch: "n" + branch)
            file["tiny"].extend({"Lep_Pt": ak.unflatten(pt, leptons), "Index": np.arange(events), "Weight": weight})


def write_tables(folder):
    """Writes tables with x, y and a weight w."""
    random = np.random.default_rng(7)
    for name, rows in (("one", 60), ("two", 35), ("three", 20)):
        values = zip(random.normal(50, 20, rows), random.random(rows), random.uniform(0.5, 1.5, rows))
        lines = ["x;y;w", *("%.3f;%.3f;%.3f" % each for each in values)]
        (folder / (name + ".csv")).write_text("\n".join(lines) + "\n")


def write_objects(folder):
    """Writes `objects_a` and `objects_b`, with muons, jets and missing energy, and a table of weights."""
    for seed, (name, events) in enumerate({"objects_a": 250, "objects_b": 150}.items()):
        random = np.random.default_rng(100 + seed)
        values = {"Index": np.arange(events), "Weight": random.normal(1, 0.1, events)}
        values.update(MET_pt=random.exponential(30.0, events), MET_phi=random.uniform(-np.pi, np.pi, events))
        for kind, mass in (("Muon", 0.1), ("Jet", 5.0)):
            counts = random.integers(0, 5, events)
            total = int(counts.sum())
            pt, eta = random.exponential(25.0, total) + 5.0, random.normal(0, 1.5, total)
            phi = random.uniform(-np.pi, np.pi, total)
            pz = pt * np.sinh(eta)
            flat = {"pt": pt, "eta": eta, "phi": phi, "mass": np.full(total, mass)}
            flat.update(Px=pt * np.cos(phi), Py=pt * np.sin(phi), Pz=pz, E=np.sqrt(pt**2 + pz**2 + mass**2))
            values.update({"%s_%s" % (kind, field): ak.unflatten(each, counts) for field, each in flat.items()})
        values["Pdf"] = ak.unflatten(random.normal(1, 0.02, events * 5), np.full(events, 5))
        types = {each: "var * float64" if "_" in each and "MET" not in each else "float64" for each in values}
        types.update(Index="int64", Pdf="var * float64")
        with uproot.recreate(folder / (name + ".root")) as file:
            file.mktree("events", types, counter_name=lambda branch: "n" + branch)
            file["events"].extend(values)
    (folder / "met_weights.csv").write_text("met_min,met_max,w\n0,20,0.9\n20,60,1.0\n60,100000,1.2\n")


if __name__ == "__main__":
    write(sys.argv[1])
