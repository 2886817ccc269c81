"""Starts a module of Muster's, whose name is the first argument, where files beside a workflow have names of Python's own modules."""

import os
import sys

sys.path[0] = os.path.abspath(sys.path[0])
_path = sys.path[:]
_top = os.path.dirname(os.__file__)
# Until Python's own modules are found first, nothing else is there to be found.
sys.path[1:] = [entry for entry in _path[1:] if entry.startswith(_top) or entry.endswith(".zip")] or _path[1:]

from muster_task import standard

sys.path[:] = _path
standard.standard_first()

import runpy

runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
