"""What must hold for the record of a run, however it ended."""

import collections
import json


def inconsistent(run, cut):
    """Returns what is wrong with a run's directory. cut: whether the JVM was ended, which may leave half a line at the end, or nothing yet."""
    journal = run / "journal"
    if not journal.exists():
        return [] if cut else ["there is no journal"]
    wrong = []
    events = []
    lines = journal.read_text(errors="replace").split("\n")
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            events.append(json.loads(line))
        except ValueError:
            if not cut or number < len(lines):
                wrong.append("line %d of the journal is no event: %s" % (number, line[:200]))
    kinds = [event["event"] for event in events]
    if kinds and not (run / "plan.yaml").exists():
        wrong.append("there are events and no plan")
    if kinds and kinds[0] != "RunStarted":
        wrong.append("the journal begins with %s" % kinds[0])
    if not cut and kinds[-1:] != ["RunFinished"]:
        wrong.append("the journal ends with %s" % kinds[-1:])
    return wrong + _tasks(events)


def _tasks(events):
    """Returns what cannot have happened to tasks."""
    wrong = []
    attempts = collections.defaultdict(int)
    over = set()  # tasks that succeeded or were skipped
    ended = set()  # attempts
    for event in events:
        kind, name = event["event"], event.get("name")
        if kind not in ("TaskStarted", "TaskSucceeded", "TaskFailed", "TaskSkipped"):
            continue
        attempt = event.get("attempt", attempts[name])
        if name in over:
            wrong.append("%s of %s, which was over" % (kind, name))
        if attempt < attempts[name]:
            wrong.append("%s of attempt %d of %s after attempt %d" % (kind, attempt, name, attempts[name]))
        if kind != "TaskSkipped" and (name, attempt) in ended:
            wrong.append("%s of attempt %d of %s, which had ended" % (kind, attempt, name))
        attempts[name] = max(attempts[name], attempt)
        if kind in ("TaskSucceeded", "TaskFailed"):
            ended.add((name, attempt))
        if kind in ("TaskSucceeded", "TaskSkipped"):
            over.add(name)
    return wrong
