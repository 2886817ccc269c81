"""Tests of what is made of what Dask says of a group, without Dask."""

import asyncio
import types
import unittest

from muster_dask.watch import Watch


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
    """Notes what its lifecycle learns."""

    def __init__(self):
        self.lifecycle = self
        self.learnt = []

    def tidy(self):
        """Does nothing."""

    def look(self):
        """Does nothing."""

    def finished(self, group):
        self.learnt.append(("finished", group))

    def cancelled(self, group):
        self.learnt.append(("cancelled", group))

    def broke(self, group, lost, alone, message, kind):
        self.learnt.append(("broke", group, lost, message))


class WatchTest(unittest.TestCase):
    """Groups in states that change while the bridge looks."""

    def learnt(self, *futures, kept=1):
        """Returns what is learnt of groups, by their numbers."""

        async def watch():
            flow, over = Flow(), asyncio.Event()
            watch = Watch(lambda: None, self.fail)
            groups = [Group(number, future, kept) for number, future in enumerate(futures)]
            for group in groups:
                watch.add(group)
            following = asyncio.ensure_future(watch.follow(flow, types.SimpleNamespace(scheduler=None), set(), over))
            for _ in range(1000):
                await asyncio.sleep(0.01)
                if len(flow.learnt) + sum(group.future is None for group in groups) == len(groups):
                    break
            over.set()
            await following
            return sorted((each[0], each[1].number) + each[2:] for each in flow.learnt)

        return asyncio.run(watch())

    def test_a_group_ends_in_one_way(self):
        self.assertEqual(
            self.learnt(Future("pending", "finished"), Future("cancelled"), Future("error", error=ValueError("no"))),
            [("broke", 2, False, "ValueError: no"), ("cancelled", 1), ("finished", 0)],
        )

    def test_a_group_that_is_lost_while_others_are_looked_at_is_waited_for(self):
        self.assertEqual(self.learnt(Future("finished", "lost", "lost", "pending", "finished")), [("finished", 0)])

    def test_a_group_that_has_reported_all_and_is_read_by_nothing_is_let_go_of(self):
        self.assertEqual(self.learnt(Future("pending"), kept=0), [])

    def test_a_group_that_failed_for_no_reason_was_lost(self):
        ((what, group, lost, _),) = self.learnt(Future("error"))
        self.assertEqual(("broke", 0, True), (what, group, lost))

    def test_a_group_that_is_tried_again_while_it_is_asked_for_its_error_is_waited_for(self):
        self.assertEqual(self.learnt(Future("error", "error", "error", "finished")), [("finished", 0)])


class Group:
    """A group of which all was heard."""

    def __init__(self, number, future, kept):
        self.number = number
        self.future = future
        self.kept = kept
        self.over = True

    def unheard(self):
        return []


if __name__ == "__main__":
    unittest.main()
