"""Device tokens of the blocking client that are renewed in time."""

from __future__ import annotations

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta

    from ._koophone import CancelToken, DeviceAuthorization, NativeDeviceToken


class DeviceTokenBase:
    """A device token, whichever way it is asked for."""

    # The emulator it belongs to is kept alive as long as it may be asked.
    __slots__ = ("_emulator", "_native")

    def __init__(self, native: NativeDeviceToken, emulator: object = None) -> None:
        self._native = native
        self._emulator = emulator


class DeviceToken(DeviceTokenBase):
    """The device token of one phone, for a program that needs it again and again. Threads may share it: one of them
    asks, and the others wait for what it gets.

    >>> import koophone
    >>> with koophone.Emulator(phones=1, quirks=["expired_time_given"]) as emulator, emulator.client() as client:
    ...     token = client.device_token(emulator.instance_ids[0])
    ...     token.get() == token.get()
    True
    """

    __slots__ = ()

    def get(
        self,
        *,
        timeout: float | timedelta | None = None,
        cancel: CancelToken | None = None,
        traceparent: str | None = None,
    ) -> DeviceAuthorization:
        """Returns the kept authorization, or asks for a new one when a tenth of its life is left. Where the service
        gives no life (``expires_at``), nothing is kept, and every call asks.

        Raises:
            KooPhoneError: as `Client.get_device_token`.
        """
        return self._native.get(timeout, cancel, traceparent)
