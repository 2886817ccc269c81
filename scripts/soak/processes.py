"""The processes of a run, found by what they carry, and signals to them."""

import os
import pathlib
import signal


class Processes:
    """The processes of a run: those that work in its folder, name it, or carry its mark."""

    def __init__(self, folder):
        self._folder = os.fsencode(str(folder))

    def all(self):
        """Returns their command lines by id."""
        found = {}
        for entry in os.listdir("/proc"):
            if not entry.isdigit() or int(entry) == os.getpid():
                continue
            try:
                place = pathlib.Path("/proc", entry)
                line = (place / "cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ")
                where = os.fsencode(os.readlink(place / "cwd"))
                if line and (self._folder in where or self._folder in line or self._folder in (place / "environ").read_bytes()):
                    found[int(entry)] = line.decode(errors="replace")
            except OSError:
                continue  # it is gone
        return found

    def named(self, text):
        """Returns the ids of the Pythons whose command line has a text: what starts them may name it too."""
        return [process for process, line in self.all().items() if text in line and "python" in line.split(" ", 1)[0]]

    def kill(self):
        """Ends them all."""
        for process in self.all():
            send(process, signal.SIGKILL)


def send(process, number):
    """Sends a signal to a process that may be gone."""
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass
