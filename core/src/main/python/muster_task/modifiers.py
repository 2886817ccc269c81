"""Modifiers: objects with hooks around an operation."""

import inspect

from .calls import accepts, never_run
from .errors import Failure, print_error, text_of
from .imports import resolve
from .records import Node

HOOKS = ("before_node", "around_node", "after_node", "on_node_error")
TO_WRITE = (
    "take the argument `call` and write `return call()`, or write @contextlib.contextmanager above it and `yield` once "
    "where the operation is to run"
)


def make_modifier(name, impl, params):
    """Returns the object with hooks that a class, a factory or an instance stands for."""
    found = resolve(impl)
    is_class = inspect.isclass(found)
    if not is_class and any(callable(getattr(found, hook, None)) for hook in HOOKS):
        if params:
            raise Failure(
                "OPERATION",
                "modifier %s: %s is an object and takes no parameters, got %s"
                % (name, impl, ", ".join(params)),
            )
        return found
    if not callable(found):
        raise Failure("OPERATION", "modifier %s: %s has none of %s" % (name, impl, ", ".join(HOOKS)))
    made = found(**params)
    if not any(callable(getattr(made, hook, None)) for hook in HOOKS):
        raise Failure("OPERATION", "modifier %s: %s has none of %s" % (name, impl, ", ".join(HOOKS)))
    return made


def is_context(value):
    """Tells whether a value can stand after `with`."""
    return hasattr(type(value), "__enter__") and hasattr(type(value), "__exit__")


class Inside:
    """What is inside a modifier: the next one, or the operation. Counts its calls."""

    def __init__(self, body):
        self._body = body
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return self._body()


class Modified:
    """A call inside its modifiers. params: those of each modifier, which ctx has while its hooks are called, and after."""

    def __init__(self, modifiers, call, ctx, params=None):
        self._modifiers = modifiers
        self._ctx = ctx
        self._params = params
        self._arguments = {
            "node": Node(call["stage"], call["callable"], call.get("params", {})),
            "inputs": call["inputs"],
            "outputs": {},
            "ctx": ctx,
        }

    def run(self, body):
        """Runs the modifiers and `body`, which takes no arguments; returns what they made of its result."""
        entered = []
        try:
            for modifier in self._modifiers:
                self._plain_hook(modifier, "before_node")
                entered.append(modifier)
            result = self._around(0, body)
            outputs = dict(result) if isinstance(result, dict) else {"output": result}
            self._arguments["outputs"] = outputs
            for modifier in reversed(self._modifiers):
                self._plain_hook(modifier, "after_node")
            if isinstance(result, dict) or set(outputs) != {"output"}:
                return outputs
            return outputs["output"]
        except BaseException as error:
            for modifier in reversed(entered):
                try:
                    self._plain_hook(modifier, "on_node_error", error=error, exc=error)
                except BaseException as further:
                    if getattr(type(further), "ends_process", False):
                        raise
                    print_error(further)
            raise

    def _around(self, index, body):
        if index == len(self._modifiers):
            return body()
        modifier = self._modifiers[index]
        if not callable(getattr(modifier, "around_node", None)):
            return self._around(index + 1, body)
        inside = Inside(lambda: self._around(index + 1, body))
        made = self._hook(modifier, "around_node", call=inside)
        if inside.calls:
            return made
        if is_context(made):
            return self._within(modifier, made, inside)
        kind = never_run(made) or "neither called `call` nor returned a context manager"
        raise Failure("OPERATION", "%s %s, so the operation did not run; %s" % (called(modifier), kind, TO_WRITE))

    def _within(self, modifier, context, inside):
        """Runs what is inside between the entry and the exit of a context manager."""
        left = raised = None
        done = False
        with context:
            try:
                self._once(modifier, inside, 0)
                left = inside()
                done = True
            except BaseException as error:
                raised = error
                raise
        self._once(modifier, inside, 1)
        if done:
            return left
        raise Failure(
            "OPERATION",
            "%s swallowed %s: %s, so there is no output; let its context manager raise it again"
            % (called(modifier), type(raised).__name__, text_of(raised)),
        ) from raised

    def _once(self, modifier, inside, calls):
        if inside.calls != calls:
            raise Failure(
                "OPERATION",
                "%s both called `call` and returned a context manager, so the operation would run twice; "
                "do one of the two: %s" % (called(modifier), TO_WRITE),
            )

    def _plain_hook(self, modifier, name, **more):
        made = self._hook(modifier, name, **more)
        kind = None if made is None else never_run(made)
        if kind is None and hasattr(made, "gen") and is_context(made):
            kind = "is a context manager"
        if kind is not None:
            raise Failure(
                "OPERATION",
                "%s %s, so nothing of it ran; write a plain function, and what goes around the operation into around_node"
                % (called(modifier, name), kind),
            )

    def _hook(self, modifier, name, **more):
        hook = getattr(modifier, name, None)
        if not callable(hook):
            return None
        if self._params:
            self._ctx.adopt(next(params for each, params in zip(self._modifiers, self._params) if each is modifier))
        given = dict(self._arguments, **more)
        takes, _ = accepts(hook)
        if takes is not None:
            given = {key: value for key, value in given.items() if takes(key)}
        return hook(**given)


def called(modifier, hook="around_node"):
    """Returns a hook in words."""
    owner = modifier if inspect.isclass(modifier) or inspect.ismodule(modifier) else type(modifier)
    return "the modifier's hook %s.%s" % (owner.__name__, hook)
