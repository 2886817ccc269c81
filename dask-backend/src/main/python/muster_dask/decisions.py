"""What the lifecycle of tasks decides."""

import typing

from .tasks import Group


class Fail(typing.NamedTuple):
    """The JVM is to hear that an attempt failed. worker: that is lost, or None."""

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
