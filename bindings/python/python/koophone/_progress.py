"""Shows the progress of a task."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._koophone import Progress


def progress_bar(bar: Any) -> Callable[[Progress], None]:
    """A progress callback that moves a bar of tqdm, or any other with ``total``, ``n`` and ``refresh()``.

    >>> import koophone, io
    >>> from tqdm import tqdm
    >>> with koophone.Emulator(phones=2) as emulator, emulator.client() as client:
    ...     with tqdm(file=io.StringIO(), unit="phone") as bar:
    ...         task = client.start_command(emulator.instance_ids, "true")
    ...         results = task.wait(on_progress=koophone.progress_bar(bar))
    >>> bar.n, bar.total
    (2, 2)
    """

    def show(progress: Progress) -> None:
        bar.total = progress.total
        bar.n = progress.succeeded + progress.failed
        bar.refresh()

    return show
