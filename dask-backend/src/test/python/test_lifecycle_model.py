"""Random runs of the lifecycle on a Dask that is made of nothing, against rules that are simpler than it."""

import collections
import random
import unittest

from muster_dask.decisions import INPUT_LOST, Fail, TakeBack
from muster_dask.grouping import Grouping
from muster_dask.lifecycle import Lifecycle
from muster_dask.tasks import DONE, LIVE, SENT, Route, Stage

SEEDS = list(range(200)) + [429, 779, 931, 1097]
MOST_STEPS = 8000
OWN = object()


class Sent:
    """A group as Dask knows it."""

    def __init__(self, life, group):
        self.group = group
        self.calls = []
        for task in group.tasks:
            reads = [(each.number, OWN if each.group is group else each.group) for each in life.producers(task)]
            self.calls.append((task.number, task.attempt, reads, task.kept))
        self.state = "pending"
        self.worker = None
        self.outputs = {}
        self.untold = set()
        self.wanted = True

    def reads(self):
        """Returns the groups that it reads."""
        return {group for _, _, reads, _ in self.calls for _, group in reads if group is not OWN}


class Run:
    """The JVM, Dask, and the rules. check: takes whether a rule holds, and what is wrong otherwise."""

    def __init__(self, seed, check):
        self.random = random.Random(seed)
        self.check = check
        self.sent = {}
        self.attempts = collections.Counter()
        self.open = {}  # attempts of which the JVM has heard nothing: task to attempt
        self.done = set()
        self.failed = set()
        self.released = set()
        self.hopeless = None
        self.dead = None
        self.bereft = set()  # the outputs that only it had
        self.bereavements = 0
        self.dying = {}  # by group, what ran and what was over on the worker that died: (task, attempt)
        self.disasters = self.random.randint(0, 25)
        self.stage_of = {}
        stages = self.stages()
        self.routes = [Route(number, {"resources": {}, "pools": ["p%d" % number]}) for number in range(2)]
        self.route_of = {index: self.random.randrange(2) for index in stages}
        for index, stage in stages.items():
            if stage.next >= 0 and self.route_of[index] != self.route_of[stage.next]:
                stage.next = -1
        self.life = Lifecycle(stages, self.routes, self.lost, self.decided)
        batch = self.random.random() < 0.5
        self.grouping = Grouping({"run": "r", "batch": batch, "batch_seconds": 9.0}, self.life, lambda route: 1)

    def stages(self):
        """Makes five stages, each with links to some before it, and the tasks that read each task."""
        stages, first = {}, 0
        self.reads, self.deps = {}, {}
        for index in range(5):
            count = self.random.choice([1, 4, 10, 10])
            links = []
            for before in self.random.sample(range(index), min(index, self.random.choice([1, 1, 1, 2]))):
                one = stages[before]
                identity = one.count == count and self.random.random() < 0.7
                links.append({
                    "producer": before, "identity": identity, "first": one.first, "here": True, "inputs": [0],
                    "many": not identity and self.random.random() < 0.7,
                })  # fmt: skip
            stage = Stage({
                "index": index, "first": first, "next": -1, "next_comes": False, "depth": index, "fetch": False, "read_here": True, "copies": "none",
                "keep": False, "scope": "global", "links": links, "code": {"stage": "s%d" % index, "inputs": []},
            })  # fmt: skip
            stage.count = count
            stages[index] = stage
            for number in range(first, first + count):
                self.stage_of[number] = index
                ranges = [
                    None if each["identity"] else self.range(stages[each["producer"]], each["many"]) for each in links
                ]
                self.deps[number] = [each and [each] for each in ranges]
                self.reads[number] = {
                    task
                    for each, some in zip(links, ranges)
                    for task in ([each["first"] + number - first] if some is None else range(*some))
                }
            first += count
        self.readers = {number: {each for each in self.reads if number in self.reads[each]} for number in self.reads}
        for index, stage in stages.items():
            outgoing = [(each, link) for each in stages.values() for link in each.links if link["producer"] == index]
            if len(outgoing) == 1 and outgoing[0][1]["identity"] and len(outgoing[0][0].links) == 1:
                stage.next = outgoing[0][0].index
                stage.keep = self.random.random() < 0.5
        return stages

    def range(self, stage, many):
        """Returns all tasks of a stage, or one."""
        one = stage.first + self.random.randrange(stage.count)
        return [stage.first, stage.first + stage.count] if many else [one, one + 1]

    # The JVM

    def submit(self):
        """Hands over a task that failed, or one that is new and whose inputs were handed over."""
        unknown = [each for each in self.reads if not self.attempts[each]]
        new = [each for each in unknown if all(self.attempts[one] for one in self.reads[each])]
        choice = sorted(self.failed) + new
        if choice:
            task = self.random.choice(choice)
            self.failed.discard(task)
            self.attempts[task] += 1
            self.open[task] = self.attempts[task]
            index = self.stage_of[task]
            deps = {str(task): self.deps[task]}
            self.life.submit(index, self.attempts[task], self.route_of[index], [[task, 1, -1, "s"]], deps)

    def hear(self, task, attempt, ok):
        """Hears of an attempt: once."""
        expected = self.open.pop(task, None)
        self.check(expected == attempt, "attempt %d of %d is told, expected %s" % (attempt, task, expected))
        if ok:
            self.done.add(task)
            for each in self.reads[task] | {task}:
                if self.readers[each] and self.readers[each] <= self.done and each not in self.released:
                    self.released.add(each)
                    self.life.release([each])
        else:
            self.failed.add(task)

    def cancel(self):
        """Takes back an attempt, and tries again: it was out of time."""
        if self.open:
            task = self.random.choice(sorted(self.open))
            attempt = self.open.pop(task)
            self.failed.add(task)
            self.life.cancel([(task, attempt)])

    # Decisions

    def decided(self, decision):
        """Carries out what was decided, and holds it against the rules."""
        if isinstance(decision, Fail):
            if decision.kind == "WORKER_LOST":
                self.blamed(decision)
            elif decision.kind == INPUT_LOST:
                self.check(decision.worker == self.dead, "%s is said to be lost" % decision.worker)
                self.check(self.reads[decision.task] & self.bereft, "%d fails, and reads nothing that was lost" % decision.task)
                self.bereavements += 1
            else:
                self.hopeless = decision
            return self.hear(decision.task, decision.attempt, False)
        group = decision.group
        sent = self.sent[group]
        if not group.abandoned or isinstance(decision, TakeBack):
            for task in group.tasks:
                if task.group is group and task.number in sent.outputs.keys() - sent.untold:
                    reader = next((each for each in self.readers[task.number] if self.may_come(each)), None)
                    self.check(reader is None, "%s may read %d, which is let go of" % (reader, task.number))
        if isinstance(decision, TakeBack):
            self.end(sent, "cancelled")
        sent.wanted = False

    def may_come(self, reader):
        """Tells whether a task may yet read: it was not done, or has to be made again."""
        task = self.life.tasks.get(reader)
        return reader not in self.done or (task is not None and task.state in LIVE)

    def blamed(self, decision):
        """Holds blame against what was at hand."""
        one = decision.task, decision.attempt
        guilty = any(one in (running or over) for running, over in self.dying.values())
        self.check(guilty, "%s is blamed, and did not run: %s" % (one, self.dying))
        self.check(decision.worker == self.dead, "%s is said to be lost" % decision.worker)

    # Dask

    def lost(self, group):
        """Tells whether outputs are gone for good."""
        return group in self.sent and self.sent[group].state in ("error", "cancelled")

    def end(self, sent, state):
        """Ends a group and what reads it in Dask."""
        sent.state, sent.worker, sent.outputs = state, None, {}
        for other in list(self.sent.values()):
            if sent.group in other.reads() and other.state in ("pending", "running"):
                self.end(other, state)

    def needed(self, sent):
        """Tells whether the client or a group in Dask wants a group."""
        return sent.wanted or any(
            sent.group in each.reads() and each.state in ("pending", "running") and self.needed(each)
            for each in self.sent.values()
        )

    def fill(self):
        """Sends what is ready. What is made again has a reader, and is not there."""
        made = self.grouping.make()
        for group in made:
            self.sent[group] = Sent(self.life, group)
        for group in made:
            for each in self.sent[group].reads():
                each.read_by(group)
            for task in group.tasks:
                if task.number in self.done:
                    # A reader that was cancelled or failed in the meantime is tried again.
                    wanted = any(self.may_come(each) and self.attempts[each] for each in self.readers[task.number])
                    self.check(wanted, "%d is made again for nothing" % task.number)

    def work(self):
        """Lets a worker begin with a group, or end one."""
        for sent in list(self.sent.values()):  # What is read comes before what reads it.
            for each in sent.reads() if sent.state == "pending" else ():
                if self.lost(each):
                    self.end(sent, self.sent[each].state)
        pending = [each for each in self.sent.values() if each.state == "pending" and self.needed(each)]
        pending = [each for each in pending if all(self.sent[one].state == "finished" for one in each.reads())]
        running = [each for each in self.sent.values() if each.state == "running"]
        if pending and (not running or self.random.random() < 0.6):
            sent = self.random.choice(pending)
            sent.state, sent.worker = "running", "w-%d" % self.random.randrange(3)
        elif running:
            self.carry_out(self.random.choice(running))

    def results(self, sent):
        """Returns what a group comes to: reports and outputs."""
        reports, outputs, kept = [], {}, {}
        for number, attempt, reads, keep in sent.calls:
            missing = [each for each, at in reads if each not in (outputs if at is OWN else self.sent[at].outputs)]
            if missing:
                reports.append(["u", number, attempt, missing, sent.group.number])
            elif self.random.random() < (0.25 if attempt == 1 else 0.02):
                reports.append(["f", number, attempt, 0, 10, "OPERATION", "no"])
            else:
                reports.append(["o", number, attempt, 0, 10])
                outputs[number] = True
                if keep:
                    kept[number] = True
        return reports, kept

    def carry_out(self, sent):
        """Does what a worker does, and tells of it."""
        reports, outputs = self.results(sent)
        if self.random.random() < 0.03:
            heard = self.random.randrange(len(reports))
            sent.untold = {item[1] for item in reports[heard:]}  # These never come.
            reports = reports[:heard]
        sent.state, sent.outputs = "finished", outputs
        for item in reports:
            if self.life.report(sent.worker, item) and item[0] in "of":
                self.hear(item[1], item[2], item[0] == "o")

    def lose_worker(self):
        """Kills a worker: what ran there is to blame, or what was over and had not been told."""
        self.dead = "w-%d" % self.random.randrange(3)
        blamed, self.dying = [], {}
        held, self.bereft = [], set()
        for sent in list(self.sent.values()):
            if sent.worker == self.dead and sent.state == "finished":
                held.append(sent.group.number)
                self.bereft.update(call[0] for call in sent.calls if call[3])
                sent.state, sent.worker, sent.outputs = "pending", None, {}  # Made again if somebody wants it.
            elif sent.worker == self.dead and sent.state == "running":
                at = self.random.randrange(len(sent.calls))
                running = [] if self.random.random() < 0.3 else [sent.calls[at][:2]]
                over = [each[:2] for each in sent.calls[:at]]
                self.dying[sent.group] = running, over
                blamed += [each + (sent.group.number, False) for each in running]
                blamed += [each + (sent.group.number, True) for each in over]
                self.end(sent, "error")
        self.life.worker_died(blamed, "dead", self.dead, held)

    def sweep(self):
        """Tells what has become of groups."""
        for group, sent in list(self.sent.items()):
            if not sent.wanted or group.abandoned:
                continue
            if sent.state == "finished":
                self.life.finished(group)
                if group.unheard():
                    self.life.unreported(group)
            elif sent.state == "cancelled":
                self.life.cancelled(group)
            elif sent.state == "error":
                self.life.broke(group, True, False, "KilledWorker")

    # The run

    def go(self):
        """Runs; returns whether it came to an end."""
        for _ in range(MOST_STEPS):
            if self.hopeless or len(self.done) == len(self.reads):
                return True
            what = self.random.random()
            if what < 0.35:
                self.submit()
            elif what < 0.45:
                self.fill()
            elif what < 0.55:
                self.sweep()
            elif what < 0.6 and self.disasters:
                self.disasters -= 1
                self.random.choice([self.lose_worker, self.lose_worker, self.cancel])()
            else:
                self.work()
        return False

    def settle(self):
        """Lets everything that is left come to its end, and looks that nothing stays."""
        for _ in range(MOST_STEPS):
            self.fill()
            self.sweep()
            self.work()
            if not any(task.state in LIVE for task in self.life.tasks.values()):
                break
        self.sweep()
        self.check(all(task.state == DONE for task in self.life.tasks.values()), "a task is not done")
        self.check(not any(task.pins for task in self.life.tasks.values()), "something is pinned for ever")
        self.check(not any(route.flight for route in self.routes), "something is in flight for ever")
        ends = {each for each in self.readers if not self.readers[each]}
        for group, sent in self.sent.items():
            kept = {task.number for task in group.tasks if task.group is group and task.kept}
            self.check(kept <= ends, "outputs of %s are kept for ever" % kept)
            self.check(not sent.wanted or group.abandoned or kept, "group %d is held for ever" % group.number)


class ModelTest(unittest.TestCase):
    """Many random runs; the seed of one that breaks a rule is told."""

    def test_every_run_keeps_the_rules_and_comes_to_its_end(self):
        done = bereavements = 0
        for seed in SEEDS:
            with self.subTest(seed=seed):
                run = Run(seed, self.assertTrue)
                self.assertTrue(run.go(), "%d of %d tasks done" % (len(run.done), len(run.reads)))
                if run.hopeless is None:
                    run.settle()
                    done += 1
                bereavements += run.bereavements
        self.assertGreater(done, len(SEEDS) / 2)
        self.assertGreater(bereavements, 0)


if __name__ == "__main__":
    unittest.main()
