"""The bridge's ear: lines from the JVM."""

import os
import time


def read_lines(fd, loop, take, over, seconds):
    """Reads lines until there are no more, and ends the process `seconds` after that if it does not end by itself.

    take: is called with lines on the event loop. over: is called there when there are no more.
    """
    rest = b""
    while True:
        data = os.read(fd, 1 << 20)
        if not data:
            break
        lines = (rest + data).split(b"\n")
        rest = lines.pop()
        if lines:
            loop.call_soon_threadsafe(take, lines)
    loop.call_soon_threadsafe(over)
    # The event loop may be held up by something; the process must end all the same.
    time.sleep(seconds)
    os._exit(1)
