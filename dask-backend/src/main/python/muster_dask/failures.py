"""Failures of tasks that are told by their kind."""

from muster_task import errors


def fail(message, kind="OPERATION", exit_code=None):
    """Makes a failure. exit_code: of the command, where it has ended with one."""
    return errors.Failure(kind, message, exit_code)
