"""Paths in values that travel: they are replaced, and the files that they name get names elsewhere."""

import copy
import os
import pathlib

from . import encoding, errors


def replace(value, change, kinds=(pathlib.PurePath,)):
    """Returns a value with change(item) in the place of paths; the value itself if there are none.

    They are looked for in mappings, lists and tuples. What is there twice stays one.
    """
    if not _has_files(value, kinds):
        return value
    try:
        return _replaced(value, change, kinds, {})
    except RecursionError:
        raise errors.Failure(
            "SERIALIZATION", "a value that names files is nested too deep, or holds itself; pass the files in a list"
        ) from None


def _has_files(value, kinds):
    """Tells whether there are paths in a value, however deep it is."""
    if type(value) in encoding.SIMPLE:
        return False
    open_, met = [value], set()
    while open_:
        item = open_.pop()
        if isinstance(item, kinds):
            return True
        if isinstance(item, (dict, list, tuple)) and id(item) not in met:
            met.add(id(item))
            items = item.values() if isinstance(item, dict) else item
            open_.extend(each for each in items if type(each) not in encoding.SIMPLE)
    return False


def _replaced(value, change, kinds, known):
    if isinstance(value, kinds):
        return change(value)
    if not isinstance(value, (dict, list, tuple)):
        return value
    if id(value) not in known:
        known[id(value)] = _container(value, change, kinds, known)
    return known[id(value)]


def _container(value, change, kinds, known):
    new = {}
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if type(item) not in encoding.SIMPLE:
            made = _replaced(item, change, kinds, known)
            if made is not item:
                new[key] = made
    if not new:
        return value
    if isinstance(value, tuple):
        items = [new.get(index, item) for index, item in enumerate(value)]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    made = copy.copy(value)
    for key, item in new.items():
        made[key] = item
    return made


def below(name):
    """Tells whether a name stays in its folder, as far as the name says."""
    return not name.startswith("/") and "\0" not in name and ".." not in name.split("/")


def tree(path):
    """Returns the files of a path as `Reader.list` does."""
    if not os.path.isdir(path):
        status = os.stat(path)
        return [["", status.st_size, status.st_mode & 0o777]]
    found = []

    def broken(error):
        raise error

    for folder, _, names in os.walk(path, onerror=broken):
        for name in names:
            status = os.stat(os.path.join(folder, name))
            below = os.path.relpath(os.path.join(folder, name), path)
            found.append([below, status.st_size, status.st_mode & 0o777])
    return sorted(found)


class Names:
    """The names of files that a task's output names, below the folder of the task. folder: where that is here."""

    def __init__(self, folder):
        self._own = os.path.realpath(folder) + os.sep
        self._taken = {}

    def of(self, path):
        """Returns the name of a file: that which it has in the folder, or one among the outputs that no other has."""
        real = os.path.realpath(path)
        name = real[len(self._own) :] if real.startswith(self._own) else "outputs/" + os.path.basename(path)
        while self._taken.setdefault(name, path) != path:
            name += "~"
        return name
