"""Carries out Python operations for Muster: in processes of the JVM's own machine, on Dask workers, wherever Python is.

Standard library only. `PYTHON` is the oldest version that it runs on; no older one gets beyond this file.
"""

import sys

PYTHON = (3, 8)

if sys.version_info < PYTHON:
    sys.exit("Python %d.%d or newer is needed, this is %s (%s)" % (PYTHON + (sys.version.split()[0], sys.executable)))
