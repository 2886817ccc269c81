"""Files of tasks: put together in one folder, and their paths in values changed to where they lie then."""

import dataclasses
import filecmp
import os
import pathlib
import re
import shutil
import types

OUT = "out"
_END = re.compile(r"(?<=/)%s(?![\w.-])" % OUT)
_NAME = re.compile(r"[\w.~-]")


class Relocation:
    """Where paths below the folders of tasks are now.

    old: absolute folders, each named out; new: the folder that has their files.
    """

    def __init__(self, old, new):
        self._old = frozenset(old)
        self._new = str(new)

    def apply(self, value):
        """Returns the value with its paths changed, also in containers and dataclasses; others as they are."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, pathlib.PurePath):
            text = str(value)
            changed = self._text(text)
            return value if changed == text else type(value)(changed)
        if isinstance(value, dict):
            return self._mapping(value)
        if isinstance(value, types.MappingProxyType):
            return types.MappingProxyType({key: self.apply(each) for key, each in value.items()})
        if isinstance(value, (list, tuple)):
            return self._sequence(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._record(value)
        return value

    def _text(self, text):
        done = []
        at = 0
        for found in _END.finditer(text):
            start = self._start(text, at, found.end())
            if start is not None:
                done += [text[at:start], self._new]
                at = found.end()
        return "".join([*done, text[at:]]) if done else text

    def _start(self, text, at, end):
        """Returns where a folder of a task begins in the text that ends there; None if there is none."""
        while True:
            at = text.find("/", at, end)
            if at < 0:
                return None
            if text[at:end] in self._old and not _NAME.match(text[at - 1 : at]):
                return at
            at += 1

    def _mapping(self, value):
        changed = {self.apply(key) if isinstance(key, str) else key: self.apply(each) for key, each in value.items()}
        if type(value) is dict:
            return changed
        value.clear()
        value.update(changed)
        return value

    def _sequence(self, value):
        changed = [self.apply(each) for each in value]
        if all(new is old for new, old in zip(changed, value)):
            return value
        if hasattr(value, "_fields"):
            return type(value)(*changed)
        return type(value)(changed)

    def _record(self, value):
        for field in dataclasses.fields(value):
            if hasattr(value, field.name):
                old = getattr(value, field.name)
                new = self.apply(old)
                if new is not old:
                    object.__setattr__(value, field.name, new)  # Also of a frozen one: it is a copy of this task's own.
        return value


def gather(trees, root, last_wins=False):
    """Puts the files of folders together below root, as links where the file system has them.

    Two folders with a different file of one name are an error; last_wins: the later one is taken, as where all wrote to
    one folder. Returns the files' relative paths.
    """
    root = pathlib.Path(root)
    placed = {}
    for tree in trees:
        for folder, _, names in os.walk(tree):
            for name in names:
                source = pathlib.Path(folder, name)
                relative = source.relative_to(tree)
                if relative in placed and not last_wins:
                    if not filecmp.cmp(source, root / relative, shallow=False):
                        raise FileExistsError(
                            "two tasks wrote different files %s: %s and %s; name {dataset} and {part} in the path, "
                            "or set execution.config.fasthep.compatible to keep the last"
                            % (relative, placed[relative], source)
                        )
                    continue
                place(source, root / relative)
                placed[relative] = source
    return sorted(each.as_posix() for each in placed)


def forget(trees, given, root):
    """Takes files that gather has put below root away again, unless they are others now. given: what it returned."""
    for relative in given:
        source = next(each for each in (tree / relative for tree in reversed(list(trees))) if each.exists())
        target = pathlib.Path(root, relative)
        if target.exists() and filecmp.cmp(source, target, shallow=False):
            target.unlink()


def place(source, target):
    """Makes target the file source, or a copy of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and os.path.samefile(source, target):
        return  # Of an attempt before; a rename between names of one file would leave both.
    new = target.with_name(target.name + ".muster-new")
    new.unlink(missing_ok=True)
    try:
        os.link(source, new, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, new, follow_symlinks=False)
    os.replace(new, target)


def with_files(root):
    """Returns root if there is a file below it, else None."""
    return root if any(names for _, _, names in os.walk(root)) else None
