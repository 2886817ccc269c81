"""Tests of the modifiers, with Numba's simulator and a stand-in for CuPy."""

import os
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest

from muster_task import errors

os.environ.setdefault("NUMBA_ENABLE_CUDASIM", "1")

from muster_task.measuring import Diagnostics, Profile, summary
from muster_task.gpu import CudaJit, GpuPreload

try:
    import numpy
except ImportError:
    numpy = None
try:
    from numba import cuda
except ImportError:
    cuda = None


class Context:
    """Keeps what is said."""

    callable = "sample_ops:launch"

    def __init__(self):
        self.notes = {}
        self.lines = []

    def diagnostic(self, name, value):
        self.notes[name] = value

    def log(self, line):
        self.lines.append(line)


def fake_cupy(devices):
    """Makes a stand-in whose arrays can be told apart."""
    module = types.ModuleType("cupy")

    class Array:
        """An array on a device."""

        def __init__(self, host):
            self.host = host

    module.asarray = Array
    module.cuda = types.SimpleNamespace(
        runtime=types.SimpleNamespace(getDeviceCount=lambda: devices),
        get_current_stream=lambda: types.SimpleNamespace(synchronize=lambda: None),
    )
    return module


class PreloadTest(unittest.TestCase):
    """gpu.preload with a stand-in."""

    def setUp(self):
        self.before = sys.modules.get("cupy")
        sys.modules["cupy"] = fake_cupy(1)

    def tearDown(self):
        if self.before is None:
            sys.modules.pop("cupy", None)
        else:
            sys.modules["cupy"] = self.before

    @unittest.skipIf(numpy is None, "there is no numpy")
    def test_copies_arrays_and_leaves_the_rest(self):
        inputs = {"events": {"pt": numpy.zeros(3), "n": 3}, "other": numpy.ones(2)}
        ctx = Context()
        GpuPreload(fields=["pt"]).before_node(inputs=inputs, ctx=ctx)
        self.assertEqual("Array", type(inputs["events"]["pt"]).__name__)
        self.assertEqual(3, inputs["events"]["n"])
        self.assertIsInstance(inputs["other"], numpy.ndarray)
        self.assertEqual((1, 24), (ctx.notes["gpu.preload"]["arrays"], ctx.notes["gpu.preload"]["bytes"]))

    @unittest.skipIf(numpy is None, "there is no numpy")
    def test_copies_everything_where_no_field_is_named(self):
        inputs = {"events": {"pt": numpy.zeros(3)}, "other": numpy.ones(2)}
        GpuPreload().before_node(inputs=inputs, ctx=Context())
        self.assertEqual(["Array", "Array"], [type(x).__name__ for x in (inputs["events"]["pt"], inputs["other"])])

    def test_says_which_field_is_missing(self):
        with self.assertRaisesRegex(errors.Failure, "there is no field eta; there are x"):
            GpuPreload(fields=["eta"]).before_node(inputs={"x": 1}, ctx=Context())
        ctx = Context()
        GpuPreload(fields=["eta"], on_missing="warn").before_node(inputs={"x": 1}, ctx=ctx)
        self.assertEqual(1, len(ctx.lines))
        GpuPreload(fields=["eta"], on_missing="ignore").before_node(inputs={"x": 1}, ctx=ctx)
        self.assertEqual(1, len(ctx.lines))

    def test_says_that_there_is_no_device(self):
        sys.modules["cupy"] = fake_cupy(0)
        with self.assertRaisesRegex(errors.Failure, "needs a CUDA device") as raised:
            GpuPreload()
        self.assertEqual("ENVIRONMENT", raised.exception.kind)

    def test_says_that_cupy_is_missing(self):
        sys.modules["cupy"] = None
        with self.assertRaisesRegex(errors.Failure, "needs the Python package cupy"):
            GpuPreload()

    def test_refuses_what_on_missing_cannot_be(self):
        with self.assertRaisesRegex(errors.Failure, "on_missing"):
            GpuPreload(on_missing="panic")


class JitTest(unittest.TestCase):
    """cuda.jit with the simulator."""

    @unittest.skipIf(cuda is None or numpy is None, "there is no numba")
    def test_compiles_kernels_and_device_functions_once(self):
        import sample_ops

        modifier = CudaJit(functions=["kernel", "helper"], device=["helper"])
        ctx = Context()
        modifier.before_node(ctx=ctx)
        self.assertIn("cuda.jit", ctx.notes)
        self.assertEqual([0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0], sample_ops.launch())
        again = Context()
        modifier.before_node(ctx=again)
        self.assertEqual({}, again.notes)

    @unittest.skipIf(cuda is None, "there is no numba")
    def test_says_which_function_is_missing(self):
        with self.assertRaisesRegex(errors.Failure, "did you mean 'kernel'"):
            CudaJit(functions=["kernels"]).before_node(ctx=Context())

    @unittest.skipIf(cuda is not None, "numba is there")
    def test_says_that_numba_is_missing(self):
        with self.assertRaisesRegex(errors.Failure, "needs the Python package numba"):
            CudaJit(functions=["kernel"])


class DiagnosticsTest(unittest.TestCase):
    """diagnostics and profile."""

    def test_tells_how_much_there_is_of_each_type(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"123")
            file.flush()
            self.assertEqual({"type": "file", "bytes": 3}, summary(pathlib.Path(file.name)))
        missing = summary(pathlib.Path(file.name))
        self.assertEqual({"type": "file", "missing": "there is no such file or folder"}, missing)
        for value, expected in (
            (None, {"type": "null"}), (True, {"type": "boolean"}), (1.5, {"type": "number"}), (1 << 80, {"type": "number"}),
            ("\u00e9", {"type": "text", "bytes": 2}), (b"ab", {"type": "bytes", "bytes": 2}),
            (memoryview(b"abc"), {"type": "bytes", "bytes": 3}), ((1, 2), {"type": "list", "items": 2}),
            ({"a": 1}, {"type": "mapping", "items": 1}), ({1}, {"type": "builtins.set"}),
        ):  # fmt: skip
            self.assertEqual(expected, summary(value))
        if numpy is not None:
            self.assertEqual({"type": "array", "bytes": 24}, summary(numpy.zeros(3)))
            self.assertEqual({"type": "number"}, summary(numpy.float32(1)))

    def test_notes_where_a_function_ran_and_of_a_command_no_python(self):
        for callable_, more in (("m:f", {"python"}), ("shell", set())):
            ctx = Context()
            ctx.callable, ctx.pool, ctx.worker, ctx.attempt = callable_, "p", "p-0", 2
            self.assertEqual(7, Diagnostics().around_node(call=lambda: 7, inputs={"x": [1]}, ctx=ctx))
            self.assertEqual({"host", "os", "pool", "worker", "attempt", "inputs"} | more, set(ctx.notes))
            self.assertEqual({"x": {"type": "list", "items": 1}}, ctx.notes["inputs"])

    def test_measures_the_children_of_a_task(self):
        ctx = Context()
        ctx.callable = "shell"
        command = [sys.executable, "-c", "import time\nwhile time.process_time() < 0.2: pass"]
        Profile().around_node(call=lambda: subprocess.run(command, check=True), ctx=ctx)
        self.assertGreaterEqual(ctx.notes["cpu_seconds"], 0.2)
        self.assertGreater(ctx.notes["wall_seconds"], 0)
        self.assertNotIn("peak_memory_bytes", ctx.notes)


if __name__ == "__main__":
    unittest.main()
