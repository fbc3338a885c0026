"""Started calls of an event loop, and how their outcomes arrive.

The core's threads put outcomes into a mailbox and make its socket readable. The loop watches the socket and empties the
mailbox on its own thread, the only one that runs Python here.

The usual loop of Windows cannot watch sockets, only receive from them: a task receives while calls are awaited. (Tested
with a loop for Linux that cannot watch either, not on Windows.)
"""

from __future__ import annotations

import asyncio
import socket
from itertools import count
from weakref import WeakKeyDictionary, finalize

from ._errors import InvalidArgumentError
from ._koophone import Mailbox

__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Concatenate, ParamSpec, TypeVar

    from ._koophone import Listener, Running

    P = ParamSpec("P")
    T = TypeVar("T")


class _Bridge:
    """The mailbox of one event loop, and the calls that wait for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.socket: socket.socket | None = None
        self.receiver: asyncio.Task[None] | None = None
        self.mailbox = Mailbox()
        self.waiting: dict[int, tuple[asyncio.Future[Any], Listener | None]] = {}
        self.numbers = count(1)
        try:
            loop.add_reader(self.mailbox.fileno(), self.empty_mailbox)
        except NotImplementedError:
            self.socket = socket.fromfd(self.mailbox.fileno(), socket.AF_INET, socket.SOCK_STREAM)
            self.socket.setblocking(False)
            finalize(self, self.socket.close)

    async def receive(self, mailbox: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            # First for messages that woke a receiver that was cancelled.
            loop.call_soon(self.empty_mailbox)
            await loop.sock_recv(mailbox, 64)

    def empty_mailbox(self) -> None:
        """Completes every future whose outcome has arrived, even if the user's code raises."""
        ending: BaseException | None = None
        for number, has_ended, value, error in self.mailbox.take():
            future, listener = self.waiting.get(number, (None, None))
            if future is None or future.done():
                continue
            try:
                if not has_ended and listener is not None:
                    listener.hear()
                    continue
            except StopIteration as raised:
                # A future refuses it, as generators do.
                error = RuntimeError("a callback raised StopIteration")
                error.__cause__ = raised
            except BaseException as raised:
                error = raised
                ending = raised if isinstance(raised, (KeyboardInterrupt, SystemExit)) else ending
            if future.done():
                # The callback cancelled the task that awaits it.
                continue
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)
        self.mailbox.deliver_logs()
        if ending is not None:
            raise ending


_bridges: WeakKeyDictionary[asyncio.AbstractEventLoop, _Bridge] = WeakKeyDictionary()


async def run(
    listener: Listener | None,
    start: Callable[Concatenate[Mailbox, int, P], Running[T]],
    *arguments: P.args,
    **_: P.kwargs,
) -> T:
    """Makes a call on the core's threads. Cancelling the task that awaits it cancels the call."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        message = (
            "AsyncClient needs asyncio, and no event loop of asyncio runs here; under trio use the blocking Client:"
            " await trio.to_thread.run_sync(client.query_status, ids), with anyio anyio.to_thread.run_sync"
        )
        raise InvalidArgumentError(message, argument="client") from None
    bridge = _bridges.get(loop) or _bridges.setdefault(loop, _Bridge(loop))
    future: asyncio.Future[T] = loop.create_future()
    number = next(bridge.numbers)
    running = start(bridge.mailbox, number, *arguments, **_)
    bridge.waiting[number] = future, listener
    if bridge.socket is not None and bridge.receiver is None:
        bridge.receiver = asyncio.create_task(bridge.receive(bridge.socket))
    try:
        return await future
    except BaseException:
        # The task was cancelled, or a callback raised: the outcome is not needed.
        running.cancel()
        raise
    finally:
        del bridge.waiting[number]
        if bridge.receiver is not None and not bridge.waiting:
            bridge.receiver.cancel()
            bridge.receiver = None
