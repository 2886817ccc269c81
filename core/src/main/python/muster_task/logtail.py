"""Reads the end of log files, as LogTail of the JVM does."""

import os

MAX_BYTES = 8192
MAX_LINES = 20


def section(heading, path):
    """Returns the end of a log under a heading, each line of it indented, to be added to a message; empty if there is nothing."""
    text = of(path)
    return "\n%s:\n%s" % (heading, "\n".join("  " + line for line in text.split("\n"))) if text else ""


def of(path):
    """Returns the last 20 lines of a file, at most 8 KiB of it, without a line break at the end; empty if there is nothing."""
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - MAX_BYTES))
            text = file.read(MAX_BYTES).decode("utf-8", "replace").rstrip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return "(%s cannot be read: %s)" % (path, error.strerror)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tail = "\n".join(lines[-MAX_LINES:])
    return "...\n" + tail if tail and (size > MAX_BYTES or len(lines) > MAX_LINES) else tail
