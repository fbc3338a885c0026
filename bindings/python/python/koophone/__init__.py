"""Client for Huawei Cloud KooPhone (云手机): run commands on fleets of cloud phones, follow tasks, query status, set the
video stream, reset, and get device tokens for streaming.

>>> import koophone
>>> with koophone.Emulator(phones=2, instance_ids=["a44uhlf7", "efjy72gs"]) as emulator, emulator.client() as client:
...     for result in client.run_command(emulator.instance_ids, "getprop ro.build.version.release"):
...         print(result.instance_id, result.state, result.output)
a44uhlf7 succeeded 11
efjy72gs succeeded 11

- `Client` blocks, `AsyncClient` is for asyncio; both are the same core.
- n phones asked, n answers, in the order asked; a phone's own failure stands in its answer (``result.error``).
- A command that may have run is never sent again unless you say ``repeatable=True``.
- Every failure is a `KooPhoneError`; the class tells which of fifteen kinds.
- `Emulator` is a local service to test against.
"""

from __future__ import annotations

from ._client import Client, Task
from ._enums import Codec, InstanceState, JobState, Network
from ._errors import (
    AuthenticationError,
    CancelledError,
    CommandFailedError,
    ConfigurationError,
    InternalError,
    InvalidArgumentError,
    KooPhoneError,
    NetworkError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ProtocolError,
    RejectedError,
    ThrottledError,
    TimeoutError,
    UnavailableError,
)
from ._koophone import (
    CancelToken,
    CommandResult,
    Credentials,
    DeviceAuthorization,
    ErrorDetails,
    Identity,
    InstanceOutcome,
    InstanceStatus,
    JobResult,
    Progress,
    StreamAddress,
    TaskPhone,
    TaskStatus,
    VideoSetting,
    VideoSettings,
    VideoSpec,
    __version__,
)
from ._progress import progress_bar
from ._results import Results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._async_client import AsyncClient, AsyncTask
    from ._emulator import Emulator
    from ._emulator_options import EmulatorOptions, Fault, Rule
    from ._settings import Settings

__all__ = [
    "AsyncClient",
    "AsyncTask",
    "AuthenticationError",
    "CancelToken",
    "CancelledError",
    "Client",
    "Codec",
    "CommandFailedError",
    "CommandResult",
    "ConfigurationError",
    "Credentials",
    "DeviceAuthorization",
    "Emulator",
    "EmulatorOptions",
    "ErrorDetails",
    "Fault",
    "Identity",
    "InstanceOutcome",
    "InstanceState",
    "InstanceStatus",
    "InternalError",
    "InvalidArgumentError",
    "JobResult",
    "JobState",
    "KooPhoneError",
    "Network",
    "NetworkError",
    "NotFoundError",
    "OutcomeUnknownError",
    "PermissionDeniedError",
    "Progress",
    "ProtocolError",
    "RejectedError",
    "Results",
    "Rule",
    "Settings",
    "StreamAddress",
    "Task",
    "TaskPhone",
    "TaskStatus",
    "ThrottledError",
    "TimeoutError",
    "UnavailableError",
    "VideoSetting",
    "VideoSettings",
    "VideoSpec",
    "__version__",
    "progress_bar",
]

# What few programs need and what costs time to import: asyncio, json, typing.
_LATER = {
    "AsyncClient": "_async_client",
    "AsyncTask": "_async_client",
    "Emulator": "_emulator",
    "EmulatorOptions": "_emulator_options",
    "Fault": "_emulator_options",
    "Rule": "_emulator_options",
    "Settings": "_settings",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module 'koophone' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"koophone.{_LATER[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
