"""Started calls of one event loop: who waits for which, and how their answers arrive.

The core's threads put answers into a mailbox and make its socket readable; the loop, which watches the socket, opens the
mailbox on its own thread. Nothing but the loop's own thread ever runs Python here.
"""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from ._koophone import Mailbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from typing import Any

    from ._koophone import Call, CancelToken, Progress

    Waiting = tuple[asyncio.Future[Any], Callable[[Progress], object] | None]


class _Bridge:
    """What one event loop has."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.mailbox = Mailbox()
        self.waiting: dict[int, Waiting] = {}
        self.numbers = 0
        loop.add_reader(self.mailbox.fileno(), self.open_mailbox)

    def open_mailbox(self) -> None:
        for number, progress, value, error in self.mailbox.take():
            future, on_progress = self.waiting.get(number, _NOBODY)
            if future is None or future.done():
                continue
            if progress is not None:
                if on_progress is not None:
                    _tell(on_progress, progress, future)
            elif error is not None:
                future.set_exception(error)
            else:
                future.set_result(value)


_NOBODY: tuple[None, None] = (None, None)
_bridges: WeakKeyDictionary[asyncio.AbstractEventLoop, _Bridge] = WeakKeyDictionary()


def _tell(on_progress: Callable[[Progress], object], progress: Progress, future: asyncio.Future[Any]) -> None:
    try:
        on_progress(progress)
    except Exception as error:
        future.set_exception(error)


async def run(
    call: Call,
    timeout: float | timedelta | None,
    repeatable: bool,
    cancel: CancelToken | None,
    on_progress: Callable[[Progress], object] | None = None,
) -> Any:
    """Makes the call on the core's threads. Cancelling the task that awaits this cancels the call."""
    loop = asyncio.get_running_loop()
    bridge = _bridges.get(loop)
    if bridge is None:
        bridge = _bridges[loop] = _Bridge(loop)
    number = bridge.numbers = bridge.numbers + 1
    future = loop.create_future()
    bridge.waiting[number] = future, on_progress
    try:
        running = call.start(bridge.mailbox, number, timeout, repeatable, cancel, on_progress is not None)
        try:
            return await future
        except BaseException:
            # The task was cancelled, or a callback raised: nobody wants the answer any more.
            running.cancel()
            raise
    finally:
        del bridge.waiting[number]
