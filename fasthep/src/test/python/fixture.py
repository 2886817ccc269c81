"""The workflows of the tests, what was compiled of them, and FAST-HEP's own runs to compare with."""

import contextlib
import io
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "main" / "python"))

import driver  # noqa: E402
import yaml  # noqa: E402

WORKFLOWS = pathlib.Path(__file__).resolve().parents[1] / "resources" / "workflows"


class Fixture:
    """A folder with the workflows, their inputs, and the compiles and reference runs that were made of them."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="muster-fasthep-"))
        self.root = self.folder / "workflows"
        shutil.copytree(WORKFLOWS, self.root)
        sys.path.insert(0, str(self.root))
        import make_input

        make_input.write(self.root / "data")
        self._answers = {}
        self._references = {}

    def answer(self, name, chunk_size=None):
        """Returns the folder of a compile and its answer."""
        key = name, chunk_size
        if key not in self._answers:
            outdir = self.folder / ("compiled_%s_%s" % key)
            self._answers[key] = outdir, driver.compile_workflow(
                self.root, outdir, self.root / (name + ".yaml"), chunk_size=chunk_size
            )
        return self._answers[key]

    def reference(self, name, chunk_size=None, variation=None, **backend):
        """Returns the folder of FAST-HEP's own run. backend: backend and scheduler, where it is not the local one."""
        from hepflow import api

        key = name, chunk_size, variation or "-".join(backend.values())
        if key not in self._references:
            outdir = self.folder / ("reference_%s_%s_%s" % key)
            with self.here(), contextlib.redirect_stdout(io.StringIO()):
                if variation is None:
                    api.run_workflow_file(name + ".yaml", outdir=outdir, chunk_size=chunk_size, **backend)
                else:
                    api.compile_workflow_file(name + ".yaml", outdir=outdir, chunk_size=chunk_size)
                    api.run_plan_file(outdir / "compile" / variation / "plan.yaml", outdir=outdir)
            self._references[key] = outdir
        return self._references[key]

    def run(self, name, chunk_size=None, variation=None, **options):
        """Runs a workflow stage by stage; returns the folder of its products."""
        outdir, answer = self.answer(name, chunk_size)
        if not answer["ok"]:
            raise AssertionError(answer["error"])
        plan = next(each for each in answer["plans"] if each["variation"] == variation)
        work = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        with contextlib.redirect_stdout(io.StringIO()):
            driver.Driver(self.root, outdir, plan, work / "tasks", **options).run(work / "products")
        return work / "products"

    def close(self):
        shutil.rmtree(self.folder)

    @contextlib.contextmanager
    def here(self):
        old = os.getcwd()
        os.chdir(self.root)
        try:
            yield
        finally:
            os.chdir(old)


def summary(products):
    """Returns what run_summary.yaml says."""
    return yaml.safe_load((products / "run_summary.yaml").read_text())
