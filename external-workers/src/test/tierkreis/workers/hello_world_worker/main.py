"""A worker in Python, with the worker package of Tierkreis."""

import sys

from tierkreis import Worker

worker = Worker("hello_world_worker")


@worker.task()
def greet(greeting: str, subject: str) -> str:
    return greeting + subject


@worker.task()
def fail() -> str:
    raise ValueError("I refuse!")


@worker.task()
def leave() -> str:
    sys.exit(1)


if __name__ == "__main__":
    worker.app(sys.argv)
