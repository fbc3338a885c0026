"""The blocking client."""

from __future__ import annotations

from ._checked import checked, checked_task
from ._config import native_client
from ._errors import InvalidArgumentError

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import timedelta
    from typing import NoReturn

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


class Client:
    """A client whose calls block. Threads may share it; a forked child may go on with it; it cannot be pickled.

    ``credentials`` say who calls. Without them the provider chain looks: environment, profile file, metadata service.
    ``settings`` are those of the core, by name (see `Settings`); what is not given is taken from the
    environment (``KOOPHONE_*``). ``environment`` stands in for the process's environment: ``{}`` ignores it. What is
    wrong raises `InvalidArgumentError` or `ConfigurationError` here; nothing is sent.

    Every call takes

    - ``timeout``: total deadline in seconds (or a `timedelta`), instead of the client's;
    - ``cancel``: a `CancelToken` that stops it from another thread, where it then raises `CancelledError`;
    - ``repeatable``, where a call changes something: your word that doing it twice does no harm. Without it a call that
      may have been executed is never sent again, and raises `OutcomeUnknownError`.

    Calls release the interpreter's lock, are interrupted by Ctrl-C, and raise `KooPhoneError`. Progress callbacks, signal
    handlers and handlers of `logging` may call the client too.

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

    def run_command(
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
        its error (``outcome_unknown``, a deadline or a cancellation in mid-flight included), however many batches. With
        ``check`` the first phone's error is raised instead, and ``error.results`` is the list.

        A command has at most 1,024 bytes. The service documents letters, digits, blank and ``_ . / : -``; it may refuse a
        command with any other character.

        For short commands: the gateway gives up after a time, and then the outcome is unknown. Output is at most 1,024
        bytes.

        >>> import koophone
        >>> with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
        ...     results = client.run_command(emulator.instance_ids, "getprop ro.product.brand", timeout=10)
        >>> results[0].state, results.all_ok
        (<JobState.SUCCEEDED: 'succeeded'>, True)
        """
        return checked(self._native.run_command(instance_ids, command).wait(timeout, repeatable, cancel), check)

    def start_command(
        self,
        instance_ids: Iterable[str],
        command: str,
        *,
        timeout: float | timedelta | None = None,
        repeatable: bool = False,
        cancel: CancelToken | None = None,
        check: bool = False,
    ) -> Task:
        """Starts a shell command on every phone. Service call: ``async-command``.

        An exception means that nothing happened on any phone; otherwise a list is returned, and each phone has its result or
        its error (``outcome_unknown``, a deadline or a cancellation in mid-flight included), however many batches. With
        ``check`` the first error of a phone where nothing was started is raised instead; ``error.results`` are the task's
        phones, and ``error.saved_task`` is for `resume_task`.

        A command has at most 1,024 bytes. The service documents letters, digits, blank and ``_ . / : -``; it may refuse a
        command with any other character.

        The `Task` knows the job of every phone; ``task.wait()`` follows it.

        >>> import koophone
        >>> with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
        ...     task = client.start_command(emulator.instance_ids, "true")
        ...     [result.state.value for result in task.wait(timeout=30)]
        ['succeeded']
        """
        emulator = self._emulator
        native = self._native.start_command(instance_ids, command).wait(timeout, repeatable, cancel)
        return checked_task(Task(native, emulator), check)

    def get_task(
        self, task_id: str, *, timeout: float | timedelta | None = None, cancel: CancelToken | None = None
    ) -> TaskStatus:
        """Reads the state of all jobs of one task. Service call: ``tasks/{task_id}``.

        The service's answer names jobs, not phones; a `Task` knows which is which.

        >>> import koophone
        >>> with koophone.Emulator(phones=3) as emulator, emulator.client() as client:
        ...     task = client.start_command(emulator.instance_ids, "true")
        ...     client.get_task(task.task_ids[0]).progress.total
        3
        """
        return self._native.get_task(task_id).wait(timeout, False, cancel)  # type: ignore[no-any-return]

    def set_video_settings(
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
        its error (``outcome_unknown``, a deadline or a cancellation in mid-flight included), however many batches. With
        ``check`` the first phone's error is raised instead, and ``error.results`` is the list.

        >>> import koophone
        >>> with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
        ...     client.set_video_settings(emulator.instance_ids, koophone.VideoSettings()).all_ok
        True
        """
        return checked(self._native.set_video_settings(instance_ids, video).wait(timeout, False, cancel), check)

    def query_status(
        self,
        instance_ids: Iterable[str],
        *,
        timeout: float | timedelta | None = None,
        cancel: CancelToken | None = None,
        check: bool = False,
    ) -> Results[InstanceStatus]:
        """Reads the state of phones. Service call: ``batch-query-status``.

        An exception means that nothing happened on any phone; otherwise a list is returned, and each phone has its result or
        its error (``outcome_unknown``, a deadline or a cancellation in mid-flight included), however many batches. With
        ``check`` the first phone's error is raised instead, and ``error.results`` is the list.

        >>> import koophone
        >>> with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
        ...     [(phone.state.value, phone.status) for phone in client.query_status(emulator.instance_ids)]
        [('running', 2)]
        """
        return checked(self._native.query_status(instance_ids).wait(timeout, False, cancel), check)

    def reset_instances(
        self,
        instance_ids: Iterable[str],
        *,
        timeout: float | timedelta | None = None,
        repeatable: bool = False,
        cancel: CancelToken | None = None,
        check: bool = False,
    ) -> Task:
        """Returns phones to factory state: **user data is lost**. Service call: ``batch-reset``.

        An exception means that nothing happened on any phone; otherwise a list is returned, and each phone has its result or
        its error (``outcome_unknown``, a deadline or a cancellation in mid-flight included), however many batches. With
        ``check`` the first error of a phone where nothing was started is raised instead; ``error.results`` are the task's
        phones, and ``error.saved_task`` is for `resume_task`.

        Older services only accept, and give no task to follow (``task.can_be_followed``).

        >>> import koophone
        >>> with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
        ...     client.reset_instances(emulator.instance_ids).wait(timeout=30).all_ok
        True
        """
        emulator = self._emulator
        native = self._native.reset_instances(instance_ids).wait(timeout, repeatable, cancel)
        return checked_task(Task(native, emulator), check)

    def get_device_token(
        self, instance_id: str, *, timeout: float | timedelta | None = None, cancel: CancelToken | None = None
    ) -> DeviceAuthorization:
        """Gets the credential and addresses to stream from one phone. Service call: ``{instance_id}/auth``.

        >>> import koophone
        >>> with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
        ...     authorization = client.get_device_token(emulator.instance_ids[0])
        >>> authorization.token in repr(authorization)
        False
        """
        return self._native.get_device_token(instance_id).wait(timeout, False, cancel)  # type: ignore[no-any-return]

    def login(
        self, *, timeout: float | timedelta | None = None, cancel: CancelToken | None = None
    ) -> Identity:
        """Makes sure that there is a credential, logging in if necessary, and says whose it is. Service call: IAM's
        ``auth/tokens``, for a user's password.

        >>> import koophone
        >>> with koophone.Emulator() as emulator, emulator.client() as client:
        ...     client.login().method
        'password'
        """
        return self._native.login().wait(timeout, False, cancel)  # type: ignore[no-any-return]

    def resume_task(self, saved: str) -> Task:
        """Takes up a task again, perhaps in another process: ``saved`` is what ``task.save()`` gave, or one or more bare
        task ids with commas between. Nothing is sent.

        >>> import koophone
        >>> with koophone.Emulator(phones=2) as emulator, emulator.client() as client:
        ...     saved = client.start_command(emulator.instance_ids, "true").save()
        ...     client.resume_task(saved).wait(timeout=30).all_ok
        True
        """
        return Task(self._native.resume_task(saved), self._emulator)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets the client's connections and token go. Its calls raise `InvalidArgumentError` from then on; its tasks go
        on."""
        self._native = _Closed()  # type: ignore[assignment]
        self._emulator = None

    def __repr__(self) -> str:
        return repr(self._native)


class _Closed:
    """Stands where a closed client's native half was."""

    def __getattr__(self, name: str) -> NoReturn:
        raise InvalidArgumentError("the client is closed; make a new one", argument="client")

    def __repr__(self) -> str:
        return "Client(closed)"


class Task:
    """A command or reset under way on many phones (任务). It holds the only record of which job belongs to which phone:
    keep it, or ``save()`` it."""

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
        """The task as one line of text for a file or another process. Holds no secret. `Client.resume_task` takes it up."""
        return self._native.save()

    def poll(
        self, *, timeout: float | timedelta | None = None, cancel: CancelToken | None = None
    ) -> TaskStatus:
        """Reads the state of every job once. Service call: ``tasks/{task_id}``."""
        return self._native.poll().wait(timeout, False, cancel)  # type: ignore[no-any-return]

    def wait(
        self,
        timeout: float | timedelta | None = None,
        *,
        on_progress: Callable[[Progress], object] | None = None,
        cancel: CancelToken | None = None,
        check: bool = False,
    ) -> Results[JobResult]:
        """Waits until every job has ended. Service call: ``tasks/{task_id}``, with growing intervals (0.1 s to 5 s).

        ``timeout`` is in seconds; without it this takes as long as the task takes. When the time is up it raises
        `TimeoutError`, whose ``last_jobs`` hold the last known state; the task itself goes on and can be waited for again.
        ``on_progress`` is called once at the beginning and at every change, on this thread, and may make calls too; what it
        raises ends the waiting. See `progress_bar` for tqdm. With ``check`` the first phone's error is raised, and
        ``error.results`` is the list.

        >>> import koophone
        >>> with koophone.Emulator(phones=2) as emulator, emulator.client() as client:
        ...     task = client.start_command(emulator.instance_ids, "true")
        ...     seen = []
        ...     results = task.wait(timeout=30, on_progress=lambda p: seen.append((p.succeeded, p.total)))
        >>> seen[0], seen[-1], results.all_ok
        ((0, 2), (2, 2), True)
        """
        return checked(self._native.wait().wait(timeout, False, cancel, on_progress), check)

    def __repr__(self) -> str:
        return f"<Task {self.operation} {','.join(self.task_ids)} phones={len(self.phones)}>"
