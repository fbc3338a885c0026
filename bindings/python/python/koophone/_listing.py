"""Lists of the blocking client, which are read page by page."""

from __future__ import annotations

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Generic, TypeVar

    from ._base import ClientBase
    from ._koophone import NativeListing

    T = TypeVar("T")

    class _Generic(Generic[T]): ...

else:

    class _Generic:
        __slots__ = ()

        def __class_getitem__(cls, item):
            return cls


class ListingBase(_Generic["T"]):
    """A list, whichever way it is read."""

    # Its client is kept alive as long as it may be asked, and an emulator with that.
    __slots__ = ("_client", "_items", "_native")

    def __init__(self, native: NativeListing[T], client: ClientBase) -> None:
        self._native = native
        self._client = client
        self._items: Iterator[T] = iter(())

    @property
    def page_no(self) -> int:
        """The page that is read next, from 1. Items of the one before it may still be to come."""
        return self._native.page_no

    def __repr__(self) -> str:
        return f"<{type(self).__name__} page_no={self.page_no}>"


class Listing(ListingBase["T"]):
    """The items of one list of the service, over all its pages: an iterator. Nothing is read until the first item is
    asked for, and then one page at a time. What is on two pages, because the list has changed in between, comes once.

    What is raised ends nothing: asked again, it reads the page that failed once more. A page that only repeats what
    came before is a `ProtocolError`, because such a list may have no end.

    >>> import koophone
    >>> with koophone.Emulator(phones=5) as emulator, emulator.client() as client:
    ...     phones = client.list_instances(page_size=2)
    ...     first, after_one = next(phones).name, phones.page_no
    ...     names = [phone.name for phone in phones]
    >>> first, after_one, names[-1], phones.page_no
    ('phone-00001', 2, 'phone-00005', 4)
    """

    __slots__ = ()

    def __iter__(self) -> Listing[T]:
        return self

    def __next__(self) -> T:
        for item in self._items:
            return item
        self._client._check_open()
        self._items = iter(self._native.next())
        return next(self._items)
