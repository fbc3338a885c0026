"""The client for asyncio: the calls of `koophone.Client`, awaited."""

from __future__ import annotations

from ._async_operations import AsyncClientOperations

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self


class AsyncClient(AsyncClientOperations):
    """A client for asyncio. Settings, options, results and errors are those of `koophone.Client`.

    Calls run on the core's own threads. Cancelling the task that awaits a call cancels the call. One client may serve
    any number of event loops. Without a loop of asyncio, under trio for example, a call raises
    `InvalidArgumentError`.

    **A call cancelled by asyncio returns nothing**: after ``task.cancel()``, or when the time of ``asyncio.wait_for``
    or ``asyncio.timeout`` is up, the results of phones that have already responded are lost. With ``timeout`` or
    ``cancel`` (a `CancelToken`) the call ends by itself instead and returns the list: phones that have responded have
    their results, the others an error.

    >>> import asyncio, koophone
    >>> async def main(emulator):
    ...     async with emulator.async_client() as client:
    ...         task = await client.start_command(emulator.instance_ids, "true")
    ...         results = await task
    ...         return results.all_ok
    >>> with koophone.Emulator(phones=8) as emulator:
    ...     asyncio.run(main(emulator))
    True
    """

    __slots__ = ()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def aclose(self) -> None:
        """The same as ``close()``, for what closes asynchronous objects, such as `contextlib.aclosing`."""
        self.close()

    def __repr__(self) -> str:
        return f"Async{self._native!r}"
