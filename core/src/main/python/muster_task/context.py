"""What a function sees of its task."""

import json
import pathlib
import sys
import types

from . import children
from .encoding import dump, dump_value
from .errors import MAX_TOLD, bounded, bounded_value, readable


class Context:
    """What a function sees of its task.

    stage, attempt, pool, worker: where it runs. partition: index, dataset, files, first_event, events; or None.
    dataset: name, files, events, attributes; or None. params, inputs, input_partitions: by name. output_dir: a folder
    of the task's own. base_dir: the workflow's folder. variables: the stage's environment variables. extra_data: what
    the stage's environment carries.

    teller: passes on what the function says, with log(text) and diagnostic(name, encoded), which return whether they could.
    make: makes the task's folder, when the function asks for it; by default it is there.
    """

    def __init__(self, call, teller, make=None):
        self._teller = teller
        self._make = make
        self.stage = call["stage"]
        self.callable = call["callable"]
        self.partition = _record(call["partition"])
        self.dataset = _record(call["dataset"])
        self.params = call["params"]
        self.inputs = call["inputs"]
        self.input_partitions = {
            name: [_record(item) for item in items]
            for name, items in call["input_partitions"].items()
        }
        self._output_dir = call["output_dir"]
        self._base_dir = call["base_dir"]
        self.variables = call["variables"]
        self.attempt = call["attempt"]
        self.pool = call["pool"]
        self.worker = call["worker"]
        self.extra_data = call["extra_data"]

    @property
    def output_dir(self):
        """The folder of the task's own."""
        if self._make is not None:
            self._make(self._output_dir)
            self._make = None
        return pathlib.Path(self._output_dir)

    @property
    def base_dir(self):
        """The workflow's folder."""
        return pathlib.Path(self._base_dir)

    def log(self, message):
        """Writes a line to the run's log, under the task's name; from a forked child, or after the call, to standard error.

        Of a text of more than 15 KiB the log has the beginning; the whole is written to standard error.
        """
        text = readable(str(message))
        told = bounded(text, ", the whole text is on the task's standard error")
        if not self._teller.log(told) or told is not text:
            print(text, file=sys.stderr, flush=True)

    def diagnostic(self, name, value):
        """Adds a value to the task's diagnostics. A forked child cannot, and nobody can after the call."""
        name = bounded(readable(str(name)))
        text = dump_value(value, "diagnostic %r" % name, readable)
        if len(text) > MAX_TOLD:
            text = dump(bounded_value(json.loads(text)))
        if not self._teller.diagnostic(name, text):
            who = "a child of its process" if children.is_child() else "a thread that outlived its call"
            raise RuntimeError("the diagnostic %r of stage %s was given by %s, and cannot be passed on" % (name, self.stage, who))


def _record(values):
    return None if values is None else types.SimpleNamespace(**values)
