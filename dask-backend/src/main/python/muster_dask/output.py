"""The bridge's way to the JVM."""

import json
import os
import queue
import threading


class Output(threading.Thread):
    """Writes lines, so that a slow reader does not hold up the event loop."""

    def __init__(self, fd):
        super().__init__(daemon=True, name="muster-output")
        self._fd = fd
        self._lines = queue.SimpleQueue()
        self.start()

    def write(self, message):
        """Queues a message."""
        self._lines.put(message)

    def finish(self, seconds):
        """Waits until what is queued is written."""
        self._lines.put(None)
        self.join(seconds)

    def run(self):
        while True:
            message = self._lines.get()
            if message is None:
                return
            data = memoryview(json.dumps(message, separators=(",", ":")).encode() + b"\n")
            try:
                while data:
                    data = data[os.write(self._fd, data) :]
            except OSError:
                return  # Nobody reads any more; the end of standard input will come.
