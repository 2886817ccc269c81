"""What must hold after a run: told by what the operations noted themselves, and by the run's journal."""

import collections
import datetime
import json
import pathlib

SLACK = 1.0  # two processes write the time of one event
MOST_LOSSES = 3


class Execution:
    """One execution of a task."""

    def __init__(self, note):
        self.task, self.worker, self.attempt, self.begin = note["task"], note["worker"], note["attempt"], note["at"]
        self.end = None
        self.what = "cut"  # or end, or fail
        self.result = None

    def __str__(self):
        return "%s (attempt %d on %s at %.3f: %s)" % (self.task, self.attempt, self.worker, self.begin, self.what)


def executions(folder, names, wrong):
    """Returns the executions that the operations noted, by task, in the order of their beginnings."""
    found = collections.defaultdict(list)
    open_ones = {}
    notes = []
    for path in sorted(pathlib.Path(folder, "records").glob("[!f]*")):  # not the marks of failures
        for line in path.read_text().splitlines():
            try:
                note = json.loads(line)
                notes.append(dict(note, task=names[note["task"]]))
            except (KeyError, ValueError):
                wrong.append("%s has a line that nobody can have written: %s" % (path, line))
    for note in sorted(notes, key=lambda each: each["at"]):
        key = (note["task"], note["worker"], note["attempt"], note["pid"])
        if note["what"] == "begin":
            open_ones[key] = Execution(note)
            found[note["task"]].append(open_ones[key])
        elif key not in open_ones:
            wrong.append("%s was noted as ended and had not begun" % (key,))
        else:
            execution = open_ones.pop(key)
            execution.end, execution.what, execution.result = note["at"], note["what"], note.get("result")
    return found


def journal(folder):
    """Returns the events of a run, with times as numbers."""
    path = pathlib.Path(folder, "run", "journal")
    events = []
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            event = json.loads(line)
        except ValueError:
            break  # a JVM that was killed may leave half a line
        stamp, _, fraction = event["time"].rstrip("Z").partition(".")
        at = datetime.datetime.strptime(stamp + "+0000", "%Y-%m-%dT%H:%M:%S%z").timestamp()
        event["at"] = at + float("0." + (fraction or "0"))
        events.append(event)
    return events


class Verdict:
    """Everything that is wrong with a run, and figures."""

    def __init__(self, workflow, folder, complete, workers=True, jobs=False):
        """complete: whether the run said that it succeeded. workers: whether those that run tasks tell when they end;
        then it is checked why tasks ran again.

        jobs: whether each task is a job, whose results stay; a batch system may start one again, which goes on with
        its attempt.
        """
        self.jobs = jobs
        self.wrong = []
        self.expected = workflow.expected()
        self.readers = workflow.readers()
        self.pools = workflow.pools()
        self.runs = executions(folder, workflow.names(), self.wrong)
        self.events = journal(folder)
        self.again = 0
        self.wasted = 0
        self.twice = []  # what ran again without a reason
        self.succeeded = collections.defaultdict(list)
        self.failed = collections.defaultdict(list)
        self.gone = collections.defaultdict(list)
        for event in self.events:
            if event["event"] == "TaskSucceeded":
                self.succeeded[event["name"]].append(event["at"])
            elif event["event"] == "TaskFailed":
                self.failed[event["name"]].append(event)
            elif event["event"] == "WorkerEnded":
                self.gone[event["worker"]].append(event["at"])
        self._results()
        self._successes(complete)
        for executions_ in self.runs.values() if workers else ():
            for earlier, later in zip(executions_, executions_[1:]):
                self._twice(earlier, later)

    def count(self):
        """Returns how many executions there were."""
        return sum(len(each) for each in self.runs.values())

    def _results(self):
        for task, all_ in self.runs.items():
            for execution in all_:
                if execution.what == "end" and execution.result != self.expected[task]:
                    self.wrong.append("%s gave %s, not %s" % (execution, execution.result, self.expected[task]))

    def _successes(self, complete):
        for task in self.expected:
            times = self.succeeded[task]
            ended = [each for each in self.runs[task] if each.what == "end"]
            if len(times) > 1:
                self.wrong.append("%s succeeded %d times" % (task, len(times)))
            if times and not any(each.end <= times[0] + SLACK for each in ended):
                self.wrong.append("%s is said to have succeeded and was never done" % task)
            if complete and not times:
                self.wrong.append("%s is lost: the run is done, the task is not" % task)

    def _lost(self, worker, since, until):
        return any(since - SLACK <= at <= until + SLACK for at in self.gone[worker])

    def _twice(self, earlier, later):
        """Checks that a task had a reason to run again: it failed, or its worker was lost, or its output was and is needed."""
        self.again += 1
        if earlier.what == "fail" or self._refused(earlier, later):
            return
        if self.jobs:
            self._again(earlier, later)
            return
        if earlier.what == "cut" and not self._killed(earlier) and not self._lost(earlier.worker, earlier.begin, later.begin):
            self.wrong.append("%s was begun again, though its worker lives: %s" % (earlier, later))
        elif earlier.what == "end" and (self._wasted(earlier, later) or self._fused(earlier, later)):
            self.wasted += 1
        elif earlier.what == "end" and not self._excusable(earlier, later):
            self.twice.append("%s was run again, though no worker with its output was lost: %s" % (earlier, later))

    def _killed(self, execution):
        """Tells whether an attempt failed since its command was killed, which its worker lives to tell."""
        return any(
            each["attempt"] == execution.attempt and each["kind"] == "OPERATION" and "(SIG" in each["message"].split("\n")[0]
            for each in self.failed[execution.task])

    def _again(self, earlier, later):
        """Checks that the attempt of a task that was a job had failed; or that the job was started again, and went on
        with it."""
        if any(at + SLACK < later.begin for at in self.succeeded[later.task]):
            self.twice.append("%s was run again after it had succeeded: %s" % (earlier, later))
        elif earlier.attempt == later.attempt:
            if earlier.what != "cut" or earlier.worker != later.worker:
                self.twice.append("%s was run again, though its job was not started again: %s" % (earlier, later))
        elif all(each["attempt"] != earlier.attempt for each in self.failed[earlier.task]):
            self.wrong.append("%s was begun again, though it had not failed: %s" % (earlier, later))

    def _wasted(self, earlier, later):
        """Tells whether nobody read what a task gave again but in vain, though while it was done a worker was lost that had to do with it.

        Dask makes again what a lost worker had, and what that needs; when another worker is lost meanwhile, it may begin in vain.
        """
        readers, reached = list(self.readers[later.task]), set()
        for task in readers:
            for first, second in zip([None] + self.runs[task], self.runs[task]):
                if second.begin > later.begin and not (first and first.what == "end" and self._wasted(first, second)):
                    return False
        while readers:
            reader = readers.pop()
            if reader not in reached:
                reached.add(reader)
                readers.extend(self.readers[reader])
        pools = {self.pools[task] for task in reached} | {self.pools[later.task]}
        return any(
            worker.rpartition("-")[0] in pools and earlier.end - SLACK < at < later.begin + SLACK
            for worker, times in self.gone.items()
            for at in times
        )

    def _fused(self, earlier, later):
        """Tells whether each execution followed another attempt of what the task reads.

        Tasks of a chain travel to Dask as one group. When one of them fails, it and what follows it go into a new group; when the
        outputs of the first are lost and needed, Dask makes all of it again, also what followed.
        """
        for producer, readers in self.readers.items():
            if earlier.task in readers:
                before = [self._followed(producer, each) for each in (earlier, later)]
                if None not in before and before[0] != before[1]:
                    return True
        return False

    def _followed(self, producer, execution):
        """Returns the attempt of a task that another one followed on the same worker, or None."""
        attempts = [
            each.attempt
            for each in self.runs[producer]
            if each.end is not None and each.worker == execution.worker and 0 <= execution.begin - each.end < SLACK
        ]
        return attempts[-1] if attempts else None

    def _refused(self, earlier, later):
        """Tells whether the engine took an execution that came to its end for failed, other than for the loss of its worker."""
        return earlier.what == "end" and any(
            each["attempt"] == earlier.attempt and each["at"] < later.begin + SLACK and each["kind"] != "WORKER_LOST"
            for each in self.failed[earlier.task]
        )

    def _excusable(self, earlier, later):
        """Tells whether an output may have been lost between two executions.

        It was on the worker that made it; or on one that read it or was to, where Dask may have left the only copy; or it was
        dropped since all that read it were done, and then one of those lost its own; or Dask gave the execution up, since an
        input was lost while it ran.
        """
        if self._lost(earlier.worker, earlier.begin, later.begin):
            return True
        read = [producer for producer, readers in self.readers.items() if earlier.task in readers]
        makers = {each.worker for producer in read for each in self.runs[producer] if each.begin < earlier.end}
        if self.readers[earlier.task] and any(self._lost(worker, earlier.begin, earlier.end) for worker in makers):
            return True
        # A reader that read an earlier one, and lost what it made of it, was to read this one, too.
        ends = [
            [each.end for each in self.runs[reader] if each.what == "end" and each.begin >= earlier.begin]
            for reader in self.readers[earlier.task]
        ]
        needed = max((min(each, default=float("inf")) for each in ends), default=0)  # until then
        pools = {self.pools[reader] for reader in self.readers[earlier.task]}
        for worker, times in self.gone.items():
            if worker.rpartition("-")[0] in pools and any(
                earlier.end - SLACK < at < min(needed, later.begin) + SLACK for at in times
            ):
                return True
        for reader in self.readers[earlier.task]:
            for first, second in zip(self.runs[reader], self.runs[reader][1:]):
                if first.what == "end" and second.begin > later.begin and self._excusable(first, second):
                    return True
        return False

    def excused(self):
        """Returns why the run may have failed, or None."""
        for task, failures in self.failed.items():
            lost = [each for each in failures if each["kind"] in ("WORKER_LOST", "WALLTIME")]
            if len(lost) >= MOST_LOSSES:
                return "%s lost %d workers" % (task, len(lost))
        return None
