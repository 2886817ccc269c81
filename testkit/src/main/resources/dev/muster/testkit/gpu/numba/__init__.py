"""Stands in for Numba."""
