"""What the lifecycle of tasks decides."""

import typing

from .tasks import Group


#: The kind of a failure of a task that did not run: what it reads was lost with a worker again and again.
INPUT_LOST = "INPUT_LOST"


class Fail(typing.NamedTuple):
    """The JVM is to hear that an attempt failed. kind: a FailureKind, or INPUT_LOST. worker: that is lost, or None."""

    task: int
    attempt: int
    kind: str
    message: str
    worker: typing.Optional[str]


class TakeBack(typing.NamedTuple):
    """Dask is to stop a group, and to forget it."""

    group: Group


class LetGo(typing.NamedTuple):
    """Dask need not keep a group. soon: it takes up memory or cannot be carried out; else there is time."""

    group: Group
    soon: bool
