"""What ``check=True`` does: all phones or an exception."""

from __future__ import annotations

from ._errors import KooPhoneError

__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from ._async_client import AsyncTask
    from ._client import Task
    from ._results import Results, T

    TaskT = TypeVar("TaskT", Task, AsyncTask)


def checked(results: Results[T], check: bool) -> Results[T]:
    return results.raise_for_errors() if check else results


def checked_task(task: TaskT, check: bool) -> TaskT:
    """Raises where nothing was started on some phones. The others' task must not be lost by it."""
    try:
        checked(task.phones, check)
    except KooPhoneError as error:
        error.saved_task = task.save()
        raise
    return task
