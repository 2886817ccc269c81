"""Tests of what is fused, batched, held back and run again, with a client that does nothing."""

import asyncio
import pickle
import unittest

from muster_dask import network
from muster_dask.flow import Flow
from muster_dask.lifecycle import MOST_SILENCES
from muster_dask.tasks import DONE, FAILED, SENT, WAITING
from muster_dask.transitions import MOST_REMAKES
from muster_dask.watch import undecided


def stage(index, count, first, next_=-1, links=(), read_here=False, fetch=False, keep=False):
    """Returns a stage as the JVM describes it."""
    return {
        "index": index, "first": first, "next": next_, "next_comes": False, "depth": index, "fetch": fetch,
        "read_here": read_here, "keep": keep, "copies": "none", "scope": "global", "links": list(links),
        "code": {"stage": "s%d" % index, "inputs": [["i", None, 0]] * len(links)},
    }  # fmt: skip


def link(first, identity=True, many=False):
    """Returns a link to the stage before."""
    return {"producer": 0, "identity": identity, "first": first, "here": True, "many": many, "inputs": [0]}


class Future(str):
    """A key, and what became of it."""

    status = "pending"


class Client:
    """Takes groups and does nothing with them."""

    def __init__(self):
        self.sent = []
        self.taken_back = []

    def map(self, function, payloads, *dependencies, key, **_):
        for number, payload in enumerate(payloads):
            self.sent.append(([call[0] for call in pickle.loads(payload)[1]], [each[number] for each in dependencies]))
        return [Future(each) for each in key]

    def cancel(self, futures, force):
        self.taken_back.extend(futures)


class FlowTest(unittest.TestCase):
    """A flow without Dask."""

    def flow(self, stages, batch=False):
        """Makes a flow."""
        self.client = Client()
        self.told = []
        self.watched = []
        spec = {
            "base_dir": "/b", "mark": "/m", "code": [], "roots": None, "records": False, "run": "r", "address": None, "batch": batch,
            "batch_seconds": 0.05, "stages": stages,
            "routes": [{"resources": {"resource.p": 1}, "pools": ["p"]}], "datasets": [], "directory": "/d",
        }  # fmt: skip
        return Flow(
            spec, self.client, lambda route: 2, lambda worker, item: self.told.append(item),
            self.watched.append,
        )  # fmt: skip

    def submit(self, flow, index, first, count, attempt=1, deps=None):
        """Hands over tasks of a stage."""
        flow.lifecycle.submit(index, attempt, 0, [[first, count, -1, "s.0"]], deps)

    def groups(self):
        """Returns the tasks of each group that was sent."""
        return [tasks for tasks, _ in self.client.sent]

    def test_fuses_stages_that_follow_each_other(self):
        flow = self.flow([stage(0, 2, 0, next_=1, read_here=True), stage(1, 2, 2, links=[link(0)])])
        self.submit(flow, 0, 0, 2)
        self.submit(flow, 1, 2, 2)
        flow.fill()
        self.assertEqual([[0, 2], [1, 3]], self.groups())

    def test_sends_dependents_with_what_they_read(self):
        flow = self.flow([stage(0, 2, 0, read_here=True), stage(1, 2, 2, links=[link(0)])])
        self.submit(flow, 0, 0, 2)
        self.submit(flow, 1, 2, 2)
        flow.fill()
        self.assertEqual([[0], [1], [2], [3]], self.groups())
        names = {group.tasks[0].number: group.key for group in self.watched}
        self.assertEqual([[], [], [names[0]], [names[1]]], [needed for _, needed in self.client.sent])

    def test_batches_what_is_short_once_that_is_known(self):
        flow = self.flow([stage(0, 1000, 0)], batch=True)
        self.submit(flow, 0, 0, 1000)
        flow.fill()
        self.assertEqual([[0], [1], [2], [3]], self.groups())
        for task in range(4):
            flow.lifecycle.report("p-%d" % (task % 2), ["o", task, 1, 0, 10_000, None, None, None])
            flow.lifecycle.finished(self.watched[task])
        flow.fill()
        sizes = [len(tasks) for tasks in self.groups()[4:]]
        self.assertEqual(996, sum(sizes))
        self.assertLess(len(sizes), 50)

    def test_what_takes_long_is_not_batched(self):
        flow = self.flow([stage(0, 100, 0)], batch=True)
        self.submit(flow, 0, 0, 100)
        flow.fill()
        for task in range(4):
            flow.lifecycle.report("p-0", ["o", task, 1, 0, 10**9, None, None, None])
        flow.fill()
        self.assertTrue(all(len(tasks) == 1 for tasks in self.groups()))

    def test_a_dependent_waits_for_the_next_attempt(self):
        flow = self.flow([stage(0, 1, 0, next_=1, read_here=True), stage(1, 1, 1, links=[link(0)])])
        self.submit(flow, 0, 0, 1)
        self.submit(flow, 1, 1, 1)
        flow.fill()
        self.assertTrue(flow.lifecycle.report("p-0", ["f", 0, 1, 0, 10**8, "OPERATION", "no"]))
        self.assertFalse(flow.lifecycle.report("p-0", ["u", 1, 1, [0], 0]))
        flow.lifecycle.finished(self.watched[0])
        flow.fill()
        self.assertEqual((FAILED, WAITING), (flow.lifecycle.tasks[0].state, flow.lifecycle.tasks[1].state))
        self.submit(flow, 0, 0, 1, attempt=2)
        flow.fill()
        self.assertEqual([[0, 1], [0, 1]], self.groups())

    def test_a_dependent_that_read_a_failed_attempt_late_reads_the_next_one(self):
        flow = self.flow([stage(0, 1, 0, read_here=True), stage(1, 1, 1, links=[link(0)])])
        self.submit(flow, 0, 0, 1)
        self.submit(flow, 1, 1, 1)
        flow.fill()
        flow.lifecycle.report("p-0", ["f", 0, 1, 0, 10**8, "OPERATION", "no"])
        self.submit(flow, 0, 0, 1, attempt=2)
        flow.fill()
        flow.lifecycle.report("p-0", ["o", 0, 2, 0, 10**8, None, None, None])
        self.assertFalse(flow.lifecycle.report("p-1", ["u", 1, 1, [0], 1]))  # It had begun before it was taken back.
        flow.fill()
        self.assertEqual([[0], [1], [0], [1]], self.groups())
        self.assertEqual([flow.lifecycle.tasks[0].group.key], self.client.sent[-1][1])

    def branched(self):
        """Returns a flow in which task 2 of stage 2 reads task 0, which fails, and task 1, which takes long."""
        both = [dict(link(0), identity=False), dict(link(1), producer=1, identity=False, inputs=[1])]
        last = stage(2, 1, 2, links=both, read_here=True)
        flow = self.flow([stage(0, 1, 0, read_here=True), stage(1, 1, 1, read_here=True), last, stage(3, 1, 3, links=[link(2)])])
        self.submit(flow, 0, 0, 1)
        self.submit(flow, 1, 1, 1)
        self.submit(flow, 2, 2, 1, deps={"2": [[[0, 1]], [[1, 2]]]})
        self.submit(flow, 3, 3, 1)
        flow.fill()
        self.assertEqual([[0], [1], [2], [3]], self.groups())
        flow.lifecycle.report("p-0", ["f", 0, 1, 0, 10**8, "OPERATION", "no"])
        return flow

    def test_what_waits_in_dask_for_an_attempt_that_failed_is_taken_back(self):
        flow = self.branched()
        self.assertEqual([True, False, True, True], [group.future is None for group in self.watched])
        self.assertEqual([FAILED, SENT, WAITING, WAITING], [flow.lifecycle.tasks[number].state for number in range(4)])
        self.submit(flow, 0, 0, 1, attempt=2)
        flow.fill()
        self.assertEqual([[0], [2], [3]], self.groups()[4:])

    def test_what_has_begun_and_was_taken_back_is_not_heard(self):
        flow = self.branched()
        self.submit(flow, 0, 0, 1, attempt=2)
        flow.fill()
        flow.lifecycle.report("p-0", ["o", 0, 2, 0, 10**8])
        flow.lifecycle.report("p-0", ["o", 1, 1, 0, 10**8])
        self.assertFalse(flow.lifecycle.report("p-1", ["u", 2, 1, [0], 2]))
        flow.fill()
        self.assertEqual((DONE, SENT), (flow.lifecycle.tasks[0].state, flow.lifecycle.tasks[2].state))
        self.assertEqual([[0], [2], [3]], self.groups()[4:])

    def test_what_is_made_again_for_a_reader_is_let_go_of_when_that_is_done(self):
        flow = self.flow([
            stage(0, 1, 0, read_here=True), stage(1, 1, 1, links=[link(0)], read_here=True), stage(2, 1, 2, links=[link(1)]),
        ])  # fmt: skip
        self.submit(flow, 0, 0, 1)
        self.submit(flow, 1, 1, 1)
        flow.fill()
        flow.lifecycle.report("p-0", ["o", 0, 1, 0, 10**8])
        flow.lifecycle.report("p-0", ["o", 1, 1, 0, 10**8])
        flow.lifecycle.release([0])
        flow.lifecycle.cancelled(self.watched[1])  # Its output was lost, and could not be made again.
        self.submit(flow, 2, 2, 1)
        flow.fill()
        self.assertEqual([[0], [1], [2]], self.groups()[2:])
        flow.lifecycle.report("p-0", ["o", 0, 1, 0, 10**8])
        self.assertIsNotNone(self.watched[2].future)
        flow.lifecycle.report("p-0", ["o", 1, 1, 0, 10**8])
        self.assertIsNone(self.watched[2].future)
        self.assertIsNotNone(self.watched[3].future)

    def test_what_was_to_be_made_again_and_is_read_by_nothing_any_more_is_not_made(self):
        flow = self.flow([stage(0, 1, 0, read_here=True)])
        self.submit(flow, 0, 0, 1)
        flow.fill()
        flow.lifecycle.report("p-0", ["o", 0, 1, 0, 10**8])
        flow.lifecycle.cancelled(self.watched[0])
        flow.lifecycle.release([0])
        flow.fill()
        self.assertEqual([[0]], self.groups())

    def test_keeps_an_output_that_another_attempt_may_read(self):
        flow = self.flow([stage(0, 1, 0, next_=1, read_here=True, keep=True), stage(1, 1, 1, links=[link(0)])])
        self.submit(flow, 0, 0, 1)
        self.submit(flow, 1, 1, 1)
        flow.fill()
        flow.lifecycle.report("p-0", ["o", 0, 1, 0, 10**8, None, None, None])
        flow.lifecycle.report("p-0", ["f", 1, 1, 0, 10**8, "OPERATION", "no"])
        flow.lifecycle.finished(self.watched[0])
        self.submit(flow, 1, 1, 1, attempt=2)
        flow.fill()
        self.assertEqual([[0, 1], [1]], self.groups())

    def test_lets_go_of_a_group_whose_failed_task_ran_again_elsewhere(self):
        flow = self.flow([stage(0, 1, 0, next_=1, read_here=True, keep=True), stage(1, 1, 1, read_here=True, links=[link(0)])])
        self.submit(flow, 0, 0, 1)
        self.submit(flow, 1, 1, 1)
        flow.fill()
        flow.lifecycle.report("p-0", ["o", 0, 1, 0, 10**8, None, None, None])
        flow.lifecycle.report("p-0", ["f", 1, 1, 0, 10**8, "OPERATION", "no"])
        self.submit(flow, 1, 1, 1, attempt=2)
        flow.fill()
        flow.lifecycle.report("p-0", ["o", 1, 2, 0, 10**8, None, None, None])
        flow.lifecycle.release([0])
        first, second = self.watched
        self.assertEqual((None, second.key), (first.future, second.future))

    def test_makes_an_output_again_that_dask_could_not_make_again(self):
        flow = self.flow([stage(0, 2, 0, read_here=True), stage(1, 1, 2, links=[link(0, identity=False, many=True)])])
        self.submit(flow, 0, 0, 2)
        self.submit(flow, 1, 2, 1, deps={"2": [[[0, 2]]]})
        flow.fill()
        for task in range(2):
            flow.lifecycle.report("p-0", ["o", task, 1, 0, 10**8, None, None, None])
            flow.lifecycle.finished(self.watched[task])
        flow.fill()
        self.watched[0].future.status = "error"  # Its worker was lost, and then the one that made it again.
        flow.lifecycle.broke(self.watched[2], True, False, "KilledWorker")
        flow.fill()
        flow.lifecycle.report("p-0", ["o", 0, 1, 0, 10**8, None, None, None])
        flow.fill()
        self.assertEqual([[0], [1], [2], [0], [2]], self.groups())
        self.assertEqual([self.watched[3].key, self.watched[1].key], self.client.sent[-1][1])

    def test_makes_an_output_again_that_was_not_kept(self):
        flow = self.flow([stage(0, 1, 0, next_=1, read_here=True), stage(1, 1, 1, links=[link(0)])])
        self.submit(flow, 0, 0, 1)
        self.submit(flow, 1, 1, 1)
        flow.fill()
        flow.lifecycle.report("p-0", ["o", 0, 1, 0, 10**8, None, None, None])
        flow.lifecycle.report("p-0", ["f", 1, 1, 0, 10**8, "OPERATION", "no"])
        flow.lifecycle.finished(self.watched[0])
        self.submit(flow, 1, 1, 1, attempt=2)
        flow.fill()
        self.assertEqual([[0, 1], [0, 1]], self.groups())

    def test_only_the_task_at_hand_is_blamed_for_a_dead_worker(self):
        flow = self.flow([stage(0, 3, 0, next_=1, read_here=True), stage(1, 3, 3, links=[link(0)])])
        self.submit(flow, 0, 0, 1)
        self.submit(flow, 1, 3, 1)
        flow.fill()
        flow.lifecycle.report("p-0", ["o", 0, 1, 0, 10**8, None, None, None])
        flow.lifecycle.worker_died([(3, 1, None, False)], "dead", "p-0")
        self.assertEqual([["f", 3, 1, None, 0, "WORKER_LOST", "dead"]], self.told)
        self.assertEqual(["muster-r-0"], self.client.taken_back)
        self.submit(flow, 1, 3, 1, attempt=2)
        flow.fill()
        # What has killed a worker travels alone.
        self.assertEqual([[0, 3], [0], [3]], self.groups())

    def test_a_task_that_was_over_is_to_blame_if_its_report_was_lost_with_the_worker(self):
        flow = self.flow([stage(0, 3, 0, next_=1, read_here=True), stage(1, 3, 3, links=[link(0)])])
        self.submit(flow, 0, 0, 1)
        self.submit(flow, 1, 3, 1)
        flow.fill()
        number = flow.lifecycle.tasks[0].group.number
        over = [(0, 1, number, True), (3, 1, number, True)]
        self.assertFalse(flow.lifecycle.untold([(0, 1, number + 1, True)]))  # It was carried out in another group, long ago.
        self.assertTrue(flow.lifecycle.untold(over))
        flow.lifecycle.worker_died(over, "dead", "p-0")
        why = "its worker p-0 was lost before it had told what became of it"
        self.assertEqual([["f", task, 1, None, 0, "WORKER_LOST", why] for task in (0, 3)], self.told)
        self.assertFalse(flow.lifecycle.untold(over))

    def test_what_was_over_is_not_to_blame_where_another_task_of_its_group_ran(self):
        flow = self.flow([stage(0, 3, 0, next_=1, read_here=True), stage(1, 3, 3, links=[link(0)])])
        self.submit(flow, 0, 0, 1)
        self.submit(flow, 1, 3, 1)
        flow.fill()
        number = flow.lifecycle.tasks[0].group.number
        flow.lifecycle.worker_died([(0, 1, number, True), (3, 1, number, False)], "dead", "p-0")
        self.assertEqual([["f", 3, 1, None, 0, "WORKER_LOST", "dead"]], self.told)

    def test_trouble_with_the_network_is_a_failure_of_that_kind(self):
        for error, kind in ((OSError("no route"), "NETWORK"), (asyncio.TimeoutError(), "NETWORK"), (ValueError(), "BACKEND")):
            flow = self.flow([stage(0, 1, 0)])
            self.submit(flow, 0, 0, 1)
            flow.fill()
            flow.lifecycle.broke(flow.lifecycle.tasks[0].group, False, False, "why", network.kind(error))
            self.assertEqual([kind, "why"], self.told[-1][5:])

    def test_a_task_of_which_no_report_ever_comes_fails(self):
        flow = self.flow([stage(0, 1, 0)])
        self.submit(flow, 0, 0, 1)
        for _ in range(MOST_SILENCES + 1):
            self.assertEqual([], self.told)
            flow.fill()
            group = flow.lifecycle.tasks[0].group
            flow.lifecycle.finished(group)
            flow.lifecycle.unreported(group)
        self.assertEqual(["f", 0, 1, None, 0, "BACKEND"], self.told[0][:6])
        self.assertIn("carried out 4 times without a report", self.told[0][6])

    def test_what_nothing_reads_is_not_wanted_any_more_when_a_worker_dies(self):
        flow = self.flow([stage(0, 1, 0)])
        self.submit(flow, 0, 0, 1)
        flow.fill()
        flow.lifecycle.report("p-0", ["o", 0, 1, 0, 10**8, None, None, None])
        flow.lifecycle.finished(self.watched[0])
        self.assertIsNotNone(self.watched[0].future)
        self.assertEqual([self.watched[0].key], flow.tidy(0))
        self.assertIsNone(self.watched[0].future)

    def test_what_has_reported_all_and_is_read_by_nothing_need_not_be_done_for_dask(self):
        flow = self.flow([stage(0, 1, 0, read_here=True), stage(1, 1, 1, links=[link(0)])])
        self.submit(flow, 0, 0, 1)
        self.submit(flow, 1, 1, 1)
        flow.fill()
        for task, group in enumerate(self.watched):
            self.assertTrue(undecided(group))
            flow.lifecycle.report("p-0", ["o", task, 1, 0, 10**8])
        self.assertEqual([True, False], [undecided(group) for group in self.watched])
        self.assertEqual([False, True], [group.future is None for group in self.watched])

    def test_what_is_queued_waits_again_if_what_it_reads_is_lost(self):
        flow = self.flow([stage(0, 2, 0, read_here=True), stage(1, 2, 2, links=[link(0)])])
        self.submit(flow, 0, 0, 2)
        flow.fill()
        self.submit(flow, 1, 2, 2)
        flow.lifecycle.cancelled(self.watched[0])
        flow.lifecycle.cancelled(self.watched[1])
        flow.fill()
        self.assertEqual([[0], [1], [0], [1], [2], [3]], sorted(self.groups()[:2]) + sorted(self.groups()[2:]))

    def test_a_dead_pool_fails_what_only_it_could_run(self):
        flow = self.flow([stage(0, 2, 0)])
        self.submit(flow, 0, 0, 1)
        flow.fill()
        flow.lifecycle.pool_died("p", "gone")
        self.submit(flow, 0, 1, 1)
        self.assertEqual([("BACKEND", "gone")] * 2, [(item[5], item[6]) for item in self.told])

    def test_cancelled_tasks_are_not_sent(self):
        flow = self.flow([stage(0, 2, 0)])
        self.submit(flow, 0, 0, 2)
        flow.lifecycle.cancel([(0, 1)])
        flow.fill()
        self.assertEqual([[1]], self.groups())

    def test_a_running_task_that_is_cancelled_is_found_by_its_worker(self):
        flow = self.flow([stage(0, 1, 0)])
        self.submit(flow, 0, 0, 1)
        flow.fill()
        self.assertTrue(flow.lifecycle.report("p-1", ["s", 0, 1, 0]))
        self.assertEqual({"p-1": [(0, 1)]}, dict(flow.lifecycle.cancel([(0, 1)])))

    def test_gathers_ranges(self):
        flow = self.flow([stage(0, 3, 0, read_here=True), stage(1, 1, 3, links=[link(0, identity=False, many=True)])])
        self.submit(flow, 0, 0, 3)
        self.submit(flow, 1, 3, 1, deps={"3": [[[0, 3]]]})
        flow.fill()
        self.assertEqual([[0], [1], [2]], self.groups())  # What gathers is sent when all is there.
        for task in range(3):
            flow.lifecycle.report("p-0", ["o", task, 1, 0, 10**8])
        flow.fill()
        self.assertEqual(([3], ["muster-r-0", "muster-r-1", "muster-r-2"]), self.client.sent[-1])

    def test_lets_go_of_what_is_released(self):
        flow = self.flow([stage(0, 1, 0, read_here=True)])
        self.submit(flow, 0, 0, 1)
        flow.fill()
        flow.lifecycle.report("p-0", ["o", 0, 1, 0, 10**8, None, None, None])
        flow.lifecycle.finished(self.watched[0])
        self.assertIsNotNone(self.watched[0].future)
        flow.lifecycle.release([0])
        self.assertIsNone(self.watched[0].future)
        self.assertEqual(DONE, flow.lifecycle.tasks[0].state)

    def test_sends_again_what_dask_took_back(self):
        flow = self.flow([stage(0, 1, 0)])
        self.submit(flow, 0, 0, 1)
        flow.fill()
        flow.lifecycle.cancelled(self.watched[0])
        flow.fill()
        self.assertEqual([[0], [0]], self.groups())
        self.assertEqual(SENT, flow.lifecycle.tasks[0].state)

    def lost(self):
        """Returns a flow in which an output was made, lost and made again, which failed; and what was said of that."""
        flow = self.flow([stage(0, 1, 0, read_here=True), stage(1, 1, 1, links=[link(0)])])
        self.submit(flow, 0, 0, 1)
        flow.fill()
        flow.lifecycle.report("p-0", ["o", 0, 1, 0, 10**8, None, None, None])
        self.submit(flow, 1, 1, 1)
        flow.fill()
        return flow

    def test_an_output_that_fails_to_be_made_again_is_tried_again_and_the_jvm_is_done_with_it(self):
        flow = self.lost()
        self.assertFalse(flow.lifecycle.report("p-1", ["u", 1, 1, [0], 1]))
        flow.fill()
        self.assertFalse(flow.lifecycle.report("p-1", ["f", 0, 1, 0, 10**8, "OPERATION", "no"]))
        flow.fill()
        self.assertEqual([[0], [1], [0], [1], [0], [1]], self.groups())
        self.assertEqual((SENT, []), (flow.lifecycle.tasks[0].state, self.told))

    def test_what_reads_an_output_that_cannot_be_made_again_fails_with_the_reason(self):
        flow = self.lost()
        flow.lifecycle.report("p-1", ["u", 1, 1, [0], 1])
        for _ in range(MOST_REMAKES + 1):
            self.assertEqual([], self.told)
            flow.fill()
            flow.lifecycle.worker_died([(0, 1, None, False)], "its worker died", "p-1")
            flow.lifecycle.cancelled(flow.lifecycle.tasks[1].group)  # Dask takes it back, too
        (told,) = self.told
        self.assertEqual(["f", 1, 1, None, 0, "BACKEND"], told[:6])
        self.assertEqual("an output of s0 was lost and could not be made again: its worker died", told[6])
        self.submit(flow, 1, 1, 1, attempt=2)
        self.assertEqual(2, len(self.told))


if __name__ == "__main__":
    unittest.main()
