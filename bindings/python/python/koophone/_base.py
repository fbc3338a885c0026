"""What the blocking client and the one for asyncio have in common."""

from __future__ import annotations

from os import fspath

from ._errors import InvalidArgumentError
from ._koophone import NativeClient

# A failure in a test shows the test, not this file. So do the other files of the package.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NoReturn, TypeVar

    from typing_extensions import Unpack

    from . import Credentials, Settings

    T = TypeVar("T")


class ClientBase:
    """A client, blocking or not."""

    # The emulator that it belongs to is kept alive.
    __slots__ = ("__weakref__", "_emulator", "_native")

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        **settings: Unpack[Settings],
    ) -> None:
        # A setting of None is not given; the core checks everything else.
        given = [(name, _text(value)) for name, value in settings.items() if value is not None]
        self._native = NativeClient(credentials, given, None if environment is None else dict(environment))
        self._emulator: object = None

    def close(self) -> None:
        """Releases the client's connections and token. Later calls, and its lists, raise `InvalidArgumentError`; tasks
        and device tokens can still be used."""
        self._native = _Closed()  # type: ignore[assignment]
        self._emulator = None

    def _open(self, made: T) -> T:
        """What this client made; fails if it is closed."""
        _ = self._native.stats
        return made

    def __repr__(self) -> str:
        return repr(self._native)


def _text(value: Any) -> str:
    if hasattr(value, "total_seconds"):
        return str(value.total_seconds())
    return str(fspath(value) if hasattr(value, "__fspath__") else value)


class _Closed:
    """Replaces the native half of a closed client."""

    def __getattr__(self, name: str) -> NoReturn:
        raise InvalidArgumentError("the client is closed; make a new one", argument="client")

    def __repr__(self) -> str:
        return "Client(closed)"


class Handle:
    """Made by a client. It keeps the client alive, or where it can be used after the client is closed its emulator."""

    __slots__ = ("_keeps", "_native")

    def __init__(self, native: Any, keeps: Any) -> None:
        self._native = native
        self._keeps = keeps


def only(results: tuple[Any, ...]) -> Any:
    """The value of the only phone; its error is raised."""
    (result,) = results
    if result.error is not None:
        raise result.error
    return getattr(result, "value", None)
