"""Functions and modifiers for the built-in modifiers, with stand-ins for CuPy and Numba beside them."""


class Array:
    """What looks like an array of NumPy's."""

    shape = (3,)
    nbytes = 24


Array.__module__ = "numpy"


class Arrays:
    """A modifier that puts arrays into the inputs."""

    def before_node(self, inputs):
        """Puts them in."""
        inputs["events"] = {"pt": Array(), "n": 3}
        inputs["other"] = Array()


def types(events, other):
    """Returns the types of what a function gets."""
    return [type(each).__name__ for each in (events["pt"], events["n"], other)]


def kernel():
    """Is compiled."""
    return "plain"


def helper():
    """Is compiled for the device."""
    return "plain"


def launch():
    """Calls both."""
    return [kernel(), helper()]


def plain():
    """Takes nothing."""
    return 7
