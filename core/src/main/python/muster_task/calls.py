"""How a function is called: with the inputs and parameters that it takes, and with ctx.

A call is a mapping, the same wherever it is carried out:
  callable            module:function
  args, params        the stage's arguments by position and by name
  inputs              by name; explicit: whether the stage names them, so that the function must take each
  stage, attempt, pool, worker
  partition           index, dataset, files, first_event, events; or None
  dataset             name, files, events, attributes; or None
  input_partitions    lists of partitions, by input
  missing_inputs      of a stage that tolerates it, what is missing by input: lists of task, partition and dataset
  variables, extra_data   of the stage's environment
  output_dir, base_dir    the task's own folder and the workflow's
"""

import difflib
import inspect
import keyword
import re

from .errors import Failure


def identifier(name):
    """Returns an input's name as a Python name."""
    name = re.sub(r"\W", "_", name)
    if name[:1].isdigit():
        name = "_" + name
    return name + "_" if keyword.iskeyword(name) else name


def accepts(function):
    """Returns a function that tells whether `function` takes a keyword, and its keywords; None if it cannot be known."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None, []
    by_name = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    if any(p.kind == p.VAR_KEYWORD for p in parameters):
        return (lambda name: True), by_name
    return (lambda name: name in by_name), by_name


def arguments(function, call, ctx):
    """Returns the keyword arguments of a call: inputs, parameters and ctx."""
    takes, names = accepts(function)
    positional = names[: len(call["args"])]
    keywords = {}
    origins = {}

    def give(name, value, origin):
        if name in origins:
            raise Failure(
                "OPERATION",
                "%s and %s of %s are both passed as %r; rename one of them"
                % (origins[name], origin, call["callable"], name),
            )
        origins[name] = origin
        keywords[name] = value

    for name, value in call["inputs"].items():
        key = identifier(name)
        origin = "the input %r" % name
        if call["explicit"]:
            if takes is not None and not takes(key):
                raise Failure("OPERATION", refusal(call, origin, key, names))
            give(key, value, origin)
        elif takes is not None and takes(key) and key not in positional:
            give(key, value, origin)
    for name, value in call["params"].items():
        origin = "the parameter %r" % name
        if takes is not None and not takes(name):
            raise Failure("OPERATION", refusal(call, origin, name, names))
        give(name, value, origin)
    if takes is not None and takes("ctx") and "ctx" not in origins:
        keywords["ctx"] = ctx
    if takes is not None:
        try:
            inspect.signature(function).bind(*call["args"], **keywords)
        except TypeError as error:
            raise Failure("OPERATION", "%s(): %s" % (call["callable"], error)) from None
    return keywords


def refusal(call, origin, key, names):
    """Says that a function does not take an argument."""
    near = difflib.get_close_matches(key, names, 1)
    if near:
        return "%s() does not take %s; did you mean %r?" % (call["callable"], origin, near[0])
    taken = ", ".join(names) if names else "no arguments"
    return "%s() does not take %s; it takes %s" % (call["callable"], origin, taken)


def never_run(value):
    """Says what a value is whose code has not run: that of an async function, or of one with a yield; None if it is neither."""
    if inspect.iscoroutine(value):
        value.close()  # Else Python warns that nobody awaited it.
        return "is an async function"
    if inspect.isasyncgen(value) or hasattr(type(value), "__aenter__") and not hasattr(type(value), "__enter__"):
        return "is an async function"
    return "is a generator" if inspect.isgenerator(value) else None


def ran(result, name):
    """Returns what a function returned, if its code has run."""
    if inspect.iscoroutine(result) or inspect.isasyncgen(result):
        never_run(result)
        raise Failure(
            "OPERATION",
            "%s is an async function, so nothing of it ran; name a plain function that calls asyncio.run" % name,
        )
    return result
