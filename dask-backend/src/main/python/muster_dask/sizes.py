"""How many tasks travel together."""

import math

MOST_IN_GROUP = 2000


class Sizes:
    """Chooses the sizes of batches: about `seconds` of work each, as far as is known how long tasks take."""

    def __init__(self, stages, batch, seconds):
        self._stages = stages
        self._batch = batch
        self._seconds = seconds

    def of(self, queue, capacity, route):
        """Returns how many tasks, with what is fused to each, go together; 0 to wait until that is known."""
        stage = queue[0].stage
        if queue[0].blames or not self._batch:
            return 1
        seconds = 0.0
        unknown = False
        while True:
            if stage.seconds is None:
                unknown = True
            else:
                seconds += stage.seconds
            if stage.next < 0:
                break
            stage = self._stages[stage.next]
        if seconds > self._seconds:
            return 1
        if unknown:
            return 1 if route.flight < 2 * capacity else 0
        return max(1, min(int(self._seconds / max(seconds, 1e-6)), math.ceil(len(queue) / (2 * capacity)), MOST_IN_GROUP))
