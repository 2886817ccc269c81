"""The workflow's folder: files in it that the plan names, and their paths where workers have that folder elsewhere."""

import os
import re

# What could be the name of a file. Names of fields and expressions are none.
_NAME = re.compile(r"[\w.~+@=, /-]{1,500}\.\w{1,12}")
# Code is named in execution.code: it would be put on the module path.
_CODE = (".py", ".whl")
# Where sinks and observers say what they write.
_WRITTEN = ("path", "out", "outputs", "output_path", "output_dir")
_WRITERS = ("sink", "observer")


def files(plan, root, data):
    """Returns the files that tasks may read besides their data, and the names that are no files now.

    They are what FAST-HEP resolved, and whatever a parameter names that is a file in the folder root, but code. All are
    absolute. data: files of datasets, absolute.
    """
    found, absent = set(), set()
    for entry in (plan.provenance or {}).get("inputs") or []:
        kind = str(entry.get("role")).split(":")[0]
        path = str(entry.get("resolved"))
        if kind in ("param", "resource") and _below(path, root):
            found.update(_all(path))
    for text in _texts(list(_read(plan))):
        if _NAME.fullmatch(text) and "://" not in text:
            path = os.path.normpath(os.path.join(root, text))
            if _below(path, root) and path not in data:
                (found if os.path.isfile(path) else absent).add(path)
    return sorted(each for each in found if not each.endswith(_CODE)), sorted(absent - found)


def _all(path):
    """Returns a file, or the files of a folder that are not hidden."""
    if os.path.isfile(path):
        yield path
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each != "__pycache__")
        yield from (os.path.join(folder, each) for each in names if not each.startswith("."))


class Moved:
    """What changes where the workflow's folder is another one. Without a difference, nothing does."""

    def __init__(self, old, new):
        self._old = str(old)
        self._new = os.path.abspath(new)
        same = os.path.exists(old) and os.path.exists(new) and os.path.samefile(old, new)
        self._moved = self._old != self._new and not same

    def __bool__(self):
        return self._moved

    def back(self, value):
        """Returns the value with paths below the new folder as they are below the old one."""
        if not self:
            return value
        return _changed(value, self._new, self._old)

    def plan(self, plan):
        """Changes a plan of the caller's own: its parameters, resources, globals and the project's folder."""
        if not self:
            return
        for node in plan.nodes:
            node.params = _changed(node.params, self._old, self._new)
        for hook in plan.execution_hooks:
            hook.update(_changed(dict(hook), self._old, self._new))
        for key in ("globals", "project_root"):
            if key in plan.context:
                plan.context[key] = _changed(plan.context[key], self._old, self._new)
        plan.execution["resources"] = _changed(plan.execution.get("resources") or {}, self._old, self._new)

    def check(self, nodes):
        """Refuses nodes that would write into the workflow's folder: that of this worker goes with its job."""
        if not self:
            return
        for node in nodes:
            for name in _WRITTEN if node.role in _WRITERS else ():
                path = node.params.get(name)
                if isinstance(path, str) and os.path.isabs(path) and _below(path, self._new):
                    raise ValueError(
                        "node %s writes to %s, in the workflow's folder, which this worker does not share "
                        "(staging: transfer); write a relative path, which is below the run's products"
                        % (node.id, self.back(path))
                    )


def _below(path, root):
    return path.startswith(os.path.join(root, ""))


def _read(plan):
    """Returns what may name files that are read."""
    for node in plan.nodes:
        written = _WRITTEN if node.role in _WRITERS else ()
        yield {key: value for key, value in (node.params or {}).items() if key not in written}
        yield (node.meta or {}).get("execution")
    yield plan.execution_hooks
    yield plan.context.get("globals")
    for dataset in (plan.context.get("datasets") or {}).values():
        yield dataset.get("meta")


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, (list, tuple, set)):
        for each in value:
            yield from _texts(each)


def _changed(value, old, new):
    if isinstance(value, str):
        return new + value[len(old) :] if value == old or _below(value, old) else value
    if isinstance(value, dict):
        return {key: _changed(each, old, new) for key, each in value.items()}
    if isinstance(value, list):
        return [_changed(each, old, new) for each in value]
    return value
