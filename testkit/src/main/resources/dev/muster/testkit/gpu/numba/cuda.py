"""Stands in for Numba's compiler: FAKE_DEVICES says how many devices there are."""

import os


def is_available():
    """Tells whether there is a device."""
    return os.environ["FAKE_DEVICES"] != "0"


def cuda_error():
    """Says why there is none."""
    return "no driver in this test"


def jit(function, device):
    """Returns a function that says that it is compiled."""
    return lambda: "%s compiled%s" % (function.__name__, " for the device" if device else "")
