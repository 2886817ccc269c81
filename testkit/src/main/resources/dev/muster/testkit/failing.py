"""Functions that fail, each in another way, and outputs that cannot be passed on: the Python half of the table of failures."""

import asyncio
import atexit
import importlib
import os
import signal
import subprocess
import sys
import threading
import time

NUMBER = 7


class Odd(Exception):
    """An exception whose text is what it was given: called, if it can be."""

    def __init__(self, text):
        super().__init__()
        self.text = text

    def __str__(self):
        return self.text() if callable(self.text) else self.text


class Unpicklable:
    """An object that says that it cannot be pickled, with an exception."""

    def __init__(self, error):
        self.error = error

    def __reduce__(self):
        raise self.error


def refuse():
    """Raises an exception."""
    raise ValueError("no text")


def raises_nothing():
    """Makes an object without hooks."""
    return object()


def number_7():
    """Succeeds."""
    return NUMBER


class Plain:
    """A modifier that changes nothing."""

    def around_node(self, call):
        """Calls the operation."""
        return call()


class RaisingBefore:
    """A modifier that raises before the operation."""

    def before_node(self, node, inputs, outputs, ctx):
        """Raises."""
        refuse()


class RaisingAfter:
    """A modifier that raises after the operation."""

    def after_node(self, node, inputs, outputs, ctx):
        """Raises."""
        refuse()


class RaisingMade(RaisingBefore):
    """A modifier that cannot be made."""

    def __init__(self):
        refuse()


class EndingBefore:
    """A modifier that ends as a program does."""

    def before_node(self, node, inputs, outputs, ctx):
        """Ends."""
        sys.exit(3)


class NotCalling:
    """A modifier that forgets the operation."""

    def around_node(self, node, inputs, outputs, ctx, call):
        """Calls nothing."""


class MakingASet:
    """A modifier whose output cannot be passed on."""

    def around_node(self, node, inputs, outputs, ctx, call):
        """Makes a set."""
        return {call()}


def raises():
    """Raises the usual exception."""
    raise ValueError("on purpose")


def text_raises():
    """Raises an exception without a text: asking for it raises another."""
    raise Odd(refuse)


def text_is_none():
    """Raises an exception whose text is none."""
    raise Odd(None)


def text_ends():
    """Raises an exception whose text would end the process."""
    raise Odd(sys.exit)


def text_no_unicode():
    """Raises an exception with a lone surrogate, as names of files that are no UTF-8 have."""
    raise Odd("a\udcffb")


def text_of_10_mb():
    """Raises an exception with a long text."""
    raise Odd("x" * 10_000_000)


def cause_raises():
    """Raises an exception whose cause has no text."""
    raise ValueError("outer") from Odd(refuse)


def recursion():
    """Calls itself without an end."""
    return [recursion()]


def memory():
    """Raises what Python raises where there is no memory."""
    raise MemoryError()


def keyboard():
    """Raises what Ctrl-C raises."""
    raise KeyboardInterrupt()


def generator_exit():
    """Raises an exception that is no Exception."""
    raise GeneratorExit()


def stop():
    """Raises what ends a loop."""
    raise StopIteration()


def number():
    """Raises an exception with a number, which is no exit code."""
    raise ValueError(137)


def late_import():
    """Imports a module that is not there, while it runs."""
    importlib.import_module("no_such_module")


def broken_pipe():
    """Raises what a pipe raises that nobody reads."""
    raise BrokenPipeError()


def connection():
    """Raises what a network raises."""
    raise ConnectionResetError("on purpose")


def cancelled():
    """Raises what ends a coroutine, which is no Exception."""
    raise asyncio.CancelledError()


def program():
    """Runs a program that fails: its exit code is not the task's."""
    subprocess.run(["sh", "-c", "exit 5"], check=True)


def slow_loop():
    """Runs for long."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        time.sleep(0.01)


def assertion():
    """Makes an assertion that is wrong."""
    raise AssertionError()


def threads_end():
    """Raises in threads of its own, which is nothing to the task."""
    for error in (KeyboardInterrupt(), SystemExit(3), ValueError("in a thread")):
        thread = threading.Thread(target=throw, args=(error,))
        thread.start()
        thread.join()
    return "lived on"


def throw(error):
    """Raises an exception."""
    raise error


def exit_code():
    """Ends as a program does."""
    sys.exit(3)


def exit_text():
    """Ends as a program does that says why."""
    sys.exit("text")


def exit_nothing():
    """Ends as a program does that is done."""
    sys.exit()


def exit_zero():
    """Ends as a program does that has succeeded."""
    sys.exit(0)


def exit_negative():
    """Ends with an exit code that does not fit."""
    sys.exit(-9)


def last_words():
    """Says something that is not lost with the process."""
    print("last words", file=sys.stderr, flush=True)


def end_process():
    """Ends the process at once."""
    last_words()
    os._exit(7)


def end_process_well():
    """Ends the process at once, with the exit code of success."""
    last_words()
    os._exit(0)


def kill_process():
    """Ends the process as a lack of memory does."""
    last_words()
    os.kill(os.getpid(), signal.SIGKILL)


def segv_process():
    """Ends the process as a fault in compiled code does: in this thread, before it returns."""
    last_words()
    signal.raise_signal(signal.SIGSEGV)


def thread_aborts():
    """Ends the process from another thread, while it runs."""
    last_words()
    threading.Thread(target=os.abort, daemon=True).start()
    time.sleep(60)


class Ending(dict):
    """An output that ends the process when it comes to its own end."""

    def __init__(self, end):
        super().__init__()
        self.end = end

    def __del__(self):
        last_words()
        self.end()


def output_ends_process():
    """Returns an output that ends the process after that."""
    return Ending(lambda: os._exit(7))


def output_ends_process_well():
    """Returns an output that ends the process after that, with the exit code of success."""
    return Ending(lambda: os._exit(0))


def output_aborts():
    """Returns an output that ends the process after that as an assertion in compiled code does."""
    return Ending(os.abort)


class Faulty(dict):
    """An output whose items cannot be asked for."""

    def items(self):
        """Ends the process as a fault in compiled code does."""
        last_words()
        signal.raise_signal(signal.SIGSEGV)


def encoding_segv():
    """Returns an output that ends the process when it is encoded."""
    return Faulty(x=1)


class Unsound:
    """An object that ends the process when it is pickled."""

    def __reduce__(self):
        last_words()
        signal.raise_signal(signal.SIGSEGV)


def pickling_segv():
    """Returns an output that ends the process when it is pickled."""
    return Unsound()


def thread_aborts_later():
    """Leaves a thread behind that ends the process when the output has long been handed over."""
    timer = threading.Timer(1, os.abort)
    timer.daemon = True
    timer.start()
    return "lived on"


def exit_handler():
    """Leaves something behind that ends the process another way when it ends."""
    atexit.register(os._exit, 7)
    return "lived on"


def a_set():
    """Returns something that JSON has no word for."""
    return {"x": {1, 2}}


def an_open_file():
    """Returns an open file."""
    return open(os.devnull, encoding="utf-8")


def a_lock():
    """Returns something that has no meaning in another process."""
    return threading.Lock()


def a_generator():
    """Returns what has not run yet."""
    return (number for number in range(3))


def a_key():
    """Returns a mapping whose key is no text."""
    return {1: 2}


def a_ring():
    """Returns a list that holds itself."""
    ring = []
    ring.append(ring)
    return ring


def a_surrogate():
    """Returns a text that is no Unicode."""
    return "a\udcffb"


async def a_coroutine():
    """Returns what has not run yet, since nobody awaits it."""
    return 1


def not_a_number():
    """Returns a number that is none."""
    return float("nan")


def text_of_pickling_raises():
    """Returns an object that cannot be pickled, for a reason without a text."""
    return Unpicklable(Odd(refuse))


def memory_of_pickling():
    """Returns an object for whose pickle there is no memory."""
    return Unpicklable(MemoryError())


def takes(needed):
    """Takes an argument."""
    return needed


def read():
    """Runs after another stage and takes nothing from it."""
    return ""


def folder_of_before(ctx):
    """Tells what it finds in its folder, and leaves something there."""
    found = [name for name in os.listdir(ctx.output_dir) if name == "made"]  # there may be logs
    (ctx.output_dir / "made").write_text("old")
    raise ValueError("attempt %d found %s" % (ctx.attempt, found))
