"""Writes the new path of an environment into its files: python relocate.py FOLDER NEW-PATH.

FOLDER holds the environment now; NEW-PATH is where it will be. What to change is in FOLDER/.muster/relocate.json. Then writes the variables that its packages
and its owner want to be set, as Conda keeps them in etc/conda/env_vars.d and conda-meta/state, into FOLDER/.muster/variables: name, zero byte, value, zero byte.
Needs nothing but Python 3.6 and its standard library.
"""

import json
import os
import re
import stat
import sys

LONGEST_SHEBANG = 127
ENDS = rb"(?![A-Za-z0-9_-])"


class TooLong(Exception):
    pass


def shebang(data):
    """Shortens a first line that a kernel would cut off or split."""
    line, newline, rest = data.partition(b"\n")
    match = re.match(rb"#!\s*(/.*/bin/([^/\s]+))(.*)", line)
    if match and (len(line) > LONGEST_SHEBANG or b" " in match.group(1)):
        return b"#!/usr/bin/env " + match.group(2) + match.group(3) + newline + rest
    return data


def text(data, olds, new, whole_words):
    """Replaces paths in text; whole_words: only where no longer name goes on."""
    for old in olds:
        pattern = re.escape(old) + (ENDS if whole_words else b"")
        data = re.sub(pattern, lambda match: new, data)
    return shebang(data) if data.startswith(b"#!") else data


def binary(data, olds, new, room):
    """Replaces paths in texts that end with a zero byte; the data keep their length.

    room: the longest path for which the installer left zero bytes, or 0 if it left none.
    """
    for old in olds:
        extra = max(room, len(old)) - len(old)
        parts = []
        end = 0
        for match in re.finditer(re.escape(old) + rb"[^\0]*", data):
            found = match.group()
            made = found.replace(old, new)
            growth = len(made) - len(found)
            if growth > 0:
                padding = data[match.end() : match.end() + growth + 1]
                if growth > extra * found.count(old) or padding.strip(b"\0") or len(padding) <= growth:
                    raise TooLong(len(old) + extra)
            parts.append(data[end : match.start()])
            parts.append(made + b"\0" * max(0, -growth))
            end = match.end() + max(0, growth)
        parts.append(data[end:])
        data = b"".join(parts)
    return data


def editable(data, moved, root):
    """Replaces the folders of sources by those in the environment."""
    for old in sorted(moved, key=len, reverse=True):
        made = os.path.join(root, moved[old])
        data = re.sub(re.escape(os.fsencode(old)) + ENDS, lambda match: os.fsencode(made), data)
    return data


def write(path, data):
    mode = stat.S_IMODE(os.stat(path).st_mode)
    other = path + ".muster-new"
    with open(other, "wb") as file:
        file.write(data)
    os.chmod(other, mode)
    os.replace(other, path)
    if path.endswith(".py"):  # What was compiled from it is out of date.
        folder, name = os.path.split(path)
        cache = os.path.join(folder, "__pycache__")
        if os.path.isdir(cache):
            for compiled in os.listdir(cache):
                if compiled.startswith(name[:-2]) and compiled.endswith(".pyc"):
                    os.remove(os.path.join(cache, compiled))


def relocate(folder, target):
    with open(os.path.join(folder, ".muster", "relocate.json"), encoding="utf-8") as file:
        table = json.load(file)
    new = os.fsencode(target)
    # The longest first: one may be the beginning of another.
    olds = sorted((os.fsencode(old) for old in table["prefixes"]), key=len, reverse=True)
    for item in table["files"]:
        path = os.path.join(folder, item["path"])
        with open(path, "rb") as file:
            data = file.read()
        mode = item["mode"]
        if mode == "editable":
            changed = editable(text(data, olds, new, True), table["editable"], target)
        elif mode == "binary":
            try:
                changed = binary(data, olds, new, item["room"])
            except TooLong as error:
                sys.exit(
                    "the path %s (%d characters) is too long for %s, which has room for %d;"
                    " name a shorter folder with environment.worker_env_dir"
                    % (target, len(new), item["path"], error.args[0])
                )
        else:
            changed = text(data, olds, new, mode == "words")
        if changed != data:
            write(path, changed)


def variables(folder):
    """Writes the variables to set, those of packages before those of the environment's owner."""
    found = {}
    packages = os.path.join(folder, "etc", "conda", "env_vars.d")
    files = sorted(os.listdir(packages)) if os.path.isdir(packages) else []
    for path in [os.path.join(packages, name) for name in files if name.endswith(".json")]:
        found.update(read_variables(path, folder))
    state = os.path.join(folder, "conda-meta", "state")
    if os.path.isfile(state):
        found.update(read_variables(state, folder, "env_vars"))
    with open(os.path.join(folder, ".muster", "variables"), "w", encoding="utf-8") as file:
        for name, value in found.items():
            if value != "***unset***":  # as Conda marks one that its owner has taken away
                file.write("%s\0%s\0" % (name, value))


def read_variables(path, folder, key=None):
    try:
        with open(path, encoding="utf-8") as file:
            table = json.load(file)
        found = table.get(key, {}) if key else table
        for name, value in found.items():
            if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) or not isinstance(value, str) or "\0" in value:
                raise ValueError("%r: %r is no variable" % (name, value))
        return found
    except (ValueError, AttributeError) as error:
        sys.exit("%s cannot be understood: %s" % (os.path.relpath(path, folder), error))


if __name__ == "__main__":
    relocate(sys.argv[1], sys.argv[2])
    variables(sys.argv[1])
