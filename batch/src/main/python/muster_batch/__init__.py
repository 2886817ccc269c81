"""Carries out tasks of a workflow inside a job of a batch system. Standard library only, as the task runtime that it uses."""
