"""The answers of one call, one per phone."""

from __future__ import annotations

from ._koophone import _all_ok, _raise_for_errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from ._koophone import CommandResult, InstanceOutcome, InstanceStatus, JobResult

    T = TypeVar("T", CommandResult, InstanceOutcome, InstanceStatus, JobResult)

    class _Tuple(tuple[T, ...]): ...

else:

    class _Tuple(tuple):
        __slots__ = ()

        def __class_getitem__(cls, item):
            return cls


class Results(_Tuple["T"]):
    """One answer per phone, in the order asked: a tuple that can be asked whether all went well.

    >>> import koophone
    >>> with koophone.Emulator(phones=2) as emulator, emulator.client() as client:
    ...     results = client.run_command(emulator.instance_ids, "true")
    >>> results.all_ok, len(results), results.failed
    (True, 2, ())
    """

    __slots__ = ()

    @property
    def all_ok(self) -> bool:
        """Whether every phone did well."""
        return _all_ok(self)

    @property
    def failed(self) -> tuple[T, ...]:
        """The answers of the phones that did not do well."""
        return tuple(result for result in self if not result.ok)

    def raise_for_errors(self) -> Results[T]:
        """Gives the results back, or raises the first phone's failure (`KooPhoneError`) if any phone failed. The message
        says how many did."""
        _raise_for_errors(self)
        return self

    def __repr__(self) -> str:
        return f"Results({super().__repr__()})"
