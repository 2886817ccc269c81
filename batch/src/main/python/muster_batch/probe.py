"""Tells what a job finds where it runs, as a line of JSON."""

import json
import platform
import socket
import sys

import muster_task  # which refuses a Python that is too old


def main():
    """Tells it."""
    found = {
        "host": socket.gethostname(),
        "python": platform.python_version(),
        "executable": sys.executable,
        "least": "%d.%d" % muster_task.PYTHON,
    }
    print("muster-probe: " + json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
