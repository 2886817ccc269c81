"""Modifiers that come with the Dask backend."""
