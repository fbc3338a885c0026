"""Started calls of one event loop: who waits for which, and how their outcomes arrive.

The core's threads put outcomes into a mailbox and make its socket readable; the loop, which watches the socket, empties
the mailbox on its own thread. Nothing but the loop's own thread ever runs Python here.

Windows's usual loop cannot watch sockets, only receive from them. There a task receives while calls are waited for.
(The tests run it on a loop for Linux that cannot watch either; on Windows itself nothing was tested.)
"""

from __future__ import annotations

import asyncio
import socket
from weakref import WeakKeyDictionary

from ._errors import InvalidArgumentError
from ._koophone import Mailbox

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, Concatenate, ParamSpec, TypeVar

    from ._koophone import Progress, Running

    P = ParamSpec("P")
    T = TypeVar("T")
    Waiting = tuple[asyncio.Future[Any], Callable[[Progress], object] | None]


class _Bridge:
    """What one event loop has."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.socket: socket.socket | None = None
        self.receiver: asyncio.Task[None] | None = None
        self.mailbox = Mailbox()
        self.waiting: dict[int, Waiting] = {}
        self.numbers = 0
        try:
            loop.add_reader(self.mailbox.fileno(), self.empty_mailbox)
        except NotImplementedError:
            self.socket = socket.fromfd(self.mailbox.fileno(), socket.AF_INET, socket.SOCK_STREAM)
            self.socket.setblocking(False)

    def __del__(self) -> None:
        if self.socket is not None:
            self.socket.close()

    def enter(self, future: asyncio.Future[Any], on_progress: Callable[[Progress], object] | None) -> int:
        """Somebody waits, under the number that this gives."""
        number = self.numbers = self.numbers + 1
        self.waiting[number] = future, on_progress
        if self.socket is not None and self.receiver is None:
            self.receiver = asyncio.create_task(self.receive(self.socket))
        return number

    def leave(self, number: int) -> None:
        del self.waiting[number]
        if self.receiver is not None and not self.waiting:
            self.receiver.cancel()
            self.receiver = None

    async def receive(self, mailbox: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            # At first for messages that woke a receiver which was cancelled.
            loop.call_soon(self.empty_mailbox)
            await loop.sock_recv(mailbox, 64)

    def empty_mailbox(self) -> None:
        """Completes every future whose outcome has come, whatever the user's code raises meanwhile."""
        ending: BaseException | None = None
        for number, progress, value, error in self.mailbox.take():
            future, on_progress = self.waiting.get(number, _NOT_WAITED_FOR)
            if future is None or future.done():
                continue
            if progress is not None:
                if on_progress is not None:
                    ending = _report(on_progress, progress, future) or ending
            elif error is not None:
                future.set_exception(error)
            else:
                future.set_result(value)
        self.mailbox.deliver_logs()
        if ending is not None:
            raise ending


_NO_LOOP = (
    "AsyncClient needs asyncio, and no event loop of asyncio runs here; under trio use the blocking Client:"
    " await trio.to_thread.run_sync(client.query_status, ids), with anyio anyio.to_thread.run_sync"
)
_NOT_WAITED_FOR: tuple[None, None] = (None, None)
_bridges: WeakKeyDictionary[asyncio.AbstractEventLoop, _Bridge] = WeakKeyDictionary()


def _report(
    on_progress: Callable[[Progress], object], progress: Progress, future: asyncio.Future[Any]
) -> BaseException | None:
    """Calls the user's callback; what it raises reaches whoever waits. Gives back what has to end the loop too."""
    try:
        on_progress(progress)
    except BaseException as error:
        raised: BaseException = error
        if isinstance(error, StopIteration):
            # A future refuses it, as generators do.
            raised = RuntimeError("on_progress raised StopIteration")
            raised.__cause__ = error
        if not future.done():
            future.set_exception(raised)
        return error if isinstance(error, (KeyboardInterrupt, SystemExit)) else None
    return None


def run(start: Callable[Concatenate[Mailbox, int, P], Running[T]], *arguments: P.args, **_: P.kwargs) -> Awaitable[T]:
    """Makes a call on the core's threads. Cancelling the task that awaits it cancels the call."""
    return run_with_progress(None, start, *arguments, **_)


async def run_with_progress(
    on_progress: Callable[[Progress], object] | None,
    start: Callable[Concatenate[Mailbox, int, P], Running[T]],
    *arguments: P.args,
    **_: P.kwargs,
) -> T:
    """The same, with a callback for the progress."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        raise InvalidArgumentError(_NO_LOOP, argument="client") from None
    bridge = _bridges.get(loop)
    if bridge is None:
        bridge = _bridges[loop] = _Bridge(loop)
    future: asyncio.Future[T] = loop.create_future()
    number = bridge.enter(future, on_progress)
    try:
        running = start(bridge.mailbox, number, *arguments, **_)
        try:
            return await future
        except BaseException:
            # The task was cancelled, or a callback raised: nobody wants the outcome any more.
            running.cancel()
            raise
    finally:
        bridge.leave(number)
