"""The task of the blocking client."""

from __future__ import annotations

from ._base import TaskBase

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from ._koophone import CancelToken, JobResult, Progress, TaskStatus
    from ._results import Results


class Task(TaskBase):
    """Work under way on many phones, a command or a reset for example (任务). It holds the only record of which job
    belongs to which phone: keep it, or ``save()`` it."""

    __slots__ = ()

    def poll(
        self,
        *,
        timeout: float | timedelta | None = None,
        cancel: CancelToken | None = None,
        traceparent: str | None = None,
    ) -> TaskStatus:
        """Reads the state of every job once. Service call: ``GET tasks/{task_id}``.

        Raises:
            KooPhoneError: the state cannot be read; the class says why, see `Client`.
        """
        return self._native.poll(timeout, cancel, traceparent)

    def wait(
        self,
        timeout: float | timedelta | None = None,
        *,
        on_progress: Callable[[Progress], object] | None = None,
        cancel: CancelToken | None = None,
        traceparent: str | None = None,
        check: bool = False,
    ) -> Results[JobResult]:
        """Waits until every job has ended. Service call: ``GET tasks/{task_id}``, with growing intervals
        (0.1 s to 5 s).

        Args:
            timeout: How long to wait, in seconds (or a `timedelta`). Default: as long as the task takes.
            on_progress: Called once at the beginning and at every change, on this thread. It may make calls too, and
            what it
                raises ends the waiting. See `progress_bar` for tqdm.
            cancel: A `CancelToken` that ends the waiting from elsewhere.
            traceparent: The W3C trace context that the requests belong to.
            check: Whether to raise the first error of a phone; ``error.results`` is then the list.

        Returns:
            One `JobResult` per phone, in the order asked.

        Raises:
            TimeoutError: the time is up. ``last_jobs`` is the last known state; the task itself continues and can be
            waited
                for again.
            KooPhoneError: the state cannot be read; the class says why, see `Client`.

        >>> import koophone
        >>> with koophone.Emulator(phones=2) as emulator, emulator.client() as client:
        ...     task = client.start_command(emulator.instance_ids, "true")
        ...     seen = []
        ...     results = task.wait(timeout=30, on_progress=lambda p: seen.append((p.succeeded, p.total)))
        >>> seen[0], seen[-1], results.all_ok
        ((0, 2), (2, 2), True)
        """
        return self._native.wait(on_progress, timeout, cancel, check, traceparent)
