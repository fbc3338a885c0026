"""Lists of the service, which are read page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from ._base import Handle

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    T = TypeVar("T")


class ListingBase(Handle):
    """A list, whichever way it is read."""

    __slots__ = ("_items",)

    def __init__(self, native: Any, emulator: object = None) -> None:
        super().__init__(native, emulator)
        self._items: Iterator[Any] = iter(())

    @property
    def page_no(self) -> int:
        """The page that is read next, from 1. Items of the page before it may still be left."""
        page_no: int = self._native.page_no
        return page_no

    def __repr__(self) -> str:
        return f"<{type(self).__name__} page_no={self.page_no}>"


class Listing(ListingBase, Iterator["T"]):
    """The items of one list of the service, from all its pages: an iterator. Nothing is read until the first item is
    requested, and then one page at a time. An item that is on two pages, because the list has changed in between, is
    returned once.

    An exception does not end it: ``next()`` then reads the page that failed again. A page that only repeats earlier
    items raises `ProtocolError`, because such a list may never end.

    >>> import koophone
    >>> with koophone.Emulator(phones=5) as emulator, emulator.client() as client:
    ...     phones = client.list_instances(page_size=2)
    ...     first, after_one = next(phones).name, phones.page_no
    ...     names = [phone.name for phone in phones]
    >>> first, after_one, names[-1], phones.page_no
    ('phone-00001', 2, 'phone-00005', 4)
    """

    __slots__ = ()

    def __next__(self) -> T:
        for item in self._items:
            return item
        self._items = iter(self._native.next())
        return next(self._items)


class AsyncListing(ListingBase, AsyncIterator["T"]):
    """As `koophone.Listing`, for ``async for``."""

    __slots__ = ()

    async def __anext__(self) -> T:
        for item in self._items:
            return item
        from ._loop import run

        self._items = iter(await run(self._native.begin_next))
        for item in self._items:
            return item
        raise StopAsyncIteration
