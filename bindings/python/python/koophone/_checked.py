"""What ``check=True`` does: all phones or an exception."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from ._async_client import AsyncTask
    from ._client import Task
    from ._results import Results, T

    TaskT = TypeVar("TaskT", Task, AsyncTask)


def checked(results: Results[T], check: bool) -> Results[T]:
    __tracebackhide__ = True
    return results.raise_for_errors() if check else results


def checked_task(task: TaskT, check: bool) -> TaskT:
    """Raises where nothing was started on some phones. The others' task must not be lost by it."""
    __tracebackhide__ = True
    error = next((phone.error for phone in task.phones if phone.error is not None), None) if check else None
    if error is None:
        return task
    error.results, error.saved_task = task.phones, task.save()
    raise error
