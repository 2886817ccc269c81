"""Calls over the network that are tried again: whoever answers may be stopped or overloaded for a while."""

import asyncio
import sys

#: Seconds between attempts; each may take as long as a connection is waited for.
PAUSES = (1.0, 2.0, 4.0)
TROUBLE = (OSError, asyncio.TimeoutError)


class Unreachable(OSError):
    """Somebody could not be reached, in several attempts."""


def kind(error):
    """Returns the kind of the failure that an error of Dask is."""
    return "NETWORK" if isinstance(error, TROUBLE) else "BACKEND"


async def persist(call, what, trouble=TROUBLE, pauses=None):
    """Returns what a coroutine function returns, which is called again after trouble. Raises Unreachable when no attempt succeeds.

    what: for people, for example "the file /data/x cannot be fetched". trouble: the exceptions after which it is called again.
    """
    pauses = PAUSES if pauses is None else pauses
    for attempt in range(len(pauses) + 1):
        try:
            return await call()
        except trouble as error:
            why = "%s: %s" % (what, error if str(error) else type(error).__name__)
            if attempt == len(pauses):
                raise Unreachable("%s (attempt %d, the last)" % (why, attempt + 1)) from None
        print("muster: %s; it is tried again in %g s" % (why, pauses[attempt]), file=sys.stderr, flush=True)
        await asyncio.sleep(pauses[attempt])
