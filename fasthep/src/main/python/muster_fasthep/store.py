"""How values travel between tasks: as pickled bytes, large ones as a file of the task; readers take both."""

import copyreg
import io
import os
import pathlib
import pickle
import types

LARGE = 8 << 20


def _view(values):
    return types.MappingProxyType(values)


class _Pickler(pickle.Pickler):
    dispatch_table = copyreg.dispatch_table.copy()
    # FAST-HEP's manifests of artifacts hold such a view, which Python does not pickle.
    dispatch_table[types.MappingProxyType] = lambda view: (_view, (dict(view),))


def put(values, path):
    """Returns the values as bytes, or the path, to which they were written where they are large."""
    buffer = io.BytesIO()
    try:
        _Pickler(buffer, protocol=5).dump(values)
    except Exception as error:
        raise TypeError(
            "%s, so it cannot go to another task: %s: %s" % (_culprit(values), type(error).__name__, error)
        ) from error
    if buffer.tell() <= LARGE:
        return buffer.getvalue()
    path = pathlib.Path(path)
    new = path.with_name(path.name + ".new")
    new.write_bytes(buffer.getbuffer())
    os.replace(new, path)
    return path


def get(item):
    """Returns the values of what put returned."""
    return pickle.loads(pathlib.Path(item).read_bytes() if isinstance(item, pathlib.Path) else item)


def items(inputs):
    """Returns what a task was given, one after the other: lists are taken apart, None is left out."""
    for each in inputs.values() if isinstance(inputs, dict) else inputs:
        if isinstance(each, (list, tuple, dict)):
            yield from items(each)
        elif each is not None:
            yield each


def is_folder(item):
    """Tells whether an item is a folder of files, rather than values."""
    return isinstance(item, pathlib.Path) and item.is_dir()


def _culprit(values):
    """Says which value it is that cannot be pickled."""
    for key, value in values.get("values", {}).items():
        try:
            _Pickler(io.BytesIO(), protocol=5).dump(value)
        except Exception:
            return "the output %s of node %s, a %s, cannot be pickled" % (key[1], key[0], type(value).__name__)
    return "what a hook or an operation recorded cannot be pickled"
