"""Finds programs as a shell does, and says why one cannot be started."""

import os


def find(name, search_path, directory):
    """Returns the path of a program and None, or None and why it cannot be started. directory: where a relative path begins."""
    if "/" in name:
        path = os.path.join(directory, name)
        why = _unusable(path)
        return (None, why) if why else _checked(path)
    seen = None
    for folder in (os.defpath if search_path is None else search_path).split(os.pathsep):
        path = os.path.join(directory, folder, name)
        why = _unusable(path)
        if not why:
            return _checked(path)
        if os.path.isfile(path) and seen is None:
            seen = "was found as %s, which %s" % (path, why)
    return None, seen or "was not found"


def _unusable(path):
    if os.path.isdir(path):
        return "is a folder"
    if not os.path.exists(path):
        return "was not found"
    return None if os.access(path, os.X_OK) else "is not executable; try chmod +x"


def _checked(path):
    try:
        with open(path, "rb") as file:
            begin = file.read(512)
    except OSError:
        return path, None  # It may be executable and not readable.
    if begin.startswith(b"#!"):
        line = begin[2:].partition(b"\n")[0].decode("utf-8", "replace")
        interpreter = (line.split() or [""])[0]
        if line.strip() == interpreter and line.endswith("\r"):
            return None, "needs %s\\r (its lines end as on Windows; try dos2unix), which is not there" % interpreter
        if interpreter.startswith("/") and _unusable(interpreter):
            return None, "needs %s, which is not there" % interpreter
    return path, None
