"""Is imported while an operation runs, not before."""

import csv


def table(path):
    with open(path, encoding="utf-8") as file:
        return {key: float(value) for key, value in csv.reader(file)}
