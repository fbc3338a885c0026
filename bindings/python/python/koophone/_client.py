"""The blocking client."""

from __future__ import annotations

from ._operations import ClientOperations

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self


class Client(ClientOperations):
    """A client whose calls block. Threads may share it; a forked child may go on with it; it cannot be pickled.

    ``credentials`` say who calls. Without them the provider chain looks: environment, profile file, metadata service.
    ``settings`` are those of the core, by name (see `koophone.Settings`); what is not given is taken from the
    environment (``KOOPHONE_*``). ``environment`` replaces the process's environment: ``{}`` ignores it. What is
    wrong raises `InvalidArgumentError` or `ConfigurationError` here; nothing is sent.

    Every call takes

    - ``timeout``: the deadline of the whole call in seconds (or a `timedelta`), instead of the client's. Infinity is
      refused; ``Client(timeout="none")`` makes a client without a deadline;
    - ``cancel``: a `CancelToken` that stops it from another thread, where it then raises `CancelledError`;
    - ``repeatable``, where executing it twice makes a difference: your word that it does no harm. Without it a call that
      may have been executed is never sent again, and raises `OutcomeUnknownError`.

    Calls release the interpreter's lock, are interrupted by Ctrl-C, and raise `KooPhoneError`. Progress callbacks, signal
    handlers and handlers of `logging` may call the client too.

    **What Ctrl-C interrupts returns nothing**: `KeyboardInterrupt` leaves the call, and the results of phones that have
    already answered are lost with it. With ``timeout`` or ``cancel`` the call ends by itself instead, and returns the
    list: phones that have answered have their results, the others an error.

    Raises:
        InvalidArgumentError: an argument is wrong; nothing was sent.
        ConfigurationError: a setting or credential is missing or wrong, or the system gives too few resources.
        AuthenticationError: the credential was refused.
        PermissionDeniedError: the credential lacks the permission.
        NotFoundError: there is no such task.
        ThrottledError: still limited after the retries.
        RejectedError: refused by the service for another reason.
        UnavailableError, NetworkError: the service is unavailable or cannot be reached.
        TimeoutError: the deadline passed, and nothing was executed.
        CancelledError: ``cancel`` was used, and nothing was executed.
        OutcomeUnknownError: a call about one phone may or may not have been executed.
        ProtocolError: the response could not be understood.

    >>> import koophone
    >>> with koophone.Emulator(phones=1, instance_ids=["a44uhlf7"]) as emulator:
    ...     with koophone.Client(emulator.credentials, timeout=20, **emulator.settings) as client:
    ...         client.query_status(["a44uhlf7"])[0].state
    <InstanceState.RUNNING: 'running'>
    """

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
