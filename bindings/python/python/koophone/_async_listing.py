"""Lists of the client for asyncio."""

from __future__ import annotations

from ._listing import ListingBase
from ._loop import run

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")


class AsyncListing(ListingBase["T"]):
    """As `koophone.Listing`, for ``async for``."""

    __slots__ = ()

    def __aiter__(self) -> AsyncListing[T]:
        return self

    async def __anext__(self) -> T:
        for item in self._items:
            return item
        self._client._check_open()
        self._items = iter(await run(self._native.begin_next))
        for item in self._items:
            return item
        raise StopAsyncIteration
