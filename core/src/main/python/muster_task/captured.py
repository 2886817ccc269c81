"""Reads what a command has printed as JSON: UTF-8, with or without a byte order mark, one value and nothing else.

It is plain JSON: no object in it stands for a file or bytes.
"""

import codecs
import json
import math

from . import encoding, errors


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
        value = json.loads(text, object_pairs_hook=_once, parse_float=_finite)
        encoding.dump_value(value, "it")
        return value
    except RecursionError:
        raise ValueError("it is nested more than %d deep" % encoding.MAX_DEPTH) from None
    except errors.Failure as failure:
        raise ValueError(str(failure)) from None


def _finite(text):
    number = float(text)
    if math.isinf(number):
        raise ValueError("the number %s is larger than a double can be" % text)
    return number


def _once(pairs):
    found = {}
    for key, value in pairs:
        if key in found:
            raise ValueError("the key '%s' is there twice" % key)
        found[key] = value
    return found
