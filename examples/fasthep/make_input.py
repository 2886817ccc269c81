"""Writes small ROOT files with simulated muon pairs. Usage: python make_input.py [FOLDER]"""

import pathlib
import sys

import awkward as ak
import numpy as np
import uproot

MUON = 0.105658
SAMPLES = {"data_a": (4000, 0.8), "data_b": (3000, 0.8), "zmumu": (5000, 1.0), "continuum": (3000, 0.0)}


def pairs(rng, count, resonance):
    """Returns Px, Py, Pz, E and charges of two muons for each event."""
    peak = rng.random(count) < resonance
    mass = np.where(peak, 91.19 + 1.5 * rng.standard_normal(count), 20 + rng.exponential(35.0, count))
    cosine, phi = rng.uniform(-1, 1, count), rng.uniform(-np.pi, np.pi, count)
    sine, momentum = np.sqrt(1 - cosine**2), np.sqrt(np.maximum(mass**2 / 4 - MUON**2, 0))
    boost = rng.normal(0, 0.4, count)
    x, y, z = momentum * sine * np.cos(phi), momentum * sine * np.sin(phi), momentum * cosine
    energy = mass / 2
    cosh, sinh = np.cosh(boost), np.sinh(boost)
    first = (x, y, z * cosh + energy * sinh, energy * cosh + z * sinh)
    second = (-x, -y, -z * cosh + energy * sinh, energy * cosh - z * sinh)
    charge = rng.choice([-1, 1], count)
    return first, second, charge


def write(path, seed, count, resonance):
    """Writes one file; one event in ten has a single muon."""
    rng = np.random.default_rng(seed)
    first, second, charge = pairs(rng, count, resonance)
    numbers = np.where(rng.random(count) < 0.1, 1, 2)

    def jagged(a, b):
        return ak.unflatten(np.stack([a, b], axis=1).ravel()[np.stack([numbers > 0, numbers > 1], axis=1).ravel()], numbers)

    branches = {"Muon_" + name: jagged(a, b) for name, a, b in zip(("Px", "Py", "Pz", "E"), first, second)}
    branches["Muon_Charge"] = jagged(charge, -charge)
    branches["Weight"] = rng.normal(1.0, 0.05, count) if resonance in (0.0, 1.0) else np.ones(count)
    types = {name: "var * float64" for name in branches if name not in ("Muon_Charge", "Weight")}
    with uproot.recreate(path) as file:
        file.mktree("events", {**types, "Muon_Charge": "var * int64", "Weight": "float64"}, counter_name=lambda name: "n" + name)
        file["events"].extend(branches)


def main(folder):
    """Writes all samples."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, (count, resonance)) in enumerate(SAMPLES.items()):
        write(folder / (name + ".root"), seed, count, resonance)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "data"))
