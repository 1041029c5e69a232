"""How many requests are under way at once: more while the server keeps up, half as many when it says it does not."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Window:
    """Additive increase, multiplicative decrease, as in TCP's congestion control (Jacobson 1988).

    Until the first refusal the limit rises by one with every answer (slow start), then by one with every `limit`
    answers. Refusals of requests that were sent before the last cut belong to the same episode and cut no further.
    Belongs to one event loop.
    """

    def __init__(self, most: int, start: int = 16) -> None:
        self.most = most
        self.limit = float(min(start, most))
        self.busy = 0
        self._slow_start = True
        self._cuts = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._open_at = 0.0  # loop time before which nothing is sent

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[int]:
        """A place among the requests under way, as soon as there is one; gives the episode it belongs to."""
        loop = asyncio.get_running_loop()
        while self.busy >= int(self.limit):
            turn = loop.create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                self._wake()  # the turn may have been given to this one
                raise
        self.busy += 1
        try:
            while (pause := self._open_at - loop.time()) > 0:
                await asyncio.sleep(pause)
            yield self._cuts
        finally:
            self.busy -= 1
            self._wake()

    def kept_up(self) -> None:
        """The server answered."""
        self.limit = min(self.most, self.limit + (1 if self._slow_start else 1 / self.limit))
        self._wake()

    def refused(self, episode: int, pause: float = 0.0) -> None:
        """The server said that it is too much, and for how many seconds to leave it alone."""
        self._open_at = max(self._open_at, asyncio.get_running_loop().time() + pause)
        if episode == self._cuts:
            self._cuts += 1
            self._slow_start = False
            self.limit = max(1.0, self.limit / 2)

    def _wake(self) -> None:
        free = int(self.limit) - self.busy
        while free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1
