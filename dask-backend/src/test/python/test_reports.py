import unittest

from muster_dask.reports import SOON_SECONDS, Reporter


STEP = 1 / 512


class ReporterTest(unittest.TestCase):
    def setUp(self):
        self.now = 100.0
        self.sent = []
        self.due = []
        self.reporter = Reporter(self.sent.append, lambda *call: self.due.append(call), lambda: self.now)

    def group(self, seconds):
        """A group of one task that takes this long."""
        self.now += seconds
        self.reporter.add(["o", len(self.due)])
        self.reporter.flush(soon=True)

    def fire(self):
        """What was to be called later is called; returns after how many seconds."""
        seconds, function = self.due.pop(0)
        function()
        return seconds

    def test_a_task_that_comes_alone_is_reported_at_once(self):
        for _ in range(5):
            self.group(0.03)
        self.assertEqual([1] * 5, [len(items) for items in self.sent])

    def test_what_comes_soon_after_waits_a_moment_for_more(self):
        self.group(1)
        self.group(0.005)
        self.group(0.005)
        self.assertEqual(1, len(self.sent))
        self.assertEqual(SOON_SECONDS, self.fire())
        self.assertEqual([1, 2], [len(items) for items in self.sent])

    def test_of_many_those_of_a_moment_are_sent_together(self):
        for _ in range(1000):
            self.group(STEP)
        self.assertEqual([1] + [11] * 90 + [9], [len(items) for items in self.sent] + [1000 - sum(map(len, self.sent))])

    def test_the_last_of_many_are_not_forgotten(self):
        for _ in range(105):
            self.group(STEP)
        self.assertLess(sum(len(items) for items in self.sent), 105)
        self.due = self.due[-1:]
        self.fire()
        self.assertEqual(105, sum(len(items) for items in self.sent))


if __name__ == "__main__":
    unittest.main()
