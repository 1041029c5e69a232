"""One event loop in one thread, for all that waits on a network: usable from any thread, from any event loop or none.

HTTP clients belong to the loop they were first used in, and frameworks call rewards from worker threads and from a new
loop every step. What waits here does so in a loop that outlives them all. A forked process starts one of its own.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None


def loop() -> asyncio.AbstractEventLoop:
    """The loop, started where it does not run yet."""
    global _loop, _thread
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(target=_run, args=(_loop,), name="rewardkit", daemon=True)
            _thread.start()
        return _loop


def is_here() -> bool:
    """Whether the caller runs in the loop's own thread."""
    return _thread is threading.current_thread()


def wait(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine in the loop and wait for its result: for code that cannot await, whether or not a loop runs."""
    if is_here():
        coroutine.close()
        raise RuntimeError("what runs in rewardkit's own event loop must await and cannot wait")
    future = asyncio.run_coroutine_threadsafe(coroutine, loop())
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


async def there(make: Callable[[], Awaitable[_T]]) -> _T:
    """Await something in the loop, from whatever loop the caller is in."""
    if is_here():
        return await make()

    async def run() -> _T:
        return await make()

    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(run(), loop()))


def _run(running: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(running)
    running.run_forever()


def _forget() -> None:
    """After a fork the thread is gone and its loop is the parent's."""
    global _lock, _loop, _thread
    _lock = threading.Lock()
    _loop = _thread = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
