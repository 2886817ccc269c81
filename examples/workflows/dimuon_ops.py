"""The dimuon example in Python, with the standard library only: simulated pairs of muons, from the collisions to the Z peak."""

import math
import pathlib
import random
import statistics

Z_MASS, Z_WIDTH = 91.1876, 2.4952


def generate(ctx, events, seed=1):
    """Simulates the events of one partition: masses, transverse momenta and pseudorapidities."""
    chance = random.Random("%d %s %d" % (seed, ctx.dataset.name, ctx.partition.index))
    signal = {"data": 0.6, "zmumu": 1.0, "continuum": 0.0}[ctx.dataset.name]
    made = []
    for _ in range(int(events)):
        if chance.random() < signal:
            mass = Z_MASS + Z_WIDTH / 2 * math.tan(math.pi * (chance.random() - 0.5)) + chance.gauss(0, 1.2)
        else:
            mass = 50 + chance.expovariate(1 / 30)
        pt = mass / 2 * chance.uniform(0.6, 1.2)
        made.append((mass, pt, mass * mass / (4 * pt), chance.gauss(0, 1.4), chance.gauss(0, 1.4)))
    return made


def build_index(Generate):
    """Counts the events of each partition of a dataset."""
    return {"events": sum(len(events) for events in Generate), "partitions": len(Generate)}


def select(events, leading_pt=25.0, subleading_pt=15.0, max_eta=2.4):
    """Keeps events with two good muons."""
    return [
        event
        for event in events
        if max(event[1:3]) > leading_pt and min(event[1:3]) > subleading_pt and max(map(abs, event[3:])) < max_eta
    ]


def train(SelectMuons, ctx):
    """Learns where the signal lies, from simulation: the likelihood ratio in bins of the mass."""
    counts = {"zmumu": [1] * 60, "continuum": [1] * 60}
    for events, partition in zip(SelectMuons, ctx.input_partitions["SelectMuons"]):
        for event in events:
            if 60 <= event[0] < 120:
                counts[partition.dataset][int(event[0] - 60)] += 1
    signal, background = (sum(counts[name]) for name in ("zmumu", "continuum"))
    return [
        s / signal / (s / signal + b / background) for s, b in zip(counts["zmumu"], counts["continuum"])
    ]


def infer(events, model):
    """Adds the model's score to each event."""
    return [
        (event[0], model[int(event[0] - 60)] if 60 <= event[0] < 120 else 0.0) for event in events
    ]


def histogram(events, index, ctx, low=60.0, high=120.0, bins=60, min_score=0.25):
    """Fills one histogram of the mass for each dataset."""
    filled = {}
    for scored, partition in zip(events, ctx.input_partitions["events"]):
        counts = filled.setdefault(partition.dataset, [0] * int(bins))
        for mass, score in scored:
            if low <= mass < high and score >= min_score:
                counts[int((mass - low) / (high - low) * bins)] += 1
    return {"low": low, "high": high, "counts": filled, "events": sum(each["events"] for each in index)}


def fit(MassHistogram, low=80.0, high=102.0):
    """Finds the peak in the data: the mean of the bins around it, again and again."""
    counts = MassHistogram["counts"]["data"]
    width = (MassHistogram["high"] - MassHistogram["low"]) / len(counts)
    centres = [MassHistogram["low"] + (number + 0.5) * width for number in range(len(counts))]
    mass = (low + high) / 2
    for _ in range(20):
        near = [(centre, count) for centre, count in zip(centres, counts) if abs(centre - mass) < 4]
        mass = sum(centre * count for centre, count in near) / max(1, sum(count for _, count in near))
    sample = [centre for centre, count in near for _ in range(count)]
    return {"mass": mass, "spread": statistics.pstdev(sample), "entries": sum(counts)}


def plot(spectrum, fit, ctx):
    """Draws the spectrum of the data as text."""
    path = pathlib.Path(ctx.output_dir) / "dimuon.txt"
    counts = spectrum["counts"]["data"]
    width = (spectrum["high"] - spectrum["low"]) / len(counts)
    lines = ["mass of muon pairs in GeV; the peak is at %.2f" % fit["mass"]]
    for number, count in enumerate(counts):
        lines.append("%6.1f %6d %s" % (spectrum["low"] + number * width, count, "#" * (count * 60 // max(1, max(counts)))))
    path.write_text("\n".join(lines) + "\n")
    return path
