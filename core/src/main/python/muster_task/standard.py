"""Modules of the standard library are found before files of the same name, which users have beside their workflows."""

import importlib.machinery
import os
import sys

def _standard_folders():
    top = os.path.dirname(os.path.realpath(os.__file__))
    return [each for each in sys.path if each and os.path.realpath(each) in (top, os.path.join(top, "lib-dynload"))]


def _standard_names(folders):
    names = getattr(sys, "stdlib_module_names", None)  # Python 3.10
    if names is not None:
        return frozenset(names) - {"__main__"}
    found = set(sys.builtin_module_names)
    for folder in folders:
        for name in os.listdir(folder):
            if name.endswith((".py", ".so")) or os.path.isfile(os.path.join(folder, name, "__init__.py")):
                found.add(name.partition(".")[0])
    return frozenset(found) - {"test"}


STANDARD = _standard_folders()
NAMES = _standard_names(STANDARD)


class StandardFirst:
    """Finds modules of the standard library before files of the same name that come earlier on the path."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Returns where a module of the standard library is."""
        if path is not None or name not in NAMES:
            return None
        return importlib.machinery.PathFinder.find_spec(name, STANDARD, target)


def standard_first():
    """Lets modules of the standard library win from now on."""
    finders = sys.meta_path
    if STANDARD and StandardFirst not in finders:
        place = importlib.machinery.PathFinder
        finders.insert(finders.index(place) if place in finders else 0, StandardFirst)


def shadowed(name):
    """Returns the user's file or package that has the name of a module of the standard library, or None."""
    if name in NAMES:
        for folder in sys.path:
            if folder in STANDARD:
                return None
            for path in (os.path.join(folder, name + ".py"), os.path.join(folder, name, "__init__.py")):
                if os.path.isfile(path):
                    return path
    return None


def shadow_text(path):
    """Says that a user's file is not used."""
    name = os.path.basename(os.path.dirname(path) if path.endswith("__init__.py") else path[:-3])
    return "%s is not used: Python's standard library has a module %s, which is found first; rename the file" % (path, name)


def shadow_note(text):
    """Returns a line for each user's file that is not used and that an error's text may be about."""
    words = {word.strip("'\"().,:") for word in text.split()}
    paths = (shadowed(name) for word in words for name in {word, word.partition(".")[0]} if name in NAMES)
    return "".join("\n" + shadow_text(path) for path in sorted({each for each in paths if each}))
