"""A native client from what a program says."""

from __future__ import annotations

from os import fspath

from ._koophone import NativeClient

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._koophone import Credentials


def native_client(
    credentials: Credentials | None, settings: Mapping[str, object], environment: Mapping[str, str] | None
) -> NativeClient:
    """Settings of None count as not given; everything else the core checks."""
    given = [(name, _text(value)) for name, value in settings.items() if value is not None]
    return NativeClient(credentials, given, None if environment is None else dict(environment))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "total_seconds"):
        return str(value.total_seconds())
    if hasattr(value, "__fspath__"):
        return str(fspath(value))
    return str(value)
