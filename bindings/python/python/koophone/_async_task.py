"""The task of the client for asyncio."""

from __future__ import annotations

from ._base import TaskBase
from ._loop import run, run_with_progress

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import timedelta
    from typing import Any

    from ._koophone import CancelToken, JobResult, Progress, TaskStatus
    from ._results import Results


class AsyncTask(TaskBase):
    """As `koophone.Task`, awaited. ``await task`` is ``await task.wait()``."""

    __slots__ = ()

    async def poll(
        self,
        *,
        timeout: float | timedelta | None = None,
        cancel: CancelToken | None = None,
        traceparent: str | None = None,
    ) -> TaskStatus:
        """Reads the state of every job once. See `koophone.Task.poll`."""
        return await run(self._native.begin_poll, timeout, cancel, traceparent)

    async def wait(
        self,
        timeout: float | timedelta | None = None,
        *,
        on_progress: Callable[[Progress], object] | None = None,
        cancel: CancelToken | None = None,
        traceparent: str | None = None,
        check: bool = False,
    ) -> Results[JobResult]:
        """Waits until every job has ended. See `koophone.Task.wait`. ``on_progress`` is called by the event loop."""
        begin = self._native.begin_wait
        return await run_with_progress(on_progress, begin, on_progress, timeout, cancel, check, traceparent)

    def __await__(self) -> Generator[Any, None, Results[JobResult]]:
        return self.wait().__await__()
