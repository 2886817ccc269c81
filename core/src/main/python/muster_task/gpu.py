"""The modifiers gpu.preload and cuda.jit. Which parameters they take is checked before, by PythonModifiers."""

import sys
import time

from . import errors
from .imports import resolve


def _need(module, name, install):
    try:
        return __import__(module, fromlist=["cuda"])
    except ImportError as error:
        raise errors.Failure(
            "ENVIRONMENT",
            "the modifier %s needs the Python package %s on its worker (%s): %s; install it there (%s), or send the stage to "
            "a pool whose workers have it" % (name, module, sys.executable, error, install),
        ) from None


class GpuPreload:
    """Copies NumPy arrays among the inputs to the GPU before the operation, as CuPy arrays.

    fields: names of inputs, or of fields of inputs that are mappings, to copy; without it every array is copied.
    on_missing: what happens if a field is not there: error (default), warn or ignore.
    """

    def __init__(self, fields=None, on_missing="error"):
        if on_missing not in ("error", "warn", "ignore"):
            raise errors.Failure(
                "OPERATION", "gpu.preload: on_missing must be error, warn or ignore, got %r" % (on_missing,)
            )
        self._fields = [fields] if isinstance(fields, str) else fields
        self._on_missing = on_missing
        self._cupy = _need("cupy", "gpu.preload", "pip install cupy-cuda12x")
        try:
            devices = self._cupy.cuda.runtime.getDeviceCount()
        except Exception as error:
            raise _no_device("gpu.preload", error) from None
        if devices < 1:
            raise _no_device("gpu.preload", "there is no device")

    def before_node(self, inputs, ctx):
        """Copies."""
        began = time.perf_counter()
        copied = [0, 0]
        missing = set(self._fields or ())
        for name in list(inputs):
            inputs[name] = self._copy(name, inputs[name], missing, copied, True)
        if missing:
            text = "gpu.preload: there is no field %s; there are %s" % (
                ", ".join(sorted(missing)),
                ", ".join(sorted(_names(inputs))) or "none",
            )
            if self._on_missing == "error":
                raise errors.Failure("OPERATION", text)
            if self._on_missing == "warn":
                ctx.log(text)
        self._cupy.cuda.get_current_stream().synchronize()
        ctx.diagnostic(
            "gpu.preload", {"arrays": copied[0], "bytes": copied[1], "seconds": time.perf_counter() - began}
        )

    def _copy(self, name, value, missing, copied, top):
        wanted = self._fields is None or name in self._fields
        if wanted:
            missing.discard(name)
        if type(value).__module__ == "numpy" and getattr(value, "shape", ()) != ():
            if not wanted:
                return value
            copied[0] += 1
            copied[1] += value.nbytes
            return self._cupy.asarray(value)
        if isinstance(value, dict):
            # A field that is named stands for all that is in it.
            return {
                key: self._copy(name if wanted and self._fields is not None else key, item, missing, copied, False)
                for key, item in value.items()
            }
        return value


def _names(inputs):
    for name, value in inputs.items():
        yield name
        if isinstance(value, dict):
            yield from value


def _no_device(name, reason):
    return errors.Failure(
        "ENVIRONMENT",
        "the modifier %s needs a CUDA device on its worker: %s; require a pool with gpus whose workers have one"
        % (name, reason),
    )


class CudaJit:
    """Compiles functions for the GPU with Numba before the operation is called, each once on a worker.

    functions: their names: those of the operation's module, or module:name. device: names among them that are device
    functions, to be called by kernels. While a kernel's name is compiled, its module holds the compiled one.
    """

    def __init__(self, functions, device=()):
        self._functions = [functions] if isinstance(functions, str) else list(functions)
        self._device = set([device] if isinstance(device, str) else device)
        if not self._functions:
            raise errors.Failure("OPERATION", "cuda.jit needs the parameter 'functions': names of functions")
        self._cuda = _need("numba.cuda", "cuda.jit", "pip install numba")
        if not self._cuda.is_available():
            raise _no_device("cuda.jit", "Numba finds none (%s)" % _numba_error(self._cuda))
        self._done = False

    def before_node(self, ctx):
        """Compiles."""
        if self._done:
            return
        began = time.perf_counter()
        # Device functions first: kernels refer to them.
        for name in sorted(self._functions, key=lambda each: each not in self._device):
            self._compile(name, ctx)
        self._done = True
        ctx.diagnostic("cuda.jit", {"functions": self._functions, "seconds": time.perf_counter() - began})

    def _compile(self, name, ctx):
        impl = name if ":" in name else "%s:%s" % (ctx.callable.partition(":")[0], name)
        module, _, path = impl.partition(":")
        function = resolve(impl)
        if not callable(function) or "." in path:
            raise errors.Failure("OPERATION", "cuda.jit: %s is not a function of a module" % impl)
        if hasattr(function, "py_func"):
            return  # It is compiled already.
        setattr(sys.modules[module], path, self._cuda.jit(function, device=name in self._device))


def _numba_error(cuda):
    error = getattr(cuda, "cuda_error", lambda: None)()
    return error or "no driver"
