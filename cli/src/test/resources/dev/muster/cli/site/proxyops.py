"""Operations that say which credentials they have, and never what these are."""

import hashlib
import os
import pathlib
import time

ORIGINALS = "/secrets/"


def look():
    """Returns what a task sees of its proxy and its token, as text."""
    proxy, token = os.environ["X509_USER_PROXY"], os.environ["BEARER_TOKEN_FILE"]

    def state(path):
        digest = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
        return "%s %s" % (digest, oct(os.stat(path).st_mode & 0o777))

    return "token variable: %s, proxy: %s, token: %s, originals: %s" % (
        "BEARER_TOKEN" in os.environ,
        state(proxy),
        state(token),
        ORIGINALS in proxy + token,
    )


def watch(ctx, renewal=False, **inputs):
    """Writes down what tasks before it saw, and what it sees; waits for a new proxy if told so, and writes down that one, too."""
    place = pathlib.Path(ctx.output_dir) / ("seen-%s.txt" % ctx.stage)
    lines = [line for seen in inputs.values() for line in pathlib.Path(seen).read_text().splitlines()]
    lines.append(look())
    place.write_text("\n".join(lines))
    end = time.monotonic() + 60
    while renewal and look() == lines[-1]:
        if time.monotonic() > end:
            raise TimeoutError("the proxy was not renewed")
        time.sleep(0.1)
    if renewal:
        lines.append(look())
    place.write_text("\n".join(lines))
    return place
