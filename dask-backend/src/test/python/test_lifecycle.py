"""Tests of what becomes of tasks, as data: events in, decisions out."""

import unittest

from muster_dask.decisions import Fail
from muster_dask.grouping import HOLD_SECONDS, Grouping
from muster_dask.lifecycle import Lifecycle
from muster_dask.tasks import DONE, FAILED, GONE, QUEUED, SENT, WAITING, Route, Stage
from muster_dask.transitions import MOST_REMAKES


def stage(index, first, next_=-1, links=(), keep=False, next_comes=False):
    """Returns a stage whose outputs are read here."""
    return Stage({
        "index": index, "first": first, "next": next_, "next_comes": next_comes, "depth": index, "fetch": False,
        "read_here": True, "keep": keep, "copies": "none", "scope": "global", "links": list(links),
        "code": {"stage": "s%d" % index, "inputs": []},
    })  # fmt: skip


def link(first, identity=True, many=False):
    """Returns a link to the stage whose first task this is."""
    return {"producer": 0, "identity": identity, "first": first, "here": True, "many": many, "inputs": [0]}


class Bench:
    """A lifecycle on a bench: what it decides is noted, and what it would send is taken from its queues."""

    def __init__(self, *stages, routes=1, told=True):
        self.decided = []
        self.gone = set()
        self.sent = []
        self.routes = [Route(number, {"resources": {}, "pools": ["p%d" % number]}) for number in range(routes)]
        by_index = {each.index: each for each in stages}
        self.life = Lifecycle(by_index, self.routes, self.gone.__contains__, self.decided.append, told)
        spec = {"run": "r", "batch": False, "batch_seconds": 1.0}
        self.time = 0.0
        self.grouping = Grouping(spec, self.life, lambda route: 1, lambda: self.time)

    def submit(self, stage, first, count=1, attempt=1, route=0, deps=None):
        """Tells of tasks."""
        self.life.submit(stage, attempt, route, [[first, count, -1, "s.0"]], deps)

    def fill(self):
        """Sends what is ready; returns the tasks of each group, and the groups that it reads."""
        made = self.grouping.make()
        self.sent.extend(made)
        found = []
        for group in made:
            read = {each.group for task in group.tasks for each in self.life.producers(task)} - {group}
            for each in read:
                each.read_by(group)
            found.append(([task.number for task in group.tasks], sorted(each.number for each in read)))
        return found

    def states(self):
        """Returns the states of all tasks."""
        return [self.life.tasks[number].state for number in sorted(self.life.tasks)]

    def done(self, task, attempt=1, worker="p0-0"):
        """Reports a success; returns whether the JVM hears of it."""
        return self.life.report(worker, ["o", task, attempt, 0, 10**8])

    def failed(self, task, attempt=1):
        """Reports a failure; returns whether the JVM hears of it."""
        return self.life.report("p0-0", ["f", task, attempt, 0, 10**8, "OPERATION", "no"])

    def missing(self, task, attempt, *missing):
        """Reports that outputs were not found; returns whether the JVM hears of it."""
        return self.life.report("p0-1", ["u", task, attempt, list(missing), self.life.tasks[task].group.number])

    def decisions(self):
        """Returns what was decided since the last call, with numbers for groups."""
        found = [
            each if isinstance(each, Fail) else (type(each).__name__, each.group.number) for each in self.decided
        ]
        self.decided.clear()
        return found


def lost(task, attempt, reason="dead", worker="p0-0"):
    """Returns the decision that a task is to blame."""
    return Fail(task, attempt, "WORKER_LOST", reason, worker)


class HoldTest(unittest.TestCase):
    """Chains whose later stages are told of a moment later."""

    def chain(self, count=2):
        """Returns a bench with three stages that follow each other, and some of the first one's tasks told of."""
        links = [link(0)], [link(2)]
        bench = Bench(
            stage(0, 0, 1, next_comes=True), stage(1, 2, 2, links[0], next_comes=True), stage(2, 4, links=links[1])
        )
        bench.submit(0, 0, count)
        return bench

    def test_a_chain_travels_whole_however_late_its_end_is_told(self):
        bench = self.chain()
        self.assertEqual(([], True), (bench.fill(), bench.grouping.holds))
        bench.submit(1, 2, 2)
        self.assertEqual([], bench.fill())
        bench.submit(2, 4, 1)
        self.assertEqual([([0, 2, 4], [])], bench.fill())
        bench.submit(2, 5, 1)
        self.assertEqual(([([1, 3, 5], [])], False), (bench.fill(), bench.grouping.holds))

    def test_another_attempt_does_not_wait(self):
        bench = self.chain()
        bench.submit(1, 2, 2)
        bench.submit(2, 4, 2)
        bench.fill()
        bench.failed(0)
        bench.missing(2, 1, 0)
        bench.missing(4, 1, 2, 0)
        bench.submit(0, 0, attempt=2)
        self.assertEqual([([0, 2, 4], [])], bench.fill())

    def test_what_does_not_come_is_waited_for_once(self):
        bench = self.chain()
        bench.fill()
        bench.time += HOLD_SECONDS / 2
        self.assertEqual([], bench.fill())
        bench.time += HOLD_SECONDS / 2
        self.assertEqual([([0], []), ([1], [])], bench.fill())
        bench.submit(1, 2, 2)
        self.assertEqual([], bench.fill())  # Its own follower is waited for all the same.
        bench.submit(2, 4, 2)
        self.assertEqual([([2, 4], [0]), ([3, 5], [1])], bench.fill())

    def test_each_wave_is_waited_for_by_itself(self):
        bench = self.chain(1)
        bench.fill()
        bench.submit(1, 2, 1)
        bench.submit(2, 4, 1)
        self.assertEqual([([0, 2, 4], [])], bench.fill())
        bench.time += 100
        bench.submit(0, 1, 1)
        self.assertEqual([], bench.fill())
        bench.submit(1, 3, 1)
        bench.submit(2, 5, 1)
        self.assertEqual([([1, 3, 5], [])], bench.fill())


class WalkTest(unittest.TestCase):
    """One task and one loss, step by step."""

    def test_one_task_from_the_jvm_to_dask_and_back(self):
        bench = Bench(stage(0, 0))
        bench.submit(0, 0)
        self.assertEqual([QUEUED], bench.states())
        self.assertEqual([([0], [])], bench.fill())
        self.assertEqual([SENT], bench.states())
        self.assertTrue(bench.life.report("p0-0", ["s", 0, 1, 0]))
        self.assertFalse(bench.life.report("p0-0", ["s", 0, 1, 0]))
        self.assertTrue(bench.done(0))
        self.assertFalse(bench.done(0))
        self.assertEqual(([DONE], []), (bench.states(), bench.decisions()))
        bench.life.release([0])
        self.assertEqual([("LetGo", 0)], bench.decisions())
        self.assertEqual(0, bench.routes[0].flight)

    def test_a_worker_dies_and_takes_an_output_with_it(self):
        bench = Bench(stage(0, 0), stage(1, 1, links=[link(0)]))
        bench.submit(0, 0)
        bench.submit(1, 1)
        self.assertEqual([([0], []), ([1], [0])], bench.fill())
        bench.done(0)
        bench.life.worker_died([(1, 1, 1, False)], "dead", "p0-0")
        self.assertEqual([("TakeBack", 1), lost(1, 1)], bench.decisions())
        self.assertEqual([DONE, FAILED], bench.states())
        bench.submit(1, 1, attempt=2)
        self.assertEqual([([1], [0])], bench.fill())
        self.assertFalse(bench.missing(1, 2, 0))  # Its output lay on the worker.
        self.assertEqual(([QUEUED, WAITING], [("LetGo", 0), ("LetGo", 2)]), (bench.states(), bench.decisions()))
        self.assertEqual([([0], []), ([1], [3])], bench.fill())
        self.assertFalse(bench.done(0))  # The JVM has heard of it.
        self.assertTrue(bench.done(1, attempt=2))
        bench.life.release([0, 1])
        self.assertEqual(([DONE, DONE], [("LetGo", 3), ("LetGo", 4)]), (bench.states(), bench.decisions()))


class PinTest(unittest.TestCase):
    """What is made again pins what it reads itself."""

    def chain(self):
        """Returns a chain of three of which the first two are done, the first is released, and the second was lost."""
        bench = Bench(stage(0, 0), stage(1, 1, links=[link(0)]), stage(2, 2, links=[link(1)]))
        for number in range(3):
            bench.submit(number, number)
        bench.fill()
        bench.done(0)
        bench.done(1)
        bench.life.release([0])
        bench.missing(2, 1, 1)
        return bench

    def pins(self, bench):
        """Returns how often each task is pinned."""
        return [bench.life.tasks[number].pins for number in sorted(bench.life.tasks)]

    def test_what_was_released_is_made_again_for_what_is_made_again(self):
        bench = self.chain()
        self.assertEqual([1, 0, 0], self.pins(bench))
        self.assertEqual([([0], []), ([1], [3]), ([2], [4])], bench.fill())
        bench.decisions()
        bench.done(0)
        self.assertEqual([], bench.decisions())
        bench.done(1)
        self.assertEqual(([0, 0, 0], [("LetGo", 3)]), (self.pins(bench), bench.decisions()))

    def test_what_is_not_wanted_any_more_is_not_made_and_pins_nothing(self):
        bench = self.chain()
        bench.life.cancel([(2, 1)])
        bench.life.release([1])
        bench.fill()  # The second waits for the first, which is made all the same.
        bench.done(0)
        bench.done(1)
        self.assertEqual([0, 0, 0], self.pins(bench))

    def test_what_is_queued_and_not_wanted_any_more_pins_nothing(self):
        bench = Bench(stage(0, 0), stage(1, 1, links=[link(0)]), stage(2, 2, links=[link(1)]))
        for number in range(3):
            bench.submit(number, number)
        bench.fill()
        bench.done(0)
        bench.done(1)
        bench.missing(2, 1, 1)
        self.assertEqual([DONE, QUEUED, WAITING], bench.states())
        bench.life.cancel([(2, 1)])
        bench.life.release([0, 1])
        self.assertEqual([1, 0, 0], self.pins(bench))
        bench.decisions()
        self.assertEqual([], bench.fill())
        self.assertEqual(([0, 0, 0], [("LetGo", 0)]), (self.pins(bench), bench.decisions()))

    def test_an_output_that_is_given_up_pins_nothing(self):
        bench = self.chain()
        for _ in range(MOST_REMAKES + 1):
            bench.fill()
            self.assertFalse(bench.failed(1))
        self.assertEqual([0, 0, 0], self.pins(bench))
        (told,) = [each for each in bench.decisions() if isinstance(each, Fail)]
        self.assertEqual((2, 1, "BACKEND"), told[:3])
        self.assertEqual("an output of s1 was lost and could not be made again: no", told.message)


class AttemptTest(unittest.TestCase):
    """What the JVM asks for once more."""

    def test_another_attempt_of_what_had_succeeded_is_heard_of_again(self):
        # The JVM could not take the output: it cannot be read, for example.
        bench = Bench(stage(0, 0))
        bench.submit(0, 0)
        bench.fill()
        self.assertTrue(bench.done(0))
        bench.submit(0, 0, attempt=2)
        bench.fill()
        self.assertTrue(bench.failed(0, attempt=2))
        bench.submit(0, 0, attempt=3)
        bench.fill()
        self.assertTrue(bench.done(0, attempt=3))

    def test_an_attempt_that_was_cancelled_keeps_no_output(self):
        bench = Bench(stage(0, 0))
        bench.submit(0, 0)
        bench.fill()
        bench.life.report("p0-0", ["s", 0, 1, 0])
        self.assertEqual({"p0-0": [(0, 1)]}, bench.life.cancel([(0, 1)]))
        self.assertFalse(bench.done(0))
        bench.life.finished(bench.sent[0])
        self.assertEqual(([GONE], [("LetGo", 0)]), (bench.states(), bench.decisions()))

    def test_an_output_outlives_what_follows_it_in_its_group_and_is_cancelled(self):
        bench = Bench(stage(0, 0, 1, keep=True), stage(1, 1, links=[link(0)]))
        bench.submit(0, 0)
        bench.submit(1, 1)
        self.assertEqual([([0, 1], [])], bench.fill())
        bench.done(0)
        self.assertEqual({}, bench.life.cancel([(1, 1)]))
        bench.submit(1, 1, attempt=2)
        self.assertEqual(([([1], [0])], []), (bench.fill(), bench.decisions()))

    def test_what_is_cancelled_before_it_begins_is_taken_back(self):
        bench = Bench(stage(0, 0))
        bench.submit(0, 0)
        bench.fill()
        bench.life.cancel([(0, 1)])
        self.assertEqual([("TakeBack", 0)], bench.decisions())

    def test_an_attempt_that_the_jvm_awaits_is_carried_out_though_all_that_read_an_earlier_one_are_done(self):
        bench = Bench(stage(0, 0))
        bench.submit(0, 0)
        bench.fill()
        bench.life.release([0])
        bench.life.finished(bench.sent[0])
        bench.life.unreported(bench.sent[0])
        self.assertEqual([([0], [])], bench.fill())
        self.assertTrue(bench.done(0))

    def test_what_waits_for_two_outputs_that_are_given_up_fails_once(self):
        both = [dict(link(0), identity=False), dict(link(1), identity=False)]
        bench = Bench(stage(0, 0), stage(1, 1, links=[link(0)]), stage(2, 2, links=both))
        bench.submit(0, 0)
        bench.submit(1, 1)
        bench.fill()
        bench.done(0)
        bench.done(1)
        bench.gone.update(bench.sent)
        bench.submit(2, 2, deps={"2": [[[0, 1]], [[1, 2]]]})
        for _ in range(MOST_REMAKES + 1):
            bench.fill()
            bench.failed(0)
        (told,) = [each for each in bench.decisions() if isinstance(each, Fail)]
        self.assertEqual((2, 1, "BACKEND"), told[:3])

    def test_a_chain_that_is_longer_than_the_stack_is_made_again(self):
        length = 3000
        last = length - 1
        bench = Bench(*(stage(n, n, n + 1 if n < last else -1, [link(n - 1)] if n else []) for n in range(length)))
        for number in range(length):
            bench.submit(number, number)
        self.assertEqual(1, len(bench.fill()))
        for number in range(length - 1):
            bench.done(number)
        bench.failed(length - 1)
        bench.submit(length - 1, length - 1, attempt=2)
        self.assertEqual([(list(range(length)), [])], bench.fill())


class BlameTest(unittest.TestCase):
    """Who is to blame for a worker that died."""

    def fused(self):
        """Returns two tasks in one group, of which nothing was heard."""
        bench = Bench(stage(0, 0, 1), stage(1, 1, links=[link(0)]))
        bench.submit(0, 0)
        bench.submit(1, 1)
        self.assertEqual([([0, 1], [])], bench.fill())
        return bench

    def test_what_ran_is_to_blame_and_what_was_over_is_not(self):
        bench = self.fused()
        bench.life.worker_died([(0, 1, 0, True), (1, 1, 0, False)], "dead", "p0-0")
        self.assertEqual([("TakeBack", 0), lost(1, 1)], bench.decisions())
        self.assertEqual([QUEUED, FAILED], bench.states())

    def test_what_was_over_is_to_blame_where_nothing_ran(self):
        bench = self.fused()
        over = [(0, 1, 0, True), (1, 1, 0, True)]
        self.assertTrue(bench.life.untold(over))
        bench.life.worker_died(over, "dead", "p0-0")
        why = "its worker p0-0 was lost before it had told what became of it"
        self.assertEqual([("TakeBack", 0), lost(0, 1, why), lost(1, 1, why)], bench.decisions())

    def test_what_was_over_is_not_to_blame_where_a_cancelled_attempt_ran(self):
        bench = self.fused()
        bench.life.cancel([(1, 1)])
        bench.life.worker_died([(0, 1, 0, True), (1, 1, 0, False)], "dead", "p0-0")
        self.assertEqual(([("TakeBack", 0)], [QUEUED, GONE]), (bench.decisions(), bench.states()))

    def test_nobody_is_to_blame_for_another_group_or_attempt(self):
        bench = self.fused()
        stale = [(0, 1, 7, False), (1, 2, 0, False), (5, 1, 0, False)]
        bench.life.worker_died(stale, "dead", "p0-0")
        self.assertEqual(([], [SENT, SENT]), (bench.decisions(), bench.states()))

    def test_who_is_to_blame_travels_alone(self):
        bench = self.fused()
        bench.done(0)
        bench.life.worker_died([(1, 1, 0, False)], "dead", "p0-0")
        bench.submit(1, 1, attempt=2)
        self.assertEqual([([0], []), ([1], [1])], bench.fill())


class LossTest(unittest.TestCase):
    """Outputs that are lost with their workers again and again."""

    WHY = "the output of s0 that it reads was lost 3 times, each time with its worker, at last with p0-3"

    def bench(self, readers=1, told=True):
        """Returns an output that is there, and tasks that wait for it and for another."""
        both = [dict(link(0), identity=False, many=True), dict(link(9), identity=False, many=True)]
        bench = Bench(stage(0, 0), stage(1, 1, links=both), stage(2, 9), told=told)
        bench.submit(0, 0)
        bench.fill()
        bench.submit(2, 9)
        bench.submit(1, 1, readers, deps={str(1 + each): [[[0, 1]], [[9, 10]]] for each in range(readers)})
        bench.fill()
        bench.done(0)
        return bench

    def lose(self, bench, *groups, times=1, first=1):
        """Loses workers that had the outputs of groups, and nothing at hand."""
        for number in range(first, first + times):
            bench.life.worker_died([], "dead", "p0-%d" % number, groups)

    def test_what_is_to_read_it_fails_with_the_worker_and_it_is_made_again_only_for_another_attempt(self):
        bench = self.bench()
        self.lose(bench, 0, times=2)
        self.assertEqual([], bench.decisions())
        self.lose(bench, 0, first=3)
        self.assertEqual([("LetGo", 0), Fail(1, 1, "INPUT_LOST", self.WHY, "p0-3")], bench.decisions())
        self.lose(bench, 0, times=5)  # Dask has let go of it.
        self.assertEqual(([DONE, FAILED, SENT], []), (bench.states(), bench.decisions()))
        bench.submit(1, 1, attempt=2)
        self.assertEqual([([0], [])], bench.fill())
        self.assertFalse(bench.done(0))  # The JVM has heard of it.
        self.lose(bench, 2, times=2)
        self.assertEqual([], bench.decisions())
        bench.done(9)
        self.assertEqual([([1], [1, 2])], bench.fill())
        self.assertTrue(bench.done(1, attempt=2))

    def test_where_nobody_tells_of_workers_what_is_made_once_more_was_lost(self):
        bench = self.bench(told=False)
        for number in range(1, 4):
            self.assertEqual([], bench.decisions())
            self.assertFalse(bench.done(0, worker="p0-%d" % number))
        why = self.WHY.replace("p0-3", "p0-2")  # The third has made it for the fourth time.
        self.assertEqual([("LetGo", 0), Fail(1, 1, "INPUT_LOST", why, "p0-2")], bench.decisions())
        bench.done(0)  # Dask has let go of it.
        self.assertEqual(([DONE, FAILED, SENT], []), (bench.states(), bench.decisions()))
        bench.submit(1, 1, attempt=2)
        self.assertEqual([([0], [])], bench.fill())
        bench.done(0, worker="p0-5")
        bench.done(9)
        self.assertEqual([([1], [1, 2])], bench.fill())
        self.assertTrue(bench.done(1, attempt=2))
        for _ in range(9):
            bench.done(0)
        self.assertEqual([("LetGo", 2)], bench.decisions())  # Nothing reads it, so that nothing fails.

    def test_where_nobody_tells_of_workers_what_was_read_in_between_may_be_lost_again(self):
        bench = self.bench(2, told=False)
        bench.done(9)
        bench.fill()
        bench.done(0)
        bench.done(0)
        bench.done(1)
        bench.done(0)
        bench.done(0)
        self.assertEqual([], bench.decisions())

    def test_where_workers_are_told_of_what_is_made_once_more_is_no_loss_of_its_own(self):
        bench = self.bench()
        for _ in range(5):
            bench.done(0)
        self.assertEqual([], bench.decisions())

    def test_it_is_not_lost_too_often_where_it_was_read_in_between(self):
        bench = self.bench(2)
        bench.done(9)
        bench.fill()
        self.lose(bench, 0, times=2)
        bench.done(1)
        self.lose(bench, 0, times=2)
        self.assertEqual([], bench.decisions())

    def test_what_was_sent_is_taken_back_and_what_has_begun_goes_on(self):
        bench = self.bench(2)
        bench.done(9)
        self.assertEqual([([1], [0, 1]), ([2], [0, 1])], bench.fill())
        bench.life.report("p0-9", ["s", 2, 1, 0])
        self.lose(bench, 0, times=3)
        self.assertEqual([("TakeBack", 2), Fail(1, 1, "INPUT_LOST", self.WHY, "p0-3")], bench.decisions())
        self.assertTrue(bench.done(2))  # It had all that it reads.
        bench.submit(1, 1, attempt=2)
        self.assertEqual([([1], [0, 1])], bench.fill())

    def test_outputs_of_one_group_are_made_again_one_by_one(self):
        bench = Bench(stage(0, 0, 1, keep=True), stage(1, 1, links=[link(0)]), stage(2, 2, links=[link(1)]), routes=2)
        for number in range(3):
            bench.submit(number, number, route=number // 2)
        self.assertEqual([([0, 1], []), ([2], [0])], bench.fill())
        bench.done(0)
        bench.done(1)
        self.lose(bench, 0, times=3)
        bench.submit(2, 2, attempt=2, route=1)
        self.assertEqual([[0], [1], [2]], [tasks for tasks, _ in bench.fill()])

    def test_what_is_not_done_is_not_lost(self):
        bench = self.bench()
        self.lose(bench, 0, 1, 77, times=2)
        self.lose(bench, 1, times=9)
        self.assertEqual([], bench.decisions())

    def test_what_was_over_is_to_blame_though_dask_has_finished_its_group(self):
        bench = Bench(stage(0, 0))
        bench.submit(0, 0)
        bench.fill()
        bench.life.finished(bench.sent[0])
        over = [(0, 1, 0, True)]
        self.assertTrue(bench.life.untold(over))
        bench.life.worker_died(over, "dead", "p0-0")
        why = "its worker p0-0 was lost before it had told what became of it"
        self.assertEqual([("TakeBack", 0), lost(0, 1, why)], bench.decisions())


class PoolTest(unittest.TestCase):
    """Pools that will have no workers."""

    def test_what_only_a_dead_pool_could_make_again_is_given_up(self):
        bench = Bench(stage(0, 0), stage(1, 1, links=[link(0)]), routes=2)
        bench.submit(0, 0)
        bench.fill()
        bench.done(0)
        bench.life.pool_died("p0", "gone")
        bench.submit(1, 1, route=1)  # What was made is still there.
        self.assertEqual([([1], [0])], bench.fill())
        bench.gone.add(bench.sent[0])
        bench.life.look()
        self.assertEqual([("TakeBack", 0)], bench.decisions())
        bench.life.cancelled(bench.sent[1])  # Dask takes back what reads it.
        why = "an output of s0 was lost and could not be made again: gone"
        self.assertEqual([("LetGo", 1), Fail(1, 1, "BACKEND", why, None)], bench.decisions())

    def test_what_comes_later_for_a_dead_pool_fails_at_once(self):
        bench = Bench(stage(0, 0))
        bench.life.pool_died("p0", "gone")
        bench.submit(0, 0)
        self.assertEqual(([Fail(0, 1, "BACKEND", "gone", None)], []), (bench.decisions(), bench.fill()))

    def test_a_route_with_another_pool_goes_on(self):
        bench = Bench(stage(0, 0))
        bench.routes[0].pools = ["p0", "other"]
        bench.submit(0, 0)
        bench.life.pool_died("p0", "gone")
        self.assertEqual(([], [([0], [])]), (bench.decisions(), bench.fill()))


class StarvationTest(unittest.TestCase):
    """Groups that wait in Dask for what will not come."""

    def test_what_waits_for_an_attempt_that_failed_is_let_go_of_with_what_waits_for_that(self):
        bench = Bench(stage(0, 0), stage(1, 1, links=[link(0)]), stage(2, 2, links=[link(1)]))
        for number in range(3):
            bench.submit(number, number)
        bench.fill()
        self.assertTrue(bench.failed(0))
        self.assertEqual([("LetGo", 1), ("LetGo", 2), ("LetGo", 0)], bench.decisions())
        self.assertEqual([FAILED, WAITING, WAITING], bench.states())
        self.assertFalse(bench.life.report("p0-0", ["u", 1, 1, [0], 1]))  # It had begun.
        bench.submit(0, 0, attempt=2)
        self.assertEqual([([0], []), ([1], [3]), ([2], [4])], bench.fill())

    def test_what_waits_for_two_is_let_go_of_when_one_has_failed(self):
        both = [dict(link(0), identity=False), dict(link(1), identity=False)]
        bench = Bench(stage(0, 0), stage(1, 1), stage(2, 2, links=both))
        bench.submit(0, 0)
        bench.submit(1, 1)
        bench.submit(2, 2, deps={"2": [[[0, 1]], [[1, 2]]]})
        bench.fill()
        bench.failed(0)
        self.assertEqual([FAILED, SENT, WAITING], bench.states())
        self.assertEqual([("LetGo", 2), ("LetGo", 1)], bench.decisions())


if __name__ == "__main__":
    unittest.main()
