import unittest

from muster_dask.reports import SOON_SECONDS, Reporter, sendable

LONE = "bad-\udcff.root"

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


class SendableTest(unittest.TestCase):
    def test_what_can_be_sent_is_left_as_it_is(self):
        for item in (["s", 1, 1, 5], ["o", 1, 1, 5, 9], ["o", 1, 1, 5, 9, "{}", None, None], ["l", 1, "é"], ["u", 1, 1, [2], 3]):
            self.assertIs(item, sendable(item))

    def test_an_output_that_cannot_be_sent_is_a_failure_of_its_task(self):
        for text in (LONE, object(), 1 << 70):
            kind, task, attempt, _, _, failure, message = sendable(["o", 7, 2, 5, 9, None, "json", text])
            self.assertEqual(("f", 7, 2, "SERIALIZATION"), (kind, task, attempt, failure))
            self.assertIn("cannot be sent", message)

    def test_a_failure_that_cannot_be_sent_is_still_one(self):
        self.assertEqual(["f", 7, 2, 5, 9, "SERIALIZATION"], sendable(["f", 7, 2, 5, 9, "OPERATION", LONE])[:6])

    def test_a_line_or_diagnostic_that_cannot_be_sent_is_a_line_that_says_so(self):
        for item in (["l", 7, LONE], ["d", 7, LONE, "1"]):
            kind, task, text = sendable(item)
            self.assertEqual(("l", 7), (kind, task))
            self.assertIn("left out", text)

    def test_what_cannot_be_sent_costs_the_other_reports_nothing(self):
        sent = []
        reporter = Reporter(sent.extend, lambda *call: None)
        reporter.add(["l", 1, LONE])
        reporter.add(["o", 2, 1, 5, 9])
        reporter.flush()
        self.assertEqual(["l", "o"], [item[0] for item in sent])


if __name__ == "__main__":
    unittest.main()
