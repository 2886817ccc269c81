"""What Muster runs in Python when a workflow runs on Dask: the bridge, the workers, and what they carry out."""

import time

RUNTIME = 5
#: When the code of this process began to be imported, or that of the process that it was forked from.
STARTED = time.time()
