"""What a job that sees nothing of the submit host has there, and takes back there.

In the job's folder: base, for the workflow's folder; call, with its calls; tasks, with the folders of its tasks; and
left, all of which is sent back: the file that says what became of the tasks, and by task, in tasks/N, the files that
outputs name.
"""

import os
import pathlib
import shutil
import tempfile

from muster_task import ownfiles, paths
from muster_task.errors import Failure

CALL, LEFT, BASE, TASKS = "call", "left", "base", "tasks"


class Leaving:
    """What is sent back of a job. home: the job's folder."""

    def __init__(self, home):
        self._home = home
        self.folder = os.path.join(home, LEFT)
        self._roots = tuple(os.path.realpath(root) + os.sep for root in (home, tempfile.gettempdir()))
        self._directories = {}

    def here(self, call, place):
        """Gives a call paths of this machine."""
        sent = call.pop("sent")
        if sent:
            call["inputs"] = {name: self._found(value, sent) for name, value in call["inputs"].items()}
        call["base_dir"] = os.path.join(self._home, BASE)
        self._directories[place] = os.path.dirname(call["output_dir"])
        call["output_dir"] = os.path.join(self._task(place), "outputs")

    def _task(self, place):
        return os.path.join(self._home, TASKS, str(place))

    def _found(self, value, sent):
        # sent: names in the job's call by paths of the submit host

        def change(path):
            name = sent.get(str(path))
            return path if name is None else pathlib.Path(self._home, CALL, name)

        return paths.replace(value, change)

    def take(self, output, place):
        """Returns an output with the paths that its files will have on the submit host; keeps these."""
        names = paths.Names(self._task(place))

        def change(path):
            path = os.path.abspath(str(path))
            if not os.path.realpath(path).startswith(self._roots):
                return pathlib.Path(path)  # A place that every machine sees.
            name = names.of(path)
            self._keep(path, os.path.join(self.folder, TASKS, str(place), name))
            return pathlib.Path(self._directories[place], name)

        return paths.replace(output, change)

    @staticmethod
    def _keep(path, target):
        if os.path.lexists(target):
            return  # The output names it twice.
        try:
            ownfiles.folder(os.path.dirname(target))
            if os.path.isdir(path):
                shutil.copytree(path, target)
            else:
                shutil.copy(path, target)
        except OSError as error:
            what = "the file %s of the output cannot be sent back: %s" % (path, error)
            raise Failure("SERIALIZATION", what) from None
