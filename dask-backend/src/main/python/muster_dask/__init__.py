"""What Muster runs in Python when a workflow runs on Dask: the bridge, the workers, and what they carry out."""

RUNTIME = 4
