"""What the calls of one stage have in common: the function, which arguments it takes, and its modifiers."""

from . import children, surroundings
from .calls import arguments, identifier, ran
from .errors import Failure
from .imports import resolve
from .modifiers import Modified, make_modifier


class Stage:
    """A stage. Thread-safe.

    spec: callable (module:function) and modifiers (name, impl and params each). Of a command, callable is its name in messages, and
    there are command, compiled, and container: what it runs in, or None.
    """

    def __init__(self, spec):
        self.spec = spec
        self.callable = spec["callable"]
        self._command = spec.get("command")
        self._specs = spec["modifiers"]
        self._function = None
        self._modifiers = None
        self._shape = None

    def function(self):
        """Returns the operation."""
        if self._function is None:
            if self._command is not None:
                from . import shell  # which few processes need

                self._function = shell.operation(self.spec)
                return self._function
            function = resolve(self.callable)
            if not callable(function):
                raise Failure("OPERATION", "%s is not callable" % self.callable)
            self._function = function
        return self._function

    def modifiers(self):
        """Returns the modifiers; each is made once for the stage in this process."""
        if self._modifiers is None:
            with surroundings.importing_lock:
                if self._modifiers is None:
                    self._modifiers = [make_modifier(each["name"], each["impl"], each["params"]) for each in self._specs]
        return self._modifiers

    def arguments(self, call, make_context):
        """Returns the keyword arguments of a call. Which there are is found once, where there are no modifiers to change that."""
        names = list(call["inputs"]), list(call["params"])
        shape = self._shape
        if shape is None or shape[0] != names:
            found = arguments(self.function(), call, make_context())
            if not self._specs:
                self._shape = (names,) + self.shape(call, found)
            return found
        _, given, params, takes_context = shape
        found = {name: call["params"][name] for name in params}
        for name, key in given:
            found[key] = call["inputs"][name]
        if takes_context:
            found["ctx"] = make_context()
        return found

    def shape(self, call, found):
        """Returns where arguments come from: (input, argument) each, parameters, and whether there is ctx."""
        params = [name for name in found if name in call["params"]]
        keys = [(name, identifier(name)) for name in call["inputs"]]
        given = [(name, key) for name, key in keys if key in found and key not in params]
        return given, params, "ctx" in found and "ctx" not in params

    def run(self, call, make_context):
        """Calls the function inside its modifiers; returns its output. make_context: returns what it sees of its task."""
        modifiers = self.modifiers()
        if not modifiers:
            return self.operate(call, make_context)
        params = [each["params"] for each in self._specs]
        return Modified(modifiers, call, make_context(), params if any(params) else None).run(lambda: self.operate(call, make_context))

    def operate(self, call, make_context):
        """Calls the function, or runs the command."""
        function = self.function()
        if self._command is not None:
            return function(call, str(make_context().output_dir))
        given = self.arguments(call, make_context)
        return ran(children.call_here(function, *call["args"], **given), self.callable)
