"""Device tokens of the client for asyncio that are renewed in time."""

from __future__ import annotations

from ._device_token import DeviceTokenBase
from ._loop import run

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta

    from ._koophone import CancelToken, DeviceAuthorization


class AsyncDeviceToken(DeviceTokenBase):
    """As `koophone.DeviceToken`, awaited."""

    __slots__ = ()

    async def get(
        self,
        *,
        timeout: float | timedelta | None = None,
        cancel: CancelToken | None = None,
        traceparent: str | None = None,
    ) -> DeviceAuthorization:
        """Returns an authorization that is good for a while. See `koophone.DeviceToken.get`."""
        return await run(self._native.begin_get, timeout, cancel, traceparent)
