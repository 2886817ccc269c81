#!/usr/bin/env python3
"""Measures the report of runs of many tasks: how long `muster report` takes, in how much memory, how large the page is,
and when Chromium first paints it and has drawn all of it.

Usage: scripts/report-numbers.py [--heap 256m] [--chromium PROGRAM] [TASKS...]     (default: 1000 100000 1000000)

The journals are made here, of ten stages on 500 workers: tasks of some seconds, one in a thousand fails. Everything
lies in a temporary folder that is deleted at the end.
"""
import argparse
import datetime
import heapq
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

HOME = pathlib.Path(__file__).resolve().parent.parent
STAGES, WORKERS, LIMIT = 10, 500, 120
BEGAN = datetime.datetime(2026, 1, 31, 10)


def moment(seconds):
    return (BEGAN + datetime.timedelta(seconds=seconds)).isoformat(timespec="microseconds") + "Z"


def make(run, tasks):
    """Writes the directory of a run that has ended."""
    each = tasks // STAGES
    run.mkdir()
    (run / "format").write_text("muster run directory 1\n")
    with open(run / "plan.yaml", "w") as out:
        out.write(f"plan: 1\nworkflow: large\ntasks: {STAGES * each}\nstages:\n")
        for stage in range(STAGES):
            out.write(f"  - id: S{stage}\n    op: custom.op\n    tasks: {each}\n    pools: [default]\n")
            if stage:
                out.write(f"    waits_for: [{{stage: S{stage - 1}, pattern: one_to_one}}]\n")
    chance = random.Random(1)
    with open(run / "journal", "w") as out:
        def line(event, seconds, **more):
            out.write(json.dumps(dict(event=event, time=moment(seconds), **more), separators=(",", ":")) + "\n")

        line("RunStarted", 0, run="large-1", workflow="large", tasks=STAGES * each)
        for worker in range(WORKERS):
            line("WorkerStarted", 0, pool="default", worker=f"default-{worker}")
        free = [(0.01, worker) for worker in range(WORKERS)]
        ends = []
        now = 0
        for task in range(STAGES * each):
            now, worker = heapq.heappop(free)
            while ends and ends[0][0] <= now:
                end, _, event, more = heapq.heappop(ends)
                line(event, end, **more)
            name = f"S{task // each}/d.{task % each}"
            line("TaskStarted", now, task=task, name=name, attempt=1, pool="default", worker=f"default-{worker}")
            span = 0.01 + chance.expovariate(0.5)
            more = dict(task=task, name=name, attempt=1)
            if chance.random() < 0.001:
                event = "TaskFailed"
                more.update(kind="OPERATION", message=f"no convergence after {task} steps")
            else:
                event = "TaskSucceeded"
                more.update(duration=round(span - 0.005, 6))
            heapq.heappush(ends, (now + span, task, event, more))
            heapq.heappush(free, (now + span, worker))
        while ends:
            now, _, event, more = heapq.heappop(ends)
            line(event, now, **more)
        line("RunFinished", now, status="FAILED", elapsed=now)


def report(run, page, heap):
    """Returns the seconds of wall clock and of processor that `muster report` takes."""
    environment = dict(os.environ, MUSTER_JAVA_OPTS=f"-Xmx{heap}")
    before = os.times()
    start = time.monotonic()
    subprocess.run([HOME / "muster", "report", run, "-o", page], env=environment, check=True,
                   stdout=subprocess.DEVNULL, timeout=LIMIT * 5)
    wall, after = time.monotonic() - start, os.times()
    return wall, after.children_user + after.children_system - before.children_user - before.children_system


class Browser:
    """Chromium by its protocol over pipes."""

    def __init__(self, program, profile):
        (there, self.out), (self.inp, back) = os.pipe(), os.pipe()
        # The protocol uses the descriptors 3 and 4.
        words = ["bash", "-c", f'exec 3<&{there} 4>&{back} "$@"', "chromium", program, "--headless=new", "--no-sandbox",
                 "--disable-gpu", "--window-size=1240,1600", f"--user-data-dir={profile}", "--remote-debugging-pipe"]
        self.process = subprocess.Popen(words, pass_fds=(there, back), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        os.close(there)
        os.close(back)
        self.number, self.rest = 0, b""

    def ask(self, method, session=None, **parameters):
        self.number += 1
        message = dict(id=self.number, method=method, params=parameters)
        if session:
            message["sessionId"] = session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.rest:
                more = os.read(self.inp, 1 << 16)
                if not more:
                    raise RuntimeError("Chromium ended")
                self.rest += more
            text, self.rest = self.rest.split(b"\0", 1)
            answer = json.loads(text)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return answer["result"]

    def paint(self, page):
        """Returns when a page was first painted and when its charts were there, in seconds, or None."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.navigate", session, url=page.as_uri())
        question = ("JSON.stringify([performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)[0],"
                    "document.documentElement.dataset.drawn ? performance.timing.domComplete"
                    " - performance.timing.navigationStart : 0, performance.getEntriesByType('resource').length])")
        for _ in range(LIMIT * 5):
            result = self.ask("Runtime.evaluate", session, expression=question)["result"]
            paint, drawn, requests = json.loads(result.get("value", "[null, 0, 0]"))
            if paint and drawn > 0:
                assert requests == 0, f"the page asked for {requests} things"
                self.ask("Target.closeTarget", targetId=target)
                return paint / 1000, drawn / 1000
            time.sleep(0.2)
        return None

    def close(self):
        self.process.terminate()
        self.process.wait(10)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--heap", default="256m")
    options.add_argument("--chromium", default=shutil.which("chromium"))
    options.add_argument("tasks", nargs="*", type=int, default=[1000, 100_000, 1_000_000])
    given = options.parse_args()
    subprocess.run([HOME / "muster", "--version"], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory(prefix="muster-report-") as folder:
        folder = pathlib.Path(folder)
        browser = Browser(given.chromium, folder / "profile") if given.chromium else None
        print(f"heap {given.heap}")
        print("| tasks | report | processor | page | first paint | drawn |")
        print("|---|---|---|---|---|---|")
        try:
            for tasks in given.tasks:
                run, page = folder / f"run-{tasks}", folder / f"{tasks}.html"
                make(run, tasks)
                wall, processor = report(run, page, given.heap)
                size = page.stat().st_size / 1e6
                painted = browser.paint(page) if browser else None
                seen = "| – | – |" if painted is None else f"| {painted[0]:.2f} s | {painted[1]:.2f} s |"
                print(f"| {tasks:,} | {wall:.2f} s | {processor:.2f} s | {size:.2f} MB {seen}", flush=True)
                shutil.rmtree(run)
        finally:
            if browser:
                browser.close()


if __name__ == "__main__":
    sys.exit(main())
