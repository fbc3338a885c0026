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

    Every call takes

    - ``timeout``: the deadline of the whole call in seconds (or a `timedelta`), instead of the client's. Infinity is
      refused; ``Client(timeout="none")`` makes a client without a deadline;
    - ``cancel``: a `CancelToken` that stops it from another thread; the call then raises `CancelledError`;
    - ``repeatable``, where executing it twice makes a difference: your word that this does no harm. Without it a call
      that may have been executed is never sent again, and raises `OutcomeUnknownError`.

    Calls release the interpreter's lock, can be interrupted by Ctrl-C, and raise `KooPhoneError`. Progress callbacks,
    signal handlers and handlers of `logging` may use the client too.

    **A call interrupted by Ctrl-C returns nothing**: the results of phones that have already responded are lost with
    the `KeyboardInterrupt`. With ``timeout`` or ``cancel`` the call ends by itself instead and returns the list: phones
    that have responded have their results, the others an error.

    Args:
        credentials: Who calls. Default: the provider chain (environment, profile file, metadata service).
        environment: Replaces the environment of the process; ``{}`` ignores it.
        settings: See `koophone.Settings`. Those not given are taken from the environment (``KOOPHONE_*``).

    Raises:
        InvalidArgumentError: an argument is wrong; nothing is sent.
        ConfigurationError: a setting or credential is missing or wrong; nothing is sent.

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
