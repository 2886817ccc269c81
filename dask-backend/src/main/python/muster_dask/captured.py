"""Reads what a command has printed as JSON: UTF-8, with or without a byte order mark, one value and nothing else."""

import codecs
import json

import muster_worker


def read(data):
    """Returns the value. Raises ValueError if there is none, or more than one, or it is not certain what is meant."""
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    # The first character of JSON is one of ASCII, so half of it is 0 in UTF-16.
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data[:2]:
        raise ValueError("it looks like UTF-16 or UTF-32; let it print UTF-8")
    text = data.decode("utf-8")
    if not text.strip(" \t\r\n"):
        raise ValueError("it printed nothing")
    try:
        json.loads(text, object_pairs_hook=_once)
        return muster_worker.load(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _once(pairs):
    found = {}
    for key, value in pairs:
        if key in found:
            raise ValueError("the key '%s' is there twice" % key)
        found[key] = value
    return found
