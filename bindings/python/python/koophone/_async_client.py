"""The client for asyncio: the calls of `koophone.Client`, awaited."""

from __future__ import annotations

from ._client import _Closed
from ._checked import checked, checked_task
from ._config import native_client
from ._loop import run

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from datetime import timedelta
    from typing import Any

    from typing_extensions import Self, Unpack

    from ._koophone import (
        CancelToken,
        CommandResult,
        Credentials,
        DeviceAuthorization,
        Identity,
        InstanceOutcome,
        InstanceStatus,
        JobResult,
        NativeTask,
        Progress,
        TaskPhone,
        TaskStatus,
        VideoSettings,
    )
    from ._emulator import Emulator
    from ._results import Results
    from ._settings import Settings


class AsyncClient:
    """A client for asyncio. Settings, options, answers and errors are those of `koophone.Client`.

    Calls run on the core's own threads, and cancelling the task that awaits one cancels the call. One client may serve any
    number of event loops. Under trio, where there is none of asyncio, a call raises `InvalidArgumentError`.

    >>> import asyncio, koophone
    >>> async def main(emulator):
    ...     async with emulator.async_client() as client:
    ...         task = await client.start_command(emulator.instance_ids, "true")
    ...         results = await task
    ...         return results.all_ok
    >>> with koophone.Emulator(phones=8) as emulator:
    ...     asyncio.run(main(emulator))
    True
    """

    # The emulator it belongs to, kept alive as long as it may be called.
    __slots__ = ("__weakref__", "_emulator", "_native")

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        **settings: Unpack[Settings],
    ) -> None:
        self._native = native_client(credentials, settings, environment)
        self._emulator: Emulator | None = None

    async def run_command(
        self,
        instance_ids: Iterable[str],
        command: str,
        *,
        timeout: float | timedelta | None = None,
        repeatable: bool = False,
        cancel: CancelToken | None = None,
        check: bool = False,
    ) -> Results[CommandResult]:
        """Runs a shell command on every phone and waits for every result. Service call: ``sync-command``.

        An exception means that nothing happened on any phone; otherwise a list is returned, and each phone has its result or
        its error (``outcome_unknown``, a deadline or a cancellation in mid-flight included), however many batches.

        A command has at most 1,024 bytes. The service documents letters, digits, blank and ``_ . / : -``; it may refuse a
        command with any other character.

        See `Client.run_command`.
        """
        return checked(await run(self._native.run_command(instance_ids, command), timeout, repeatable, cancel), check)

    async def start_command(
        self,
        instance_ids: Iterable[str],
        command: str,
        *,
        timeout: float | timedelta | None = None,
        repeatable: bool = False,
        cancel: CancelToken | None = None,
        check: bool = False,
    ) -> AsyncTask:
        """Starts a shell command on every phone. Service call: ``async-command``.

        An exception means that nothing happened on any phone; otherwise a list is returned, and each phone has its result or
        its error (``outcome_unknown``, a deadline or a cancellation in mid-flight included), however many batches.

        A command has at most 1,024 bytes. The service documents letters, digits, blank and ``_ . / : -``; it may refuse a
        command with any other character.

        See `Client.start_command`.
        """
        emulator = self._emulator
        native = await run(self._native.start_command(instance_ids, command), timeout, repeatable, cancel)
        return checked_task(AsyncTask(native, emulator), check)

    async def get_task(
        self, task_id: str, *, timeout: float | timedelta | None = None, cancel: CancelToken | None = None
    ) -> TaskStatus:
        """Reads the state of all jobs of one task. Service call: ``tasks/{task_id}``.

        See `Client.get_task`.
        """
        return await run(self._native.get_task(task_id), timeout, False, cancel)  # type: ignore[no-any-return]

    async def set_video_settings(
        self,
        instance_ids: Iterable[str],
        video: VideoSettings,
        *,
        timeout: float | timedelta | None = None,
        cancel: CancelToken | None = None,
        check: bool = False,
    ) -> Results[InstanceOutcome]:
        """Sets bit rates (kbit/s) and frame rates of the video stream. Service call: ``video-setting``.

        An exception means that nothing happened on any phone; otherwise a list is returned, and each phone has its result or
        its error (``outcome_unknown``, a deadline or a cancellation in mid-flight included), however many batches.

        See `Client.set_video_settings`.
        """
        return checked(await run(self._native.set_video_settings(instance_ids, video), timeout, False, cancel), check)

    async def query_status(
        self,
        instance_ids: Iterable[str],
        *,
        timeout: float | timedelta | None = None,
        cancel: CancelToken | None = None,
        check: bool = False,
    ) -> Results[InstanceStatus]:
        """Reads the state of phones. Service call: ``batch-query-status``.

        An exception means that nothing happened on any phone; otherwise a list is returned, and each phone has its result or
        its error (``outcome_unknown``, a deadline or a cancellation in mid-flight included), however many batches.

        See `Client.query_status`.
        """
        return checked(await run(self._native.query_status(instance_ids), timeout, False, cancel), check)

    async def reset_instances(
        self,
        instance_ids: Iterable[str],
        *,
        timeout: float | timedelta | None = None,
        repeatable: bool = False,
        cancel: CancelToken | None = None,
        check: bool = False,
    ) -> AsyncTask:
        """Returns phones to factory state: **user data is lost**. Service call: ``batch-reset``.

        An exception means that nothing happened on any phone; otherwise a list is returned, and each phone has its result or
        its error (``outcome_unknown``, a deadline or a cancellation in mid-flight included), however many batches.

        See `Client.reset_instances`.
        """
        emulator = self._emulator
        native = await run(self._native.reset_instances(instance_ids), timeout, repeatable, cancel)
        return checked_task(AsyncTask(native, emulator), check)

    async def get_device_token(
        self, instance_id: str, *, timeout: float | timedelta | None = None, cancel: CancelToken | None = None
    ) -> DeviceAuthorization:
        """Gets the credential and addresses to stream from one phone. Service call: ``{instance_id}/auth``.

        See `Client.get_device_token`.
        """
        return await run(self._native.get_device_token(instance_id), timeout, False, cancel)  # type: ignore[no-any-return]

    async def login(
        self, *, timeout: float | timedelta | None = None, cancel: CancelToken | None = None
    ) -> Identity:
        """Makes sure that there is a credential, logging in if necessary, and says whose it is. Service call: IAM's
        ``auth/tokens``, for a user's password.

        See `Client.login`.
        """
        return await run(self._native.login(), timeout, False, cancel)  # type: ignore[no-any-return]

    def resume_task(self, saved: str) -> AsyncTask:
        """Takes up a task again, perhaps in another process. Nothing is sent.

        See `Client.resume_task`.
        """
        return AsyncTask(self._native.resume_task(saved), self._emulator)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def aclose(self) -> None:
        """The same as ``close()``, for what closes asynchronous objects, such as `contextlib.aclosing`."""
        self.close()

    def close(self) -> None:
        """Lets the client's connections and token go. Its calls raise `InvalidArgumentError` from then on; its tasks go
        on."""
        self._native = _Closed()  # type: ignore[assignment]
        self._emulator = None

    def __repr__(self) -> str:
        return f"Async{self._native!r}"


class AsyncTask:
    """A command or reset under way on many phones (任务). ``await task`` waits for its end. It holds the only record of
    which job belongs to which phone: keep it, or ``save()`` it."""

    __slots__ = ("_emulator", "_native")

    def __init__(self, native: NativeTask, emulator: Emulator | None = None) -> None:
        self._native = native
        self._emulator = emulator

    @property
    def operation(self) -> str:
        """Which operation started it: ``start_command``, ``reset_instances``, or ``unknown`` for a bare id."""
        return self._native.operation

    @property
    def task_ids(self) -> tuple[str, ...]:
        """The service's task ids: one per request that was sent."""
        return self._native.task_ids

    @property
    def phones(self) -> Results[TaskPhone]:
        """One entry per phone, in the order asked; ``phones.failed`` are those where nothing was started. Empty for a task resumed from a bare id."""
        return self._native.phones

    @property
    def can_be_followed(self) -> bool:
        """Whether the service gave anything to follow. Older services accept a reset without a task."""
        return self._native.can_be_followed

    def save(self) -> str:
        """The task as one line of text. Holds no secret. ``resume_task`` of either client takes it up."""
        return self._native.save()

    async def poll(
        self, *, timeout: float | timedelta | None = None, cancel: CancelToken | None = None
    ) -> TaskStatus:
        """Reads the state of every job once. Service call: ``tasks/{task_id}``."""
        return await run(self._native.poll(), timeout, False, cancel)  # type: ignore[no-any-return]

    async def wait(
        self,
        timeout: float | timedelta | None = None,
        *,
        on_progress: Callable[[Progress], object] | None = None,
        cancel: CancelToken | None = None,
        check: bool = False,
    ) -> Results[JobResult]:
        """Waits until every job has ended. Service call: ``tasks/{task_id}``, with growing intervals (0.1 s to 5 s).

        See `Task.wait`. ``on_progress`` is called by the event loop; what it raises ends the waiting. With ``check`` the
        first phone's error is raised, and ``error.results`` is the list.
        """
        return checked(await run(self._native.wait(), timeout, False, cancel, on_progress), check)

    def __await__(self) -> Generator[Any, None, Results[JobResult]]:
        return self.wait().__await__()

    def __repr__(self) -> str:
        return f"<AsyncTask {self.operation} {','.join(self.task_ids)} phones={len(self.phones)}>"
