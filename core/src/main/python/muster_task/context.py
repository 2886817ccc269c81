"""What a function sees of its task."""

import json
import pathlib
import sys
from collections.abc import MutableMapping

from . import children, records
from .encoding import dump, dump_value
from .errors import MAX_TOLD, bounded, bounded_value, readable


class Context(MutableMapping):
    """What a function sees of its task: an object with attributes, and a mapping as FAST-HEP has it, with the same
    names and more.

    stage, attempt, pool, worker: where it runs. partition: index, dataset, files, first_event, events; or None.
    dataset: name, files, events, attributes; or None. params, inputs, input_partitions: by name. missing_inputs: by
    name, lists of the outputs that are missing because the stage tolerates it, with task (its name), partition and
    dataset (its name) each; a name is there if something is missing. output_dir: a folder
    of the task's own. base_dir: the workflow's folder. variables: the stage's environment variables. extra_data: what
    the stage's environment carries. nodes: the machines that the task has. ranks: the processes that MPI is to start on
    them in all; both are 1 but where a job was asked for that has more.

    As a mapping it also has node_id (the stage), outdir (output_dir as text) and dataset_name. partition and dataset
    are in it where there is one; they are mappings too. What is put into it is seen by this call alone.

    teller: passes on what the function says, with log(text) and diagnostic(name, encoded), which return whether they could.
    make: makes the task's folder, when the function asks for it; by default it is there.
    """

    def __init__(self, call, teller, make=None):
        self._teller = teller
        self._make = make
        self.stage = call["stage"]
        self.callable = call["callable"]
        self.partition = records.partition(call["partition"])
        self._dataset = call["dataset"]
        self._dataset_known = False
        self.params = call["params"]
        self.inputs = call["inputs"]
        self.input_partitions = {
            name: [records.partition(item) for item in items]
            for name, items in call["input_partitions"].items()
        }
        self.missing_inputs = {
            name: [dict(item, partition=records.partition(item["partition"])) for item in items]
            for name, items in call.get("missing_inputs", {}).items()
        }
        self._output_dir = call["output_dir"]
        self._base_dir = call["base_dir"]
        self.variables = call["variables"]
        self.attempt = call["attempt"]
        self.pool = call["pool"]
        self.worker = call["worker"]
        self.extra_data = call["extra_data"]
        self.nodes = call.get("nodes", 1)
        self.ranks = call.get("ranks", 1)
        self._more = {}

    @property
    def dataset(self):
        """The task's dataset, or None."""
        if not self._dataset_known:  # It may be large, and few ask for it.
            found = self._dataset
            self._dataset = records.dataset(found() if callable(found) else found)
            self._dataset_known = True
        return self._dataset

    @dataset.setter
    def dataset(self, value):
        self._dataset, self._dataset_known = value, True

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

    @property
    def outdir(self):
        """output_dir as text, as FAST-HEP has it."""
        return str(self.output_dir)

    @property
    def node_id(self):
        """The stage, as FAST-HEP has it."""
        return self.stage

    @property
    def dataset_name(self):
        """The dataset's name, or None."""
        return None if self.dataset is None else self.dataset.name

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


    def __getitem__(self, name):
        if name in self._more:
            return self._more[name]
        if name in OWN:
            value = getattr(self, name)
            if value is not None or name not in IF_ANY:
                return value
        raise KeyError(name)

    def __setitem__(self, name, value):
        if name in OWN:
            raise KeyError("ctx[%r] is Muster's and cannot be set; take another name" % name)
        self._more[name] = value

    def __delitem__(self, name):
        del self._more[name]

    def __iter__(self):
        for name in OWN:
            if name not in IF_ANY or getattr(self, name) is not None:
                yield name
        yield from self._more

    def __len__(self):
        return sum(1 for _ in self)

    def __getattr__(self, name):
        if not name.startswith("__") and name in self.__dict__.get("_more", ()):
            return self._more[name]
        raise AttributeError("ctx has no %r; it has %s" % (name, ", ".join(map(str, self))))

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self):
        return "<ctx of %s>" % self.stage

    def adopt(self, params):
        """Puts a modifier's parameters into the mapping, but those whose names it has of itself."""
        self._more.update((name, value) for name, value in params.items() if name not in OWN)


# The entries that are of the task itself.
OWN = dict.fromkeys(
    "partition dataset dataset_name node_id outdir stage attempt pool worker callable params inputs input_partitions "
    "missing_inputs output_dir "
    "base_dir variables extra_data".split()
)
IF_ANY = {"partition", "dataset", "dataset_name"}
