"""Tests of what the bridge makes of what Dask says of a group, without Dask."""

import asyncio
import types
import unittest

from muster_dask.bridge import Bridge


class Future:
    """Says one state after the other, the last one for ever, and how it failed."""

    def __init__(self, *states, error=None):
        self._states = list(states)
        self._error = error

    @property
    def status(self):
        return self._states.pop(0) if len(self._states) > 1 else self._states[0]

    async def exception(self):
        return self._error


class Flow:
    """Notes what it learns."""

    def __init__(self):
        self.learnt = []

    def tidy(self):
        """Does nothing."""

    def finished(self, group):
        self.learnt.append(("finished", group))

    def cancelled(self, group):
        self.learnt.append(("cancelled", group))

    def broke(self, group, lost, alone, message, kind):
        self.learnt.append(("broke", group, lost, message))


class SweepTest(unittest.TestCase):
    """Groups in states that change while the bridge looks."""

    def learnt(self, *futures, needless=False):
        """Returns what the flow learns of groups, by their numbers."""

        async def sweep():
            bridge = Bridge(asyncio.get_running_loop(), None)
            bridge._cluster = types.SimpleNamespace(scheduler=None)
            bridge._flow = Flow()
            bridge._fill_soon = lambda: None
            bridge._broken = self.fail
            for number, future in enumerate(futures):
                bridge._watch(Group(number, future, needless))
            sweeping = asyncio.ensure_future(bridge._sweep())
            for _ in range(500):
                await asyncio.sleep(0.01)
                if not bridge._watched:
                    break
            self.assertFalse(bridge._watched)
            bridge.over.set()
            await sweeping
            return sorted((each[0], each[1].number) + each[2:] for each in bridge._flow.learnt)

        return asyncio.run(sweep())

    def test_a_group_ends_in_one_way(self):
        self.assertEqual(
            self.learnt(Future("pending", "finished"), Future("cancelled"), Future("error", error=ValueError("no"))),
            [("broke", 2, False, "ValueError: no"), ("cancelled", 1), ("finished", 0)],
        )

    def test_a_group_that_is_lost_while_others_are_looked_at_is_waited_for(self):
        self.assertEqual(self.learnt(Future("finished", "lost", "lost", "pending", "finished")), [("finished", 0)])

    def test_a_group_that_has_reported_all_and_is_read_by_nothing_is_let_go_of(self):
        self.assertEqual(self.learnt(Future("pending"), needless=True), [])

    def test_a_group_that_failed_for_no_reason_was_lost(self):
        ((what, group, lost, _),) = self.learnt(Future("error"))
        self.assertEqual(("broke", 0, True), (what, group, lost))

    def test_a_group_that_is_tried_again_while_it_is_asked_for_its_error_is_waited_for(self):
        self.assertEqual(self.learnt(Future("error", "error", "error", "finished")), [("finished", 0)])


class Group:
    """A group of which all was heard."""

    def __init__(self, number, future, needless=False):
        self.number = number
        self.future = future
        self.over = True
        self._needless = needless

    def needless(self):
        if self._needless:
            self.future = None
        return self._needless

    def unreported(self):
        return False


if __name__ == "__main__":
    unittest.main()
