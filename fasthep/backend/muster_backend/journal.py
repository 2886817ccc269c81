"""Muster's journal of a run, told to FAST-HEP as the progress of its partitions."""

import json

import yaml


class Journal:
    """Reads what is new in the journal at each call of read. Of a journal that it does not understand it tells nothing.

    run: the run's folder.
    """

    def __init__(self, run, plan, reporter):
        self._run = run
        self._plan = plan
        self.reporter = reporter
        self._file = None
        self._rest = b""
        self._stages = None
        self._done = {}
        self._ended = set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._file is not None:
            self._file.close()

    def read(self):
        """Tells FAST-HEP what has happened."""
        if self._file is None:
            try:
                self._file = open(self._run / "journal", "rb")
            except FileNotFoundError:
                return
        *lines, self._rest = (self._rest + self._file.read()).split(b"\n")
        for line in lines:
            self._event(json.loads(line))

    def complete(self):
        """Tells that all partitions are done, also those whose events another one has."""
        for each in self._plan.partitions:
            self.reporter.completed(each.id)

    def _event(self, event):
        if event.get("event") not in ("TaskStarted", "TaskSucceeded", "TaskFailed"):
            return
        if self._stages is None:
            self._stages = _stages(self._run / "plan.yaml", self._plan)
        task = event["task"]
        for first, partitions in self._stages:
            if first <= task < first + len(partitions):
                self._task(event, partitions[task - first])

    def _task(self, event, partition):
        if partition in self._ended:
            return  # For FAST-HEP that is for good.
        if event["event"] == "TaskStarted":
            self.reporter.running(partition)
        elif event["event"] == "TaskSucceeded":
            self._done[partition] = self._done.get(partition, 0) + 1
            if self._done[partition] == len(self._stages):
                self._end(partition, self.reporter.completed)
        elif "retryAfter" in event:
            self.reporter.pending(partition)
        else:
            self._end(partition, self.reporter.failed)

    def _end(self, partition, tell):
        self._ended.add(partition)
        tell(partition)


def _stages(path, plan):
    """Returns the stages that run for each partition: the number of the first task, and the partitions of its tasks."""
    told = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    by_dataset = {}
    for each in plan.partitions:
        by_dataset.setdefault(each.dataset, []).append(each)
    order = [each["name"] for each in told.get("datasets", [])]
    every = [each for name in order for each in by_dataset.get(name, [])]
    seen = {}
    for each in every:
        seen.setdefault((each.dataset, each.file, each.part, each.start, each.stop), each.id)
    found = []
    first = 0
    for stage in told["stages"]:
        if stage["scope"] == "partition":
            # Where several sources read the same events, they run once, unless all is to be as FAST-HEP does it.
            names = [each.id for each in every] if stage["tasks"] == len(every) else list(seen.values())
            if stage["tasks"] == len(names):
                found.append((first, names))
        first += stage["tasks"]
    return found
