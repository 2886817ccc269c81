"""What the operating system takes as arguments and environment of a new process, as CommandSize of the JVM knows it."""

import os

#: The bytes that one argument, or a variable with its name, may have.
MAX_TEXT = 128 * 1024 - 1
MARGIN = 32 * 1024
POINTER = 8
MOST = 6 << 20


def size(text):
    """Returns how many bytes a text has."""
    return len(text.encode("utf-8", "surrogateescape"))


def max_sum():
    """Returns the bytes that all arguments and variables of a command may have on this machine."""
    try:
        limit = os.sysconf("SC_ARG_MAX")
    except (OSError, ValueError):
        limit = 256 * 1024
    return max(128 * 1024, min(MOST, limit if limit > 0 else MOST)) - MARGIN


def excess(argv, environment):
    """Says, in few words, why a command cannot be started with these arguments and variables; empty if it can."""
    sizes = [("argument %d" % index, size(text)) for index, text in enumerate(argv)]
    sizes += [("the variable %s" % name, size(name) + 1 + size(value)) for name, value in environment.items()]
    for what, one in sizes:
        if one > MAX_TEXT:
            return "%s has %d bytes, and the system takes %d" % (what, one, MAX_TEXT)
    total = sum(one + 1 + POINTER for _, one in sizes)
    if total <= max_sum():
        return ""
    largest = sorted(sizes, key=lambda each: -each[1])[:3]
    return (
        "its arguments and environment variables have %d bytes in all, and the system takes %d; the largest: %s"
        % (total, max_sum(), ", ".join("%s (%d)" % each for each in largest))
    )
