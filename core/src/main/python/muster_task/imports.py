"""Finds what `module:name` stands for in the user's code."""

import difflib
import importlib
import sys

from . import standard, surroundings
from .errors import Failure, missing_module


def resolve(impl):
    """Returns what `module:name` stands for."""
    module_name, _, path = impl.partition(":")
    shadowed = standard.shadowed(module_name.partition(".")[0])
    if shadowed is not None:
        raise Failure("OPERATION", standard.shadow_text(shadowed))
    try:
        found = sys.modules.get(module_name)
        if found is None or getattr(getattr(found, "__spec__", None), "_initializing", False):
            with surroundings.importing():
                found = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and (module_name == error.name or module_name.startswith(error.name + ".")):
            raise Failure("ENVIRONMENT", missing_module(error)) from None
        raise
    for part in path.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            near = difflib.get_close_matches(part, dir(found), 1)
            raise Failure(
                "OPERATION",
                "%s has no %r%s"
                % (
                    module_name,
                    path,
                    "; did you mean %r?" % near[0] if near else "",
                ),
            ) from None
    return found
