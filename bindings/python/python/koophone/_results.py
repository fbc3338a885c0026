"""The results of one call, one per phone, and a bar that shows how many there are so far."""

from __future__ import annotations

from ._koophone import _raise_for_errors

__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, SupportsIndex, TypeVar, overload

    from ._koophone import Progress

    T = TypeVar("T", bound=Any, covariant=True)


class Results(tuple["T", ...]):
    """One result per phone, in the order asked: a tuple that says whether all succeeded.

    >>> import koophone
    >>> with koophone.Emulator(phones=2) as emulator, emulator.client() as client:
    ...     results = client.run_command(emulator.instance_ids, "true")
    >>> results.all_ok, len(results), results.failed
    (True, 2, Results(()))
    >>> results[:1].all_ok, results.asdict()[0]["state"]
    (True, 'succeeded')
    """

    __slots__ = ()

    @property
    def all_ok(self) -> bool:
        """Whether every phone succeeded."""
        return not self.failed

    @property
    def failed(self) -> Results[T]:
        """The results of the phones that did not succeed."""
        return Results(result for result in self if not result.ok)

    def raise_for_errors(self) -> Results[T]:
        """Returns the results, or raises the first phone's failure (`KooPhoneError`) if any phone failed. Its message
        says how many did, its ``results`` are these results.

        Raises:
            KooPhoneError: a phone failed.
        """
        _raise_for_errors(self)
        return self

    def asdict(self, *, secrets: bool = False) -> list[dict[str, Any]]:
        """The results as plain data, ready for JSON. Secrets are ``***`` unless asked for."""
        return [result.asdict(secrets=secrets) for result in self]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, place: SupportsIndex, /) -> T: ...
        @overload
        def __getitem__(self, place: slice[Any, Any, Any], /) -> Results[T]: ...
        def __getitem__(self, place: Any, /) -> Any: ...

    else:

        def __getitem__(self, place):
            found = super().__getitem__(place)
            return Results(found) if isinstance(place, slice) else found

    def __repr__(self) -> str:
        return f"Results({super().__repr__()})"


def progress_bar(bar: Any) -> Callable[[Progress], None]:
    """A progress callback that moves a bar of tqdm, or any other with ``total``, ``n`` and ``refresh()``.

    >>> import koophone, io
    >>> from tqdm import tqdm
    >>> with koophone.Emulator(phones=2) as emulator, emulator.client() as client:
    ...     with tqdm(file=io.StringIO(), unit="phone") as bar:
    ...         task = client.start_command(emulator.instance_ids, "true")
    ...         results = task.wait(on_progress=koophone.progress_bar(bar))
    >>> bar.n, bar.total
    (2, 2)
    """

    def show(progress: Progress) -> None:
        bar.total = progress.total
        bar.n = progress.succeeded + progress.failed
        bar.refresh()

    return show
