from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar, final

from typing_extensions import Self, Unpack

from ._errors import KooPhoneError
from ._results import Results
from ._settings import CredentialFields

__version__: str

_T_co = TypeVar("_T_co", covariant=True)

@final
class Running(Generic[_T_co]):
    """A started call, and what it returns in the end."""

    def cancel(self) -> None: ...

@final
class CancelToken:
    """Cancels calls from another thread: give it to a call as ``cancel``, keep it, and call ``cancel()``."""

    def __new__(cls) -> Self: ...
    def cancel(self) -> None: ...
    @property
    def cancelled(self) -> bool: ...

@final
class Mailbox:
    def __new__(cls) -> Self: ...
    def fileno(self) -> int: ...
    def take(self) -> list[tuple[int, Progress | None, Any, BaseException | None]]: ...
    def deliver_logs(self) -> None: ...

@final
class NativeListing(Generic[_T_co]):
    @property
    def page_no(self) -> int: ...
    def next(self) -> tuple[_T_co, ...]: ...
    def begin_next(self, mailbox: Mailbox, number: int) -> Running[tuple[_T_co, ...]]: ...

@final
class NativeDeviceToken:
    def get(
        self, timeout: float | timedelta | None, cancel: CancelToken | None, traceparent: str | None
    ) -> DeviceAuthorization: ...
    def begin_get(
        self,
        mailbox: Mailbox,
        number: int,
        timeout: float | timedelta | None,
        cancel: CancelToken | None,
        traceparent: str | None,
    ) -> Running[DeviceAuthorization]: ...

@final
class NativeTask:
    @property
    def operation(self) -> str: ...
    @property
    def task_ids(self) -> tuple[str, ...]: ...
    @property
    def phones(self) -> Results[TaskPhone]: ...
    @property
    def can_be_followed(self) -> bool: ...
    def save(self) -> str: ...
    def poll(
        self, timeout: float | timedelta | None, cancel: CancelToken | None, traceparent: str | None
    ) -> TaskStatus: ...
    def begin_poll(
        self,
        mailbox: Mailbox,
        number: int,
        timeout: float | timedelta | None,
        cancel: CancelToken | None,
        traceparent: str | None,
    ) -> Running[TaskStatus]: ...
    def wait(
        self,
        on_progress: Callable[[Progress], object] | None,
        timeout: float | timedelta | None,
        cancel: CancelToken | None,
        check: bool,
        traceparent: str | None,
    ) -> Results[JobResult]: ...
    def begin_wait(
        self,
        mailbox: Mailbox,
        number: int,
        on_progress: Callable[[Progress], object] | None,
        timeout: float | timedelta | None,
        cancel: CancelToken | None,
        check: bool,
        traceparent: str | None,
    ) -> Running[Results[JobResult]]: ...

@final
class NativeEmulator:
    def __new__(cls, options: str) -> Self: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def is_running(self) -> bool: ...
    def call(self, method: str, arguments: str) -> str: ...
    @staticmethod
    def milliseconds(seconds: float | timedelta) -> float: ...
    def stop(self) -> None: ...

@final
class Credentials:
    """Who calls: an IAM user's name and password, an access key, or a ready-made token."""

    def __new__(cls, **fields: Unpack[CredentialFields]) -> Self: ...
    @staticmethod
    def chain() -> Credentials: ...

@final
class VideoSettings:
    """What ``set_video_settings`` sends: one to six settings, one per pair of network and codec."""

    __match_args__: Final = ("settings",)
    def __new__(cls, settings: Iterable[VideoSetting] | None = None) -> Self: ...
    @staticmethod
    def default() -> VideoSettings:
        """All six pairs with the rates of the service's own example."""
    @staticmethod
    def uniform(p540: VideoSpec, p720: VideoSpec, p1080: VideoSpec) -> VideoSettings: ...
    def setting(self, network: Network | str, codec: Codec | str) -> VideoSetting | None:
        """The setting of a pair, or None."""
    def with_setting(self, setting: VideoSetting) -> VideoSettings:
        """The same settings with this one in the place of the one for its pair, or added."""
    @property
    def settings(self) -> tuple[VideoSetting, ...]: ...
    def __iter__(self) -> Iterator[VideoSetting]: ...
    def __len__(self) -> int: ...
    def asdict(self, *, secrets: bool = False) -> dict[str, Any]:
        """The settings as plain data, ready for JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[VideoSettings], tuple[tuple[VideoSetting, ...]]]: ...

def command(arguments: list[str], /) -> int: ...
def _restore(name: str, text: str, /) -> Any: ...
def _all_ok(results: tuple[Any, ...], /) -> bool: ...
def _raise_for_errors(results: tuple[Any, ...], /) -> None: ...
